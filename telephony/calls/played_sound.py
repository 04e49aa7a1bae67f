"""What the caller is played (prompts, music), as sound in step with the caller's own. Pure.

Listeners need it to know the echo of it from the caller's voice. Times in ms of one wall clock.
"""

from dataclasses import dataclass

from domain.g711 import ALAW_SILENCE, RATE_HZ

_PER_MS = RATE_HZ // 1000


@dataclass(frozen=True)
class _Play:
    at_ms: int
    alaw: bytes
    loop: bool

    def sounds(self, from_ms: int, end_ms: int) -> bool:
        """Whether there is anything of it in this time."""
        if not self.alaw or self.at_ms >= end_ms:
            return False
        return self.loop or (from_ms - self.at_ms) * _PER_MS < len(self.alaw)

    def sound(self, first: int, length: int) -> bytes:
        """So many samples of it from this one on, silence where it is over; it has none before its beginning."""
        lead = bytes([ALAW_SILENCE]) * min(length, max(0, -first))
        first, left = max(0, first), length - len(lead)
        if self.loop and self.alaw:
            first %= len(self.alaw)
            rounds = -(-(first + left) // len(self.alaw))
            return lead + (self.alaw * rounds)[first : first + left]
        return lead + self.alaw[first : first + left].ljust(left, bytes([ALAW_SILENCE]))


class PlayedSound:
    """`begin` whenever another sound begins, `cut` from time to time, never back."""

    def __init__(self) -> None:
        self._plays: list[_Play] = []

    def begin(self, at_ms: int, alaw: bytes, *, loop: bool) -> None:
        """From now on this is played, and what was played before no more; b"": nothing."""
        self._plays.append(_Play(at_ms, alaw, loop))

    def cut(self, from_ms: int, samples: int) -> bytes:
        """What was played from there on; b"" where that was nothing but silence."""
        while len(self._plays) > 1 and self._plays[1].at_ms <= from_ms:
            del self._plays[0]
        end = from_ms + samples // _PER_MS
        if not any(play.sounds(from_ms, end) for play in self._plays):
            return b""
        out = bytearray([ALAW_SILENCE]) * samples
        for play in self._plays:
            if play.at_ms < end:
                begin = max(0, play.at_ms - from_ms) * _PER_MS
                out[begin:] = play.sound((from_ms - play.at_ms) * _PER_MS + begin, samples - begin)
        return bytes(out) if out.count(ALAW_SILENCE) < samples else b""
