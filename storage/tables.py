"""Every table. Times are wall clock (Unix, ms) unless the name says otherwise; bodies are JSON of the domain types."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

users = Table(
    "users",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("display_name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("agent_id", String(32), unique=True),
    Column("extension", String(32), nullable=False),
    Column("password_hash", String(256), nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("skills", Text, nullable=False, server_default="{}"),
    Column("auto_answer", Boolean, nullable=False, server_default=false()),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
)

calls = Table(
    "calls",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("caller_number", Text, nullable=False),
    Column("called_number", Text, nullable=False),
    Column("trunk", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("agent_id", String(32), nullable=False),
    Column("arrived_at_ms", BigInteger, index=True),
    Column("answered_at_ms", BigInteger),
    Column("menu_ended_at_ms", BigInteger),
    Column("queued_at_ms", BigInteger, index=True),
    Column("connected_at_ms", BigInteger),
    Column("ended_at_ms", BigInteger),
    Column("ended_by", String(16), nullable=False),
    Column("end_cause", Text, nullable=False),
    Column("direction", String(8), nullable=False, server_default="in"),
    Column("talk", Text),
    Index(None, "agent_id", "arrived_at_ms"),
)
"""A row whose arrived_at_ms is null only holds the place of a call whose own events are still to come."""

call_agents = Table(
    "call_agents",
    metadata,
    Column("call_id", ForeignKey("calls.call_id"), primary_key=True),
    Column("agent_id", String(32), primary_key=True, index=True),
    Column("place", Integer, nullable=False),
)
"""Who has talked in the call; place: who came when, from 0."""

call_events = Table(
    "call_events",
    metadata,
    Column("call_id", ForeignKey("calls.call_id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)

utterances = Table(
    "utterances",
    metadata,
    Column("utterance_id", String(96), primary_key=True),
    Column("call_id", ForeignKey("calls.call_id"), nullable=False, index=True),
    Column("recognised_at_ms", BigInteger, nullable=False),
    Column("start_ms", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)

transcripts = Table(
    "transcripts",
    metadata,
    Column("call_id", ForeignKey("calls.call_id"), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)
"""How far each version of a call's second transcript is."""

transcript_utterances = Table(
    "transcript_utterances",
    metadata,
    Column("call_id", ForeignKey("calls.call_id"), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("utterance_id", String(128), primary_key=True),
    Column("start_ms", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)
"""The words of second transcripts; those heard live stand in `utterances`."""

speech_health = Table(
    "speech_health",
    metadata,
    Column("call_id", ForeignKey("calls.call_id"), primary_key=True),
    Column("side", String(16), primary_key=True),
    Column("health", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("call_id", ForeignKey("calls.call_id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

suggestions = Table(
    "suggestions",
    metadata,
    Column("call_id", ForeignKey("calls.call_id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("call_id", ForeignKey("calls.call_id"), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("number", String(32), unique=True),
    Column("version", Integer, nullable=False),
    Column("submitted_at_ms", BigInteger),
    Column("submitted_by", String(32)),
)

ticket_edits = Table(
    "ticket_edits",
    metadata,
    Column("call_id", ForeignKey("tickets.call_id"), primary_key=True),
    Column("field", String(32), primary_key=True),
    Column("value", Text, nullable=False),
    Column("edited_by", String(32), nullable=False),
    Column("edited_at_ms", BigInteger, nullable=False),
)

ticket_numbers = Table(
    "ticket_numbers",
    metadata,
    Column("day", String(32), primary_key=True),
    Column("last", Integer, nullable=False),
)

recordings = Table(
    "recordings",
    metadata,
    Column("call_id", ForeignKey("calls.call_id"), primary_key=True),
    Column("path", Text, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("finished_at_ms", BigInteger, nullable=False),
)

inspections = Table(
    "inspections",
    metadata,
    Column("call_id", ForeignKey("calls.call_id"), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("score", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

agents = Table(
    "agents",
    metadata,
    Column("agent_id", String(32), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)

agent_states = Table(
    "agent_states",
    metadata,
    Column("agent_id", String(32), primary_key=True),
    Column("since_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String(16), primary_key=True),
    Column("call_id", String(64), nullable=False),
    Index(None, "since_ms"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False, index=True),
    Column("user_id", String(32), nullable=False),
    Column("action", String(32), nullable=False),
    Column("call_id", String(64), nullable=False, index=True),
    Column("detail", Text, nullable=False),
    Column("source", String(64), nullable=False),
)
"""Who looked at, played or changed what. Triggers refuse UPDATE and DELETE."""
