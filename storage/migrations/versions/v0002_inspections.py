"""The results of quality inspection."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table more; nothing that is there changes."""
    op.create_table(
        "inspections",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name=op.f("fk_inspections_call_id")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_inspections")),
    )
