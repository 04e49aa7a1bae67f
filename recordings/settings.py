"""The section of hotline.toml that belongs to this room."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class RecordingSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    minimum_free_mb: int = Field(200, ge=0)
    """The service does not start with less free space than this (MB) in the data directory."""

    flush_every_s: float = Field(1.0, gt=0, le=10)
    """How much of a recording may be lost when the machine or the process dies."""

    queue_chunks: int = Field(20_000, ge=100)
    """Chunks of 100 ms that may wait for a slow disk, of all calls together; beyond that they are lost and counted."""

    scorecard: Path | None = None
    """A score sheet (YAML) for quality inspection; without it a built-in default, which is not a national rule."""
