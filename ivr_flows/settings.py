"""The section of hotline.toml that belongs to this room."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class FlowSettings(BaseModel):
    """[ivr_flows]: which flow answers the calls."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    file: Path | None = None
    """A flow file; without it the built-in default flow."""
