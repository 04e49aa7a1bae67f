"""The right channel of a call: what the caller hears of us, whoever of us speaks. Pure but for where it puts the sound.

Each of our legs brings its own chunks of 100 ms, which begin at different moments. The channel goes on without a gap:
those whom the caller hears are added up at their places on the call's media clock, cut to the time in which the caller
heard them, and where nobody does (hold, consultation) it is silence. A leg that is late is waited for by the caller's
own chunks, not longer than LAG_MS.
"""

from collections.abc import Callable, Hashable

import numpy as np
from numpy.typing import NDArray

from domain.g711 import ALAW_SILENCE, RATE_HZ, alaw_decode, alaw_encode

LAG_MS = 300
_PER_MS = RATE_HZ // 1000


class OurSide:
    """put(media_ms, alaw): where the finished sound goes, in order. Places are counted in samples."""

    def __init__(self, put: Callable[[int, bytes], None]) -> None:
        self._put = put
        self._begun = False
        self._at = 0
        self._since: dict[Hashable, int] = {}
        self._spans: dict[Hashable, tuple[int, int]] = {}
        self._ends: dict[Hashable, int] = {}
        self._sum: NDArray[np.int32] = np.zeros(0, dtype=np.int32)

    @property
    def begun(self) -> bool:
        return self._begun

    def begin(self, media_ms: int) -> None:
        """The first of us is in the call."""
        self._begun = True
        self._at = media_ms * _PER_MS

    def hear(self, speakers: frozenset[Hashable], media_ms: int) -> None:
        """Whom the caller hears from this moment of the media clock on."""
        at = media_ms * _PER_MS
        for speaker in self._since.keys() - speakers:
            self._spans[speaker] = (self._since.pop(speaker), at)
            self._ends.pop(speaker, None)
        for speaker in speakers - self._since.keys():
            self._since[speaker] = at
            self._spans.pop(speaker, None)

    def push(self, speaker: Hashable, media_ms: int, alaw: bytes) -> None:
        """A chunk of one of our legs; what the caller did not hear of it is dropped."""
        start = media_ms * _PER_MS
        end = start + len(alaw)
        since, until = self._span(speaker, end)
        if speaker in self._since:
            self._ends[speaker] = end
        begin = max(start, since, self._at)
        alaw = alaw[begin - start : max(0, min(end, until) - start)]
        if self._begun and alaw:
            if speaker in self._since and len(self._since) == 1:
                self._alone(begin, alaw)
            else:
                self._add(begin - self._at, alaw)
        if self._since:
            self._flush(min(self._ends.get(each, self._at) for each in self._since))

    def keep_up(self, media_ms: int) -> None:
        """The caller's sound has come to here."""
        if self._begun:
            self._fill((media_ms - LAG_MS) * _PER_MS)

    def finish(self) -> None:
        """The call is over: what is still waiting goes out."""
        self._flush(self._at + len(self._sum))

    def _span(self, speaker: Hashable, end: int) -> tuple[int, int]:
        if speaker in self._since:
            return self._since[speaker], end
        return self._spans.get(speaker, (end, end))

    def _alone(self, begin: int, alaw: bytes) -> None:
        """The only one whom the caller hears: its bytes go out as they are."""
        self._fill(begin)
        if len(self._sum):
            self._add(0, alaw)
        else:
            self._emit(alaw)

    def _fill(self, upto: int) -> None:
        """What was added up until there, and silence after it."""
        self._flush(min(upto, self._at + len(self._sum)))
        if upto > self._at:
            self._emit(bytes([ALAW_SILENCE]) * (upto - self._at))

    def _add(self, offset: int, alaw: bytes) -> None:
        end = offset + len(alaw)
        if end > len(self._sum):
            self._sum = np.concatenate([self._sum, np.zeros(end - len(self._sum), dtype=np.int32)])
        self._sum[offset:end] += alaw_decode(alaw)

    def _flush(self, upto: int) -> None:
        """Send out what is added up until there; less when there is not so much, mostly nothing."""
        if not len(self._sum):
            return
        done, self._sum = self._sum[: max(0, upto - self._at)], self._sum[max(0, upto - self._at) :]
        if len(done):
            self._emit(alaw_encode(np.clip(done, -32768, 32767).astype(np.int16)))

    def _emit(self, alaw: bytes) -> None:
        self._put(self._at // _PER_MS, alaw)
        self._at += len(alaw)
