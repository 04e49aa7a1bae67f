"""Whether there is time for work that can wait: none while live listening is under pressure. Pure."""

from domain.speech import ListenerAlive, SpeechHealth

_GONE_AFTER_MS = 5000
"""A listener that has not been heard for so long is gone, and so is what pressed it."""
_CALM_MS = 5000
"""So long after the last pressure there is time again."""


class SpareTime:
    """Fed with what the listeners say of themselves every second; times are wall clock (Unix, ms).

    Under pressure is a listener that degrades, or that has more streams than it could still take: from there on
    the calls' own recognition uses what the processor has. By night nobody calls, and what waits is done.
    """

    def __init__(self) -> None:
        self._pressed_at_ms = -_CALM_MS
        self._heard: dict[str, ListenerAlive] = {}

    def hear(self, alive: ListenerAlive, now_ms: int) -> None:
        """A listener has spoken."""
        self._heard[alive.listener_id] = alive
        self._heard = {name: seen for name, seen in self._heard.items() if now_ms - seen.at_ms < _GONE_AFTER_MS}
        if any(_pressed(seen) for seen in self._heard.values()):
            self._pressed_at_ms = now_ms

    def left(self, now_ms: int) -> bool:
        """Whether there is time now."""
        return now_ms - self._pressed_at_ms >= _CALM_MS


def _pressed(alive: ListenerAlive) -> bool:
    return alive.health is not SpeechHealth.LIVE or len(alive.streams) > alive.headroom
