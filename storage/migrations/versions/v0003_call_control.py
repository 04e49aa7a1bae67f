"""Calls that we place, calls that change hands, and how people talk in them now."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns and a table more; the agents of the calls so far are put into it."""
    op.add_column("calls", sa.Column("direction", sa.String(length=8), nullable=False, server_default="in"))
    op.add_column("calls", sa.Column("talk", sa.Text(), nullable=True))
    op.create_table(
        "call_agents",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name=op.f("fk_call_agents_call_id")),
        sa.PrimaryKeyConstraint("call_id", "agent_id", name=op.f("pk_call_agents")),
    )
    op.create_index(op.f("ix_call_agents_agent_id"), "call_agents", ["agent_id"])
    op.execute(
        "INSERT INTO call_agents (call_id, agent_id, place) "
        "SELECT call_id, agent_id, 0 FROM calls WHERE agent_id <> '' AND connected_at_ms IS NOT NULL"
    )
