"""The section of hotline.toml that belongs to this room."""

from pydantic import BaseModel, ConfigDict, Field


class StorageSettings(BaseModel):
    """[storage]: where calls, tickets, users and the audit trail are kept."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    url: str = Field("", pattern=r"^$|^(sqlite|postgresql)(\+\w+)?://")
    """postgresql://user:password@host/database for a large site; empty: SQLite in the data directory."""

    busy_timeout_ms: int = Field(5000, ge=100, le=60000)
    """How long a write waits for another one before it is refused (and, for events, comes again)."""

    pool_size: int = Field(5, ge=1, le=100)
    """Connections kept open."""
