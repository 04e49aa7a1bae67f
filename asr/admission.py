"""Whom a listener takes, and whom it lets go when even finals are too much. Pure: time is an argument."""

from collections.abc import Mapping

from domain.side import Side
from domain.speech import SpeechHealth

RETURN_EVERY_S = 3.0
"""Streams that were let go come back one by one: all at once they would be too much again."""
WARY_S = 60.0


class Admission:
    """capacity: streams at most. Times are monotonic seconds."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._let_go_s = -WARY_S
        self._taken_s = -RETURN_EVERY_S

    def refusal(self, streams: int, health: SpeechHealth, now_s: float) -> str:
        """Why no further stream is taken beside so many, "" when one is."""
        if streams >= self.capacity:
            return f"all {self.capacity} streams are taken"
        if health is SpeechHealth.AFTER_CALL:
            return "recognition is too busy to listen to another stream"
        if now_s - self._let_go_s < WARY_S and now_s - self._taken_s < RETURN_EVERY_S:
            return "recognition was too busy: streams come back one at a time"
        return ""

    def took(self, now_s: float) -> None:
        """A stream was taken."""
        self._taken_s = now_s

    def headroom(self, streams: int, health: SpeechHealth) -> int:
        """How many more would be taken."""
        return 0 if health is SpeechHealth.AFTER_CALL else max(0, self.capacity - streams)

    def let_go(self, streams: Mapping[str, Side], now_s: float) -> str | None:
        """Which of these (the one that was opened first comes first) is listened to no longer; None: no other is left.

        Agents' sides go first, as the ticket needs the citizen's words, and of equals the latest; one always stays.
        """
        if len(streams) <= 1:
            return None
        self._let_go_s = now_s
        latest_first = list(streams)[::-1]
        return next((name for name in latest_first if streams[name] is Side.AGENT), latest_first[0])
