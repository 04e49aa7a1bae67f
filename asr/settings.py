"""The section of hotline.toml that belongs to this room."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class AsrSettings(BaseModel):
    """How speech is found, cut, and recognised."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    voice_activity: Literal["silero", "webrtc"] = "silero"
    """Who tells voice from noise; silero is the better one in noise."""

    workers: int = Field(0, ge=0, le=64)
    """Recognitions at once; 0: one for each core, four at most."""

    threads_per_worker: int = Field(1, ge=1, le=32)
    batch: int = Field(4, ge=1, le=16)
    """Utterances that one recognition may take together when some wait."""

    beam: int = Field(5, ge=1, le=10)
    """Hypotheses kept for finals; partials are greedy."""

    partial_every_ms: int = Field(1000, ge=200, le=10000)
    """Words are shown so often while somebody speaks; rarer as an utterance grows beyond four times this."""

    pre_roll_ms: int = Field(300, ge=0, le=1000)
    """Sound kept before the voice was noticed."""

    hang_over_ms: int = Field(500, ge=200, le=3000)
    """Silence that ends an utterance."""

    speculate_after_ms: int = Field(250, ge=100, le=3000)
    """Silence after which recognition of the final already begins, in case that the voice does not come back."""

    min_speech_ms: int = Field(200, ge=60, le=1000)
    longest_utterance_ms: int = Field(14000, ge=4000, le=20000)
    """Longer speech is cut at its quietest point."""

    max_streams: int = Field(0, ge=0, le=1000)
    """Streams that this process takes; 0: as many as it measures itself to be able to serve."""

    niceness: int = Field(5, ge=0, le=19)
    """How far recognition stands back behind the sound of the calls when the processor is short."""

    stream_timeout_s: float = Field(10.0, gt=0, le=600)
    """A stream on which nothing comes for so long is closed."""
