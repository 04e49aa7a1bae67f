"""What both sides of a call have sounded like in the last seconds, and what was played to them, on its media clock.

Each side's stream keeps its own sound here, and what its telephone is played; either asks whether it only hears an
echo.
"""

import asyncio

import numpy as np

from asr.crosstalk import LEAD_MS, Origin, is_crosstalk, origin
from asr.recogniser import Samples
from domain.audio import AudioChunk
from domain.g711 import ALAW_SILENCE, RATE_HZ, alaw_decode
from domain.side import Side

_PER_MS = RATE_HZ // 1000
_KEPT_MS = 22_000
"""The longest utterance that the settings allow, and what is looked at before it."""
_FILLED_MS = 3000
_SILENCE_BEFORE_MS = 500
"""Looked at before a voice, for the line's own noise."""
_LAST_MS = 2000
_UNDER_WAY_MS = 300
"""The other side's sound may come so much later; where more is missing there was none."""
_EVER_MS = 1 << 40
_SILENCE = bytes([ALAW_SILENCE])


class SideSound:
    """One side's. A gap is silence; after a longer one only what follows is known."""

    def __init__(self) -> None:
        self._alaw = bytearray()
        self._end = 0

    @property
    def end_ms(self) -> int:
        """It has come to here."""
        return self._end // _PER_MS

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
    """Both sides of one call, as far as one listener hears them, and what their telephones are played by us."""

    def __init__(self) -> None:
        self._sides: dict[Side, SideSound] = {}
        self._played: dict[Side, SideSound] = {}

    def keep(self, side: Side, chunk: AudioChunk) -> None:
        self._sides.setdefault(side, SideSound()).keep(chunk)

    def keep_played(self, side: Side, chunk: AudioChunk) -> None:
        """A prompt or music was sent to this side's telephone."""
        self._played.setdefault(side, SideSound()).keep(chunk)

    def is_played(self, side: Side, from_ms: int) -> bool:
        """Whether this side may hear a prompt come back from this moment on."""
        played = self._played.get(side)
        return played is not None and len(played.cut(from_ms - LEAD_MS, _EVER_MS)) > 0

    async def is_crosstalk(self, side: Side, own: Samples, from_ms: int, *, last_ms: int = _KEPT_MS) -> bool:
        """Whether this utterance of one side (its last part), which begins there, is only what its telephone was sent.

        Never where neither is heard here. On a thread of its own: a long one takes a tenth of a second.
        """
        place = max(0, len(own) - last_ms * _PER_MS)
        beside = self.beside(side, from_ms + place // _PER_MS, len(own) - place)
        return len(beside) > 0 and await asyncio.to_thread(is_crosstalk, own[place:], beside)

    async def origin_so_far(self, side: Side, start_ms: int) -> Origin:
        """Of a voice that began there and goes on, by its last moments."""
        begin_ms = start_ms - _SILENCE_BEFORE_MS
        from_ms = max(begin_ms, self._sides[side].end_ms - _LAST_MS)
        own = self._sides[side].cut(from_ms, _EVER_MS)
        beside = self.beside(side, from_ms, len(own))
        return await asyncio.to_thread(origin, own, beside, goes_on=from_ms > begin_ms)

    def beside(self, side: Side, from_ms: int, samples: int) -> Samples:
        """What this side's telephone was sent, for `asr.crosstalk`: the other side's sound as far as it has come
        (silence where that is over), and what was played; nothing where neither is heard here."""
        begin_ms, end_ms = from_ms - LEAD_MS, from_ms + samples // _PER_MS
        other = next((sound for each, sound in self._sides.items() if each is not side), SideSound())
        sent = other.cut(begin_ms, end_ms)
        played = self._played[side].cut(begin_ms, end_ms) if side in self._played else sent[:0]
        length = samples + LEAD_MS * _PER_MS
        is_over = 0 < len(sent) < length - _UNDER_WAY_MS * _PER_MS
        return sum_of(sent, played, length) if len(played) or is_over else sent


def sum_of(sent: Samples, played: Samples, length: int) -> Samples:
    """Both together; what is missing of either is silence."""
    out = np.zeros(length, dtype=np.int32)
    out[: len(sent)] += sent[:length]
    out[: len(played)] += played[:length]
    return np.clip(out, -32768, 32767).astype(np.int16)
