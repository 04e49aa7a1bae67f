"""Keeps a listener on every side of every call: opens streams, notices listeners that died, opens anew elsewhere.

A side to which nobody listens is asked for again when a listener says that it has room, and otherwise ever more rarely:
with 150 calls and no listener, asking for each side twice a second cost the switch more than all their sound.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from domain.errors import BusError
from domain.ports import Bus, EventLog, Subscription
from domain.side import Side
from domain.speech import Expected, ListenerAlive, OpenStream, SpeechHealth, SpeechHealthChanged
from domain.topics import ASR_ALIVE, ASR_OPEN, CALL_EXPECTED, CALL_SPEECH

LOST_AFTER_MS = 3000
OPEN_TIMEOUT_S = 2.0
CHECK_EVERY_S = 0.5
_FIRST_PAUSE_MS = 500
_LONGEST_PAUSE_MS = 8000
"""Between two questions for one side, each pause twice as long as the one before."""

logger = structlog.get_logger()


@dataclass
class _Watch:
    """One side of one call that shall be listened to. heard_ms: when a listener last named it.

    asking: a question for it is under way. ask_at_ms: when the next one comes though no listener says that it has room.
    """

    call_id: str
    side: Side
    next_utterance: int = 0
    listener_id: str = ""
    heard_ms: int = 0
    health: SpeechHealth | None = None
    changes: int = 0
    expected: Expected = field(default_factory=Expected)
    asking: bool = False
    ask_at_ms: int = 0
    pause_ms: int = _FIRST_PAUSE_MS

    @property
    def name(self) -> str:
        return f"{self.call_id}.{self.side}"


class Listening:
    """All streams of one switch."""

    def __init__(self, bus: Bus, log: EventLog, now_ms: Callable[[], int]) -> None:
        self._bus = bus
        self._log = log
        self._now_ms = now_ms
        self._watches: dict[str, _Watch] = {}
        self._tasks = asyncio.TaskGroup()

    def begin(self, call_id: str, side: Side) -> None:
        """Have this side listened to from now on; a listener is looked for at once."""
        watch = _Watch(call_id, side)
        self._watches[watch.name] = watch
        self._look_for_listener(watch)

    def said(self, call_id: str, side: Side, utterance_number: int) -> None:
        """An utterance with this number was begun or written down: a listener that takes over counts on from it."""
        watch = self._watches.get(f"{call_id}.{side}")
        if watch is not None:
            watch.next_utterance = max(watch.next_utterance, utterance_number + 1)

    def expect(self, call_id: str, side: Side, expected: Expected) -> None:
        """A menu waits for this from now on; a listener that takes over is told so as well."""
        watch = self._watches.get(f"{call_id}.{side}")
        if watch is not None and watch.expected != expected:
            watch.expected = expected
            self._tasks.create_task(self._tell_expected(watch))

    def end(self, call_id: str, side: Side) -> None:
        """The side's sound is over."""
        self._watches.pop(f"{call_id}.{side}", None)

    async def run(self) -> None:
        """Until cancelled; `begin` may be called as soon as it runs."""
        subscription: Subscription = await self._bus.subscribe(ASR_ALIVE, (), self._on_alive)
        try:
            async with self._tasks:
                while True:
                    await asyncio.sleep(CHECK_EVERY_S)
                    self.check(self._now_ms())
        finally:
            await subscription.close()

    def check(self, now_ms: int) -> None:
        """Look for a listener where one is lost, and where it is time to ask again."""
        for watch in self._watches.values():
            if watch.listener_id:
                if now_ms - watch.heard_ms >= LOST_AFTER_MS:
                    self._look_for_listener(watch)
            elif now_ms >= watch.ask_at_ms:
                self._look_for_listener(watch)

    async def _on_alive(self, _subject: str, alive: ListenerAlive) -> None:
        for name in alive.streams:
            watch = self._watches.get(name)
            if watch is not None and watch.listener_id == alive.listener_id:
                watch.heard_ms = self._now_ms()
        if alive.headroom > 0:
            unheard = [watch for watch in self._watches.values() if not watch.listener_id]
            for watch in unheard[: alive.headroom]:
                self._look_for_listener(watch)

    def _look_for_listener(self, watch: _Watch) -> None:
        if not watch.asking:
            watch.asking = True
            self._tasks.create_task(self._ask(watch))

    async def _ask(self, watch: _Watch) -> None:
        try:
            await self._care_for(watch)
        finally:
            watch.asking = False
        if watch.listener_id:
            watch.pause_ms = _FIRST_PAUSE_MS
        else:
            watch.ask_at_ms = self._now_ms() + watch.pause_ms
            watch.pause_ms = min(2 * watch.pause_ms, _LONGEST_PAUSE_MS)

    async def _care_for(self, watch: _Watch) -> None:
        lost = watch.listener_id
        if lost:
            logger.warning("listener lost", call_id=watch.call_id, side=watch.side, listener_id=lost)
            watch.listener_id = ""
            await self._say_health(watch, SpeechHealth.AFTER_CALL, "listener lost", since_ms=watch.heard_ms)
        question = OpenStream(
            call_id=watch.call_id, side=watch.side, first_utterance=watch.next_utterance, expected=watch.expected
        )
        try:
            reply = await self._bus.request(ASR_OPEN, (), question, timeout_s=OPEN_TIMEOUT_S)
        except BusError as error:
            await self._say_health(watch, SpeechHealth.AFTER_CALL, f"no listener: {error.what}")
            return
        if not reply.accepted:
            await self._say_health(watch, SpeechHealth.AFTER_CALL, reply.reason)
            return
        watch.listener_id = reply.listener_id
        watch.heard_ms = self._now_ms()
        if watch.expected != question.expected:
            await self._tell_expected(watch)
        await self._say_health(watch, reply.health, "listener taken over" if lost else "listener opened")

    async def _tell_expected(self, watch: _Watch) -> None:
        await self._bus.publish(CALL_EXPECTED, (watch.call_id, watch.side), watch.expected)

    async def _say_health(self, watch: _Watch, health: SpeechHealth, reason: str, since_ms: int | None = None) -> None:
        """Say it once each time it changes; the call itself goes on whatever the health. since_ms: when, if not now."""
        if watch.health == health or watch.name not in self._watches:
            return
        watch.health = health
        watch.changes += 1
        message = SpeechHealthChanged(
            call_id=watch.call_id,
            side=watch.side,
            health=health,
            reason=reason,
            at_ms=self._now_ms() if since_ms is None else since_ms,
        )
        event_id = f"{watch.name}.health.{message.at_ms}.{watch.changes}"
        await self._log.append(CALL_SPEECH, (watch.call_id,), message, event_id=event_id)
