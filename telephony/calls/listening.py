"""Keeps a listener on every side of every call: opens streams, notices listeners that died, opens anew elsewhere."""

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

logger = structlog.get_logger()


@dataclass
class _Watch:
    """One side of one call that shall be listened to. heard_ms: when a listener last named it."""

    call_id: str
    side: Side
    next_utterance: int = 0
    listener_id: str = ""
    heard_ms: int = 0
    health: SpeechHealth | None = None
    changes: int = 0
    expected: Expected = field(default_factory=Expected)

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
        self._tasks.create_task(self._keep(watch))

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
                await asyncio.Event().wait()
        finally:
            await subscription.close()

    async def _keep(self, watch: _Watch) -> None:
        while self._watches.get(watch.name) is watch:
            await self._care_for(watch)
            await asyncio.sleep(CHECK_EVERY_S)

    async def _on_alive(self, _subject: str, alive: ListenerAlive) -> None:
        for name in alive.streams:
            watch = self._watches.get(name)
            if watch is not None and watch.listener_id == alive.listener_id:
                watch.heard_ms = self._now_ms()

    async def _care_for(self, watch: _Watch) -> None:
        if watch.listener_id and self._now_ms() - watch.heard_ms < LOST_AFTER_MS:
            return
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
