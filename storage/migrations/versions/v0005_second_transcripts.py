"""The second transcripts of calls, kept apart from the live one by version."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables more; nothing that is there changes."""
    op.create_table(
        "transcripts",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name=op.f("fk_transcripts_call_id")),
        sa.PrimaryKeyConstraint("call_id", "version", name=op.f("pk_transcripts")),
    )
    op.create_table(
        "transcript_utterances",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("utterance_id", sa.String(length=128), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name=op.f("fk_transcript_utterances_call_id")),
        sa.PrimaryKeyConstraint("call_id", "version", "utterance_id", name=op.f("pk_transcript_utterances")),
    )
