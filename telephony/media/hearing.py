"""Who hears whom, pure: bridge, hold, listen-in, whisper, barge-in and conference are all this one relation.

A listener with one source hears that one's bytes; with more it hears their sum, which is made once in each tick for all
who have the same sources. A source that is silent in a tick costs nothing in it.
"""

from collections.abc import Iterable
from typing import Protocol

from telephony.media.mixing import mix

Sources = tuple["Speaker", ...]


class Speaker(Protocol):
    """A leg as its listeners see it."""

    bridge_frame: bytes | None
    """Its 20 ms of this tick, 160 A-law bytes; None while it is silent."""
    wide_frame: bytes | None
    """The same as 160 bytes of G.722, where it came that way."""


class Hearing:
    """`mix` in each tick when all speakers have their frame, then `frames` for each listener."""

    def __init__(self) -> None:
        self._sources: dict[Speaker, Sources] = {}
        self._mixes: dict[frozenset[Speaker], bytes] = {}

    def sources(self, listener: Speaker) -> Sources:
        """Whom it hears; empty for one that hears nobody."""
        return self._sources.get(listener, ())

    def hear(self, listener: Speaker, sources: Iterable[Speaker]) -> None:
        """These and no others; nobody hears himself unless he is among his own sources."""
        distinct = tuple(dict.fromkeys(sources))
        if distinct:
            self._sources[listener] = distinct
        else:
            self._sources.pop(listener, None)

    def forget(self, leg: Speaker) -> None:
        """It is closed: it hears nobody, and nobody hears it."""
        self.hear(leg, ())
        for listener, sources in list(self._sources.items()):
            if leg in sources:
                self._drop(listener, leg)

    def _drop(self, listener: Speaker, source: Speaker) -> None:
        self.hear(listener, (other for other in self.sources(listener) if other is not source))

    def mix(self) -> None:
        """Add up what is heard together in this tick."""
        groups: dict[frozenset[Speaker], list[bytes]] = {}
        for sources in self._sources.values():
            if len(sources) > 1 and (together := frozenset(sources)) not in groups:
                groups[together] = [speaker.bridge_frame for speaker in sources if speaker.bridge_frame is not None]
        spoken = {together: frames for together, frames in groups.items() if frames}
        self._mixes = dict(zip(spoken, mix(list(spoken.values())), strict=True))

    def frames(self, listener: Speaker) -> tuple[bytes | None, bytes | None]:
        """The 160 bytes that it hears in this tick, None when that is nothing, and the G.722 behind them: of a
        listener with one source that speaks it."""
        sources = self._sources.get(listener)
        if sources is None:
            return None, None
        if len(sources) == 1:
            return sources[0].bridge_frame, sources[0].wide_frame
        return self._mixes.get(frozenset(sources)), None
