"""The section of hotline.toml that belongs to this room."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class BusSettings(BaseModel):
    """Where NATS is, and how long it keeps what was said."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    """Where the embedded nats-server listens."""

    port: int = Field(14222, ge=1, le=65535)

    url: str = ""
    """An external NATS (nats://host:4222, several separated by commas) instead of the embedded one."""

    user: str = ""
    password: str = ""
    """Of the external NATS; the embedded one has generated credentials in the data directory."""

    credentials_file: Path | None = None
    """A NATS .creds file for the external NATS, instead of user and password."""

    server_binary: Path | None = None
    """Another nats-server than the one that was installed with us."""

    replicas: int = Field(1, ge=1, le=5)
    """Copies of each stream; more than one needs a NATS cluster."""

    connect_timeout_s: float = Field(15.0, gt=0)
    """How long a role waits for NATS at its start before it gives up."""

    append_timeout_s: float = Field(1.0, gt=0)
    """How long an event waits for the stream's acknowledgement before it goes to the spool."""

    call_days: float = Field(7.0, gt=0)
    """Age of the streams of calls, speech and assistance."""

    agent_days: float = Field(30.0, gt=0)
    """Age of the last known state of agents and phones."""

    acd_days: float = Field(7.0, gt=0)
    """Age of the queue's own log."""

    job_days: float = Field(30.0, gt=0)
    """How long a job waits for a process that has time for it."""

    dedupe_hours: float = Field(1.0, gt=0)
    """An event that is appended twice within this time is kept once."""

    store_gib: float = Field(10.0, gt=0)
    """Most that JetStream may keep on disk (embedded server)."""

    spool_mib: float = Field(64.0, gt=0)
    """Most that one role may keep on disk while NATS is away; what comes after is lost and counted."""

    sync_s: float = Field(10.0, gt=0)
    """How often JetStream flushes to the disk; what a power cut (not a crash of the process) may cost."""
