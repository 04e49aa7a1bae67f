"""The section of hotline.toml that belongs to this room."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ServiceLevelSettings(BaseModel):
    """[service_level]: how the 15-second standard is counted."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    threshold_ms: int = Field(15000, ge=1000, le=600_000)
    """Answered by a person within this time counts as in time (GB/T 33358-2016: 15 s)."""

    formula: Literal["answered", "offered", "offered_less_short"] = "answered"
    """Calls answered in time ÷ (answered | offered to people | offered less those who hung up at once)."""

    short_abandon_ms: int = Field(5000, ge=0, le=60_000)
    """A caller who hangs up within this time of being queued counts as 'at once'."""

    utc_offset_hours: int = Field(8, ge=-12, le=14)
    """Where the hotline's day begins and ends (China: 8)."""
