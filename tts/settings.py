"""The section of hotline.toml that belongs to this room."""

from pydantic import BaseModel, ConfigDict, Field


class TtsSettings(BaseModel):
    """[tts]: how the hotline's own prompts sound. A change makes the prompts be rendered anew."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    voice: str = Field("zf_xiaobei", pattern="^z[fm]_[a-z]+$")
    """A Chinese voice of Kokoro: zf_xiaobei, zf_xiaoni, zf_xiaoxiao, zf_xiaoyi, zm_yunjian, zm_yunxi, …"""

    threads: int = Field(1, ge=1, le=64)
    """CPU threads of one rendering."""

    speed: float = Field(1.2, ge=0.5, le=2.0)
    """1.0 is the voice's own pace; 1.2 is a clerk's, about 4.8 syllables a second."""
