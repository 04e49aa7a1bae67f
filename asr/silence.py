"""When one side has not spoken for long, on the stream's media clock. Pure.

               limit_ms without a voice
    LISTENING ──────────────────────────► SILENT (SilenceBegan, once)
        ▲  ▲                                │
        │  └──── a voice, or a new start ───┘ SilenceEnded
        └─ a voice ends, or listening starts anew: the time counts from there

Sound that was lost says nothing about who spoke: its time does not count.
"""

from dataclasses import dataclass

from domain.side import Side
from domain.speech import SideSilent


@dataclass(frozen=True)
class SilenceBegan:
    """Nobody has spoken since `since_ms`. spoke: whether this side has ever spoken in the call."""

    since_ms: int
    spoke: bool


@dataclass(frozen=True)
class SilenceEnded:
    """It is over. until_ms: where the voice begins, or where listening started anew."""

    since_ms: int
    until_ms: int
    spoke: bool


class Silence:
    """limit_ms: how long is long. spoke: whether this side has spoken before the listening starts."""

    def __init__(self, limit_ms: int, *, spoke: bool = False) -> None:
        self._limit_ms = limit_ms
        self._since_ms = 0
        self._speaking = False
        self._spoke = spoke
        self._told: SilenceBegan | None = None

    def start(self, at_ms: int) -> list[SilenceEnded]:
        """Listening starts here, or anew: what was before does not count."""
        ended = self._end(at_ms)
        self._since_ms = at_ms
        return ended

    def voice(self, start_ms: int) -> list[SilenceEnded]:
        """Somebody began to speak."""
        ended = self._end(start_ms)
        self._speaking = self._spoke = True
        return ended

    def quiet(self, since_ms: int) -> None:
        """The voice has ended."""
        self._speaking, self._since_ms = False, since_ms

    def lost(self, ms: int) -> None:
        """So much sound never came."""
        if self._told is None:
            self._since_ms += ms

    def at(self, now_ms: int) -> list[SilenceBegan]:
        """The sound has come to here."""
        if self._speaking or self._told is not None or now_ms - self._since_ms < self._limit_ms:
            return []
        self._told = SilenceBegan(self._since_ms, self._spoke)
        return [self._told]

    def _end(self, until_ms: int) -> list[SilenceEnded]:
        told, self._told = self._told, None
        return [] if told is None else [SilenceEnded(told.since_ms, until_ms, told.spoke)]


def side_silent(event: SilenceBegan | SilenceEnded, call_id: str, side: Side) -> SideSilent:
    """What is said of it on the bus."""
    until_ms = event.until_ms if isinstance(event, SilenceEnded) else None
    return SideSilent(call_id=call_id, side=side, since_ms=event.since_ms, spoke=event.spoke, until_ms=until_ms)
