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

    reported_clock: Literal["ring", "menu_end", "queue"] = "ring"
    """The clock in large figures on the desk: from the ringing of the line, from the end of the menu, or from entering
    the queue. Sources differ on when the 15 seconds begin. From the ringing on is the strictest: no call is in time by
    it that is late by another, and a long menu cannot make the hotline look faster. All three are always shown."""

    short_abandon_ms: int = Field(5000, ge=0, le=60_000)
    """A caller who hangs up within this time of being queued counts as 'at once'."""

    utc_offset_hours: int = Field(8, ge=-12, le=14)
    """Where the hotline's day begins and ends (China: 8)."""
