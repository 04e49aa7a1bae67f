"""What both sides of a call have sounded like in the last seconds, on the call's media clock.

Each side's stream keeps its own sound here; the other one's asks whether it only hears its echo.
"""

import asyncio

from asr.crosstalk import LEAD_MS, is_crosstalk
from asr.recogniser import Samples
from domain.audio import AudioChunk
from domain.g711 import ALAW_SILENCE, RATE_HZ, alaw_decode
from domain.side import Side

_PER_MS = RATE_HZ // 1000
_KEPT_MS = 22_000
"""The longest utterance that the settings allow, and what is looked at before it."""
_FILLED_MS = 3000
_SILENCE = bytes([ALAW_SILENCE])


class SideSound:
    """One side's. A gap is silence; after a longer one only what follows is known."""

    def __init__(self) -> None:
        self._alaw = bytearray()
        self._end = 0

    def keep(self, chunk: AudioChunk) -> None:
        """Its next chunk; one that comes late or twice adds nothing."""
        start = chunk.media_ms * _PER_MS
        gap = start - self._end
        if not self._alaw or gap > _FILLED_MS * _PER_MS:
            self._alaw.clear()
            self._end, gap = start, 0
        self._alaw += _SILENCE * max(0, gap) + chunk.alaw[max(0, -gap) :]
        self._end = max(self._end, start + len(chunk.alaw))
        del self._alaw[: max(0, len(self._alaw) - _KEPT_MS * _PER_MS)]

    def cut(self, from_ms: int, to_ms: int) -> Samples:
        """From there as far as it has come, to_ms at most; what is not known before it is silence."""
        first = self._end - len(self._alaw)
        start, end = from_ms * _PER_MS, min(to_ms * _PER_MS, self._end)
        known = bytes(self._alaw[max(0, start - first) : max(0, end - first)])
        return alaw_decode(_SILENCE * min(max(0, end - start), max(0, first - start)) + known)


class CallSounds:
    """Both sides of one call, as far as one listener hears them."""

    def __init__(self) -> None:
        self._sides: dict[Side, SideSound] = {}

    def keep(self, side: Side, chunk: AudioChunk) -> None:
        self._sides.setdefault(side, SideSound()).keep(chunk)

    async def is_crosstalk(self, side: Side, own: Samples, from_ms: int, *, last_ms: int = _KEPT_MS) -> bool:
        """Whether this utterance of one side (its last part), which begins there, is only the other side's voice.

        Never where the other side is not heard here. On a thread of its own: a long one takes a tenth of a second.
        """
        place = max(0, len(own) - last_ms * _PER_MS)
        beside = self.beside(side, from_ms + place // _PER_MS, len(own) - place)
        return len(beside) > 0 and await asyncio.to_thread(is_crosstalk, own[place:], beside)

    def beside(self, side: Side, from_ms: int, samples: int) -> Samples:
        """The other side's sound for `asr.crosstalk`, as far as it has come; nothing where that side is not heard."""
        other = next((sound for each, sound in self._sides.items() if each is not side), SideSound())
        return other.cut(from_ms - LEAD_MS, from_ms + samples // _PER_MS)
