"""A sound that is being sent, frame by frame, pure."""

from domain.g711 import ALAW_SILENCE, BYTES_PER_FRAME

_NONE = -1


class Playback:
    """At most one sound at a time; the next replaces it, and the replaced one is not reported.

    sounding: whether there is a next frame.
    """

    __slots__ = ("_alaw", "_at", "_loop", "_played", "_token", "sounding")

    def __init__(self) -> None:
        self.sounding = False
        self._alaw = b""
        self._at = 0
        self._loop = False
        self._token = _NONE
        self._played: list[int] = []

    def begin(self, alaw: bytes, *, token: int, loop: bool) -> None:
        """Send `alaw` from the next frame on, again and again with `loop`; b"" only stops."""
        self._alaw, self._at, self._loop, self._token = alaw, 0, loop, token
        self.sounding = bool(alaw)

    def next_frame(self) -> bytes | None:
        """The next 160 bytes, filled up with silence at the end; None when nothing is played."""
        if not self.sounding:
            return None
        frame = self._alaw[self._at : self._at + BYTES_PER_FRAME]
        self._at += BYTES_PER_FRAME
        if self._at >= len(self._alaw):
            if self._loop:
                self._at -= len(self._alaw)
                frame = self._around(frame)
            else:
                frame = frame.ljust(BYTES_PER_FRAME, bytes([ALAW_SILENCE]))
                self._played.append(self._token)
                self._alaw, self.sounding = b"", False
        return frame

    def _around(self, frame: bytes) -> bytes:
        """The frame of a loop that goes on at its beginning (which may be shorter than a frame)."""
        missing = BYTES_PER_FRAME - len(frame)
        if missing:
            rounds = -(-missing // len(self._alaw))
            frame += (self._alaw * rounds)[:missing]
        self._at %= len(self._alaw)
        return frame

    def take_played(self) -> list[int]:
        """The tokens of the sounds that came to their end since the last call."""
        played, self._played = self._played, []
        return played
