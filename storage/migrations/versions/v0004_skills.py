"""What each agent can, and whether their telephone answers by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns more; nothing that is there changes."""
    op.add_column("users", sa.Column("skills", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("users", sa.Column("auto_answer", sa.Boolean(), nullable=False, server_default=sa.false()))
