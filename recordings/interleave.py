"""Two channels that arrive at different times, joined into interleaved frames, pure."""

from domain.g711 import ALAW_SILENCE

_LONGEST_LEAP = 8000 * 600


class Interleaver:
    """A-law frames of two bytes, left and right; places count frames from the beginning of the recording."""

    def __init__(self) -> None:
        self.newest_end = 0
        self._base = 0
        self._held = bytearray()

    @property
    def base(self) -> int:
        """Everything before this frame was taken."""
        return self._base

    def add(self, channel: int, at: int, alaw: bytes) -> bool:
        """Put sound at its place; False when it lies before `base` or absurdly far ahead, and was not taken."""
        if at < self._base or at > self.newest_end + _LONGEST_LEAP:
            return False
        end = at + len(alaw)
        missing = 2 * (end - self._base) - len(self._held)
        if missing > 0:
            self._held += bytes([ALAW_SILENCE]) * missing
        first = 2 * (at - self._base) + channel
        self._held[first : 2 * (end - self._base) : 2] = alaw
        self.newest_end = max(self.newest_end, end)
        return True

    def take(self, up_to: int) -> bytes:
        """The frames from `base` to `up_to`, which becomes the new base."""
        count = 2 * max(0, min(up_to, self.newest_end) - self._base)
        taken = bytes(self._held[:count])
        del self._held[:count]
        self._base += count // 2
        return taken
