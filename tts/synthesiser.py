"""What the hotline asks of a speech synthesiser, and the sound that it gives."""

from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from tts.telephone import telephone_alaw


class Sound(msgspec.Struct, frozen=True):
    """Mono speech. samples: float32, one dimension, about −1..1; rate_hz: samples a second."""

    samples: NDArray[np.float32]
    rate_hz: int

    @property
    def duration_ms(self) -> int:
        return len(self.samples) * 1000 // self.rate_hz

    def pcm(self) -> NDArray[np.int16]:
        """int16 samples at the same rate, clipped."""
        return (np.clip(self.samples, -1.0, 1.0) * 32767).astype(np.int16)

    def alaw(self) -> bytes:
        """A-law at 8 kHz, band-limited and levelled for the telephone."""
        return telephone_alaw(self.samples, self.rate_hz)


class Synthesiser(Protocol):
    """A voice engine. Calls block for about the length of the speech; use a thread or a process of its own."""

    engine: str
    """Name and version; whatever changes the sound changes this, and with it the prompts' cache keys."""

    def synthesise(self, text: str, voice: str, speed: float) -> Sound:
        """The text spoken, without silence at its ends. ModelError for an unknown voice, AudioError for no words."""
