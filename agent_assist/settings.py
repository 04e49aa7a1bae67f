"""The section of hotline.toml that belongs to this room."""

from pydantic import BaseModel, ConfigDict


class AssistSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
