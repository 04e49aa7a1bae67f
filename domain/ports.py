"""What a room may ask of the bus. `bus/` has the NATS adapter and the in-memory one; both pass one contract suite."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

import msgspec

from domain.topic import Answer, Message, Question, Service, Topic

T = TypeVar("T")


class Record(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A stored message. sequence: its place in its stream, rising; at_ms: when the stream took it (Unix, ms)."""

    subject: str
    sequence: int
    at_ms: int
    value: T


class Subscription(Protocol):
    async def close(self) -> None:
        """Stop hearing; a handler that runs is awaited."""


class Bus(Protocol):
    """Said now, heard by who listens now (at most once)."""

    async def publish(self, topic: Topic[Message], keys: tuple[str, ...], value: Message) -> None:
        """Say `value`. Never blocks for long, never raises; while the bus is away it is dropped, and counted."""

    async def subscribe(
        self,
        topic: Topic[Message],
        keys: tuple[str, ...],
        handler: Callable[[str, Message], Awaitable[None]],
        *,
        group: str = "",
    ) -> Subscription:
        """Hear `topic` (keys () for everyone's); handler(subject, value), one at a time for each subscription.

        With `group`, one member of the group hears each message.
        """

    async def request(
        self, service: Service[Question, Answer], keys: tuple[str, ...], value: Question, *, timeout_s: float
    ) -> Answer:
        """Ask and wait. NoResponderError when nobody serves it, BusError when no answer came in time."""

    async def serve(
        self,
        service: Service[Question, Answer],
        keys: tuple[str, ...],
        handler: Callable[[str, Question], Awaitable[Answer]],
        *,
        group: str = "",
    ) -> Subscription:
        """Answer questions, several at once; handler(subject, question)."""


class EventLog(Protocol):
    """Said once, kept, and heard by each named consumer at least once, in order."""

    async def append(self, topic: Topic[Message], keys: tuple[str, ...], value: Message, *, event_id: str) -> None:
        """Keep `value`, once for each event_id; who subscribes to the topic on the Bus hears it live as well.

        While the bus is away it waits in a spool on disk, in order.
        """

    async def replay(
        self, topic: Topic[Message], keys: tuple[str, ...], *, after: int = 0, since_ms: int = 0
    ) -> list[Record[Message]]:
        """All that is kept so far with a sequence above `after`, oldest first (keys () for everyone's).

        since_ms: instead of `after`, what the stream took from this time on (Unix, ms).
        """

    async def consume(
        self,
        topic: Topic[Message],
        handler: Callable[[Record[Message]], Awaitable[None]],
        *,
        consumer: str,
        from_now: bool = False,
    ) -> Subscription:
        """Hear each kept message in order, from where `consumer` stopped last time (a new one: from the beginning,
        or from now on). It counts as heard when the handler returns; when the handler raises, it comes again."""


class Lease(Protocol):
    """The right to lead, until it is released or lost."""

    lost: asyncio.Event
    """Set when another may lead from now on: stop at once."""

    async def release(self) -> None:
        """Let the next one lead without waiting."""


class Leases(Protocol):
    """One holder at a time for each name."""

    async def acquire(self, name: str) -> Lease:
        """Wait until the lease `name` is ours (a dead holder's ends after 3 s)."""
