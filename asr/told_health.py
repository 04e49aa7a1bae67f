"""What has been told of how well one side is listened to: each change once, in its order."""

from collections.abc import Callable

from domain.ports import EventLog
from domain.side import Side
from domain.speech import SpeechHealth, SpeechHealthChanged
from domain.topics import CALL_SPEECH

BY_LOAD = {
    SpeechHealth.LIVE: "recognition keeps up",
    SpeechHealth.SLOWER: "busy: slower partials",
    SpeechHealth.FINALS_ONLY: "busy: finals only",
    SpeechHealth.AFTER_CALL: "busy: words may come after the call",
}


class ToldHealth:
    """now: OFF until the first is told."""

    def __init__(self, call_id: str, side: Side, log: EventLog, now_ms: Callable[[], int]) -> None:
        self._call_id = call_id
        self._side = side
        self._log = log
        self._now_ms = now_ms
        self._at_ms = 0
        self._changes = 0
        self.now = SpeechHealth.OFF

    def differs(self, load: SpeechHealth) -> bool:
        """Whether the load allows something else than was told, while it is the load that decides."""
        return self.now in BY_LOAD and load is not self.now

    async def tell(self, health: SpeechHealth, reason: str, since_ms: int | None = None) -> None:
        """Say that the listening became better or worse, if it did. since_ms: when (Unix, ms), if that was earlier."""
        if health is self.now:
            return
        self.now = health
        self._at_ms = max(self._at_ms + 1, self._now_ms() if since_ms is None else since_ms)
        changed = SpeechHealthChanged(
            call_id=self._call_id, side=self._side, health=health, reason=reason, at_ms=self._at_ms
        )
        self._changes += 1
        event_id = f"{self._call_id}.{self._side}.health.{self._at_ms}.{self._changes}"
        await self._log.append(CALL_SPEECH, (self._call_id,), changed, event_id=event_id)

    async def tell_load(self, load: SpeechHealth) -> None:
        """Say what the listener's load allows."""
        await self.tell(load, BY_LOAD[load])
