"""Whether a far end that should send does so: told when nothing came for long, and when something comes again. Pure."""

import msgspec


class LegSilent(msgspec.Struct, frozen=True):
    seconds: float


class LegBack(msgspec.Struct, frozen=True):
    """The far end, which was silent, sends again, or has said that it will not (its hold key)."""


class SilenceWatch:
    """Times in ms. since_ms: when something came last; None: nothing is expected, or the silence is told already.

    Whoever has a packet sets it: that is once for each of all legs' packets.
    """

    __slots__ = ("_after_ms", "_told", "since_ms")

    def __init__(self, after_ms: int) -> None:
        self.since_ms: int | None = None
        self._after_ms = after_ms
        self._told = False

    def begin(self, since_ms: int | None) -> LegBack | None:
        """The far end has told where from it will send; None: nothing. Who was silent stays so until something comes:
        signalling alone, which a session's timer repeats for ever, is no sound."""
        if since_ms is not None and self._told:
            return None
        self.since_ms = since_ms
        return self._back()

    def look(self, now_ms: int) -> LegSilent | LegBack | None:
        """Once in each tick."""
        if self.since_ms is None:
            return None
        if (quiet_ms := now_ms - self.since_ms) < self._after_ms:
            return self._back()
        self.since_ms, self._told = None, True
        return LegSilent(quiet_ms / 1000)

    def _back(self) -> LegBack | None:
        told, self._told = self._told, False
        return LegBack() if told else None
