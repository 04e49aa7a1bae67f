"""The bus inside one process, for tests and fast simulation: the same contract, nothing on disk or network.

Every value goes through its codec, so what NATS could not carry fails here too.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic

import structlog

from bus.inbox import Answering, Inbox
from bus.streams import stream_of
from domain.errors import BusError, NoResponderError
from domain.ports import Record, Subscription
from domain.topic import Answer, Message, Question, Service, Topic

logger = structlog.get_logger()
FIRST_RETRY_S = 0.01
LAST_RETRY_S = 1.0


def _matcher(pattern: str) -> Callable[[str], bool]:
    expression = re.compile(re.escape(pattern).replace(r"\*", "[^.]+"))
    return lambda subject: expression.fullmatch(subject) is not None


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(eq=False)
class _Ear:
    """Someone who hears or serves a subject."""

    pattern: str
    group: str
    put: Callable[[Any], Any]
    work: Inbox[Any] | Answering[Any]
    ears: "_Ears"

    async def close(self) -> None:
        self.ears.forget(self)
        await self.work.close()


class _Ears:
    """Who listens where: by the subject itself, and by pattern."""

    def __init__(self) -> None:
        self._exact: dict[str, list[_Ear]] = {}
        self._wild: list[tuple[Callable[[str], bool], _Ear]] = []

    def add(self, ear: _Ear) -> None:
        if "*" in ear.pattern:
            self._wild.append((_matcher(ear.pattern), ear))
        else:
            self._exact.setdefault(ear.pattern, []).append(ear)

    def forget(self, ear: _Ear) -> None:
        """Harmless when it was forgotten before."""
        self._wild = [(hears, other) for hears, other in self._wild if other is not ear]
        left = [other for other in self._exact.pop(ear.pattern, []) if other is not ear]
        if left:
            self._exact[ear.pattern] = left

    def of(self, subject: str) -> list[_Ear]:
        return self._exact.get(subject, []) + [ear for hears, ear in self._wild if hears(subject)]


@dataclass
class _Question:
    subject: str
    data: bytes
    answer: asyncio.Future[bytes]


class MemoryBus:
    """domain.ports.Bus. Members of a group take turns."""

    def __init__(self) -> None:
        self._hearing = _Ears()
        self._serving = _Ears()
        self._turn = 0

    async def publish(self, topic: Topic[Message], keys: tuple[str, ...], value: Message) -> None:
        subject, data = topic.subject(*keys), topic.codec.encode(value)
        for ear in self._chosen(self._hearing, subject):
            ear.put((subject, data))

    async def subscribe(
        self,
        topic: Topic[Message],
        keys: tuple[str, ...],
        handler: Callable[[str, Message], Awaitable[None]],
        *,
        group: str = "",
    ) -> Subscription:
        async def handle(said: tuple[str, bytes]) -> None:
            await handler(said[0], topic.codec.decode(said[1]))

        inbox: Inbox[tuple[str, bytes]] = Inbox(topic.pattern, handle)
        ear = _Ear(topic.subject(*keys), group, inbox.put, inbox, self._hearing)
        self._hearing.add(ear)
        return ear

    async def request(
        self, service: Service[Question, Answer], keys: tuple[str, ...], value: Question, *, timeout_s: float
    ) -> Answer:
        subject = service.subject(*keys)
        ears = self._chosen(self._serving, subject)
        if not ears:
            raise NoResponderError("nobody serves it", where=subject, remedy="start the role that does")
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        for ear in ears:
            await ear.put(_Question(subject, service.question.encode(value), answer))
        try:
            return service.answer.decode(await asyncio.wait_for(answer, timeout_s))
        except TimeoutError as error:
            raise BusError(f"no answer within {timeout_s} s", where=subject, remedy="ask again") from error

    async def serve(
        self,
        service: Service[Question, Answer],
        keys: tuple[str, ...],
        handler: Callable[[str, Question], Awaitable[Answer]],
        *,
        group: str = "",
    ) -> Subscription:
        async def handle(question: _Question) -> None:
            try:
                answer = await handler(question.subject, service.question.decode(question.data))
                data = service.answer.encode(answer)
            except Exception as error:
                # Whoever asked shall not wait for an answer that never comes.
                logger.exception("a question could not be answered", subject=service.pattern)
                if not question.answer.done():
                    question.answer.set_exception(
                        BusError(f"who serves it failed: {error}", where=question.subject, remedy="see its log")
                    )
                return
            if not question.answer.done():
                question.answer.set_result(data)

        work: Answering[_Question] = Answering(handle)
        ear = _Ear(service.subject(*keys), group, work.put, work, self._serving)
        self._serving.add(ear)
        return ear

    def _chosen(self, ears: _Ears, subject: str) -> list[_Ear]:
        """Who hears it: everyone without a group, one of each group."""
        hearing = ears.of(subject)
        self._turn += 1
        chosen = [ear for ear in hearing if not ear.group]
        for group in sorted({ear.group for ear in hearing if ear.group}):
            members = [ear for ear in hearing if ear.group == group]
            chosen.append(members[self._turn % len(members)])
        return chosen


@dataclass(frozen=True)
class _Kept:
    subject: str
    sequence: int
    at_ms: int
    data: bytes


@dataclass
class _Stream:
    kept: list[_Kept] = field(default_factory=list)
    last: int = 0
    ids: set[str] = field(default_factory=set)
    heard: dict[str, int] = field(default_factory=dict)
    """By consumer the last sequence that it heard."""
    turns: dict[str, asyncio.Lock] = field(default_factory=dict)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)


class MemoryLog:
    """domain.ports.EventLog. now_ms: the clock of `Record.at_ms`. bus: whose subscribers hear live what is appended."""

    def __init__(self, now_ms: Callable[[], int] = _wall_ms, bus: MemoryBus | None = None) -> None:
        self._now_ms = now_ms
        self._bus = bus
        self._streams: dict[str, _Stream] = {}

    def _stream(self, topic: Topic[Message]) -> _Stream:
        return self._streams.setdefault(stream_of(topic).name, _Stream())

    async def append(self, topic: Topic[Message], keys: tuple[str, ...], value: Message, *, event_id: str) -> None:
        stream, subject = self._stream(topic), topic.subject(*keys)
        data = topic.codec.encode(value)
        async with stream.news:
            if event_id in stream.ids:
                return
            stream.ids.add(event_id)
            stream.last += 1
            if stream_of(topic).last_only:
                stream.kept = [kept for kept in stream.kept if kept.subject != subject]
            stream.kept.append(_Kept(subject, stream.last, self._now_ms(), data))
            stream.news.notify_all()
        if self._bus is not None:
            await self._bus.publish(topic, keys, value)

    async def replay(
        self, topic: Topic[Message], keys: tuple[str, ...], *, after: int = 0, since_ms: int = 0
    ) -> list[Record[Message]]:
        hears = _matcher(topic.subject(*keys))
        return [
            _record(topic, kept)
            for kept in self._stream(topic).kept
            if kept.sequence > after and kept.at_ms >= since_ms and hears(kept.subject)
        ]

    async def consume(
        self,
        topic: Topic[Message],
        handler: Callable[[Record[Message]], Awaitable[None]],
        *,
        consumer: str,
        from_now: bool = False,
    ) -> Subscription:
        stream = self._stream(topic)
        stream.heard.setdefault(consumer, stream.last if from_now else 0)
        reader = _Reader(topic, stream, stream_of(topic).work_queue, consumer, handler)
        reader.task = asyncio.get_running_loop().create_task(reader.run())
        return reader


def _record(topic: Topic[Message], kept: _Kept) -> Record[Message]:
    return Record(subject=kept.subject, sequence=kept.sequence, at_ms=kept.at_ms, value=topic.codec.decode(kept.data))


@dataclass
class _Reader(Generic[Message]):
    """The loop of one `consume`; readers of one name take turns."""

    topic: Topic[Message]
    stream: _Stream
    work_queue: bool
    consumer: str
    handler: Callable[[Record[Message]], Awaitable[None]]
    task: asyncio.Task[None] | None = None
    handling: bool = False
    closing: bool = False

    async def close(self) -> None:
        self.closing = True
        if self.task is None or self.task is asyncio.current_task():
            return
        if not self.handling:
            self.task.cancel()
        await asyncio.wait({self.task})

    async def run(self) -> None:
        turn = self.stream.turns.setdefault(self.consumer, asyncio.Lock())
        retry_s = FIRST_RETRY_S
        while not self.closing:
            async with turn:
                kept = await self._next()
                self.handling = True
                heard = await self._hear(kept)
                self.handling = False
                if heard:
                    retry_s = FIRST_RETRY_S
                    self.stream.heard[self.consumer] = kept.sequence
                    if self.work_queue:
                        self.stream.kept.remove(kept)
            if not heard and not self.closing:
                await asyncio.sleep(retry_s)
                retry_s = min(retry_s * 2, LAST_RETRY_S)

    async def _next(self) -> _Kept:
        hears = _matcher(self.topic.pattern)
        async with self.stream.news:
            while True:
                heard = self.stream.heard[self.consumer]
                for kept in self.stream.kept:
                    if kept.sequence > heard and hears(kept.subject):
                        return kept
                await self.stream.news.wait()

    async def _hear(self, kept: _Kept) -> bool:
        try:
            await self.handler(_record(self.topic, kept))
        except Exception:
            # Whatever it was, the message comes again: that is the contract.
            logger.exception("a kept message will come again", subject=kept.subject, consumer=self.consumer)
            return False
        return True
