"""The beginning of a voice that is not told while it may be only the echo of a prompt: it would end the prompt."""

from asr.crosstalk import Origin
from asr.side_sound import CallSounds
from domain.side import Side
from domain.speech import SpeechStarted

_OFTEN_MS, _SELDOM_MS = 1000, 300
"""A voice is looked at with each chunk so long, and then so often."""


class HeldStart:
    """One side's. Whatever is returned has to be told now."""

    def __init__(self, sounds: CallSounds, side: Side) -> None:
        self._sounds = sounds
        self._side = side
        self._held: SpeechStarted | None = None
        self._look_at_ms = 0

    @property
    def holds(self) -> bool:
        """Whether a voice goes on of which it is not known whose it is."""
        return self._held is not None

    def begins(self, started: SpeechStarted) -> SpeechStarted | None:
        """A voice began: told at once where nothing is played."""
        self._held, self._look_at_ms = started, 0
        return None if self._sounds.is_played(self._side, started.start_ms) else self.release()

    async def look(self, now_ms: int) -> SpeechStarted | None:
        """Its sound has come to here: told as soon as somebody speaks."""
        if self._held is None or now_ms < self._look_at_ms:
            return None
        lasts_ms = now_ms - self._held.start_ms
        self._look_at_ms = now_ms if lasts_ms < _OFTEN_MS else now_ms + _SELDOM_MS
        origin = await self._sounds.origin_so_far(self._side, self._held.start_ms)
        return self.release() if origin is Origin.OWN else None

    def release(self) -> SpeechStarted | None:
        """It is somebody's voice."""
        held, self._held = self._held, None
        return held

    def drop(self) -> None:
        """It was an echo."""
        self._held = None
