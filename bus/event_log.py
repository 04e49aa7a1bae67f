"""The event log on JetStream: said once, kept, heard at least once in order."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

import msgspec
import nats.errors
import structlog
from nats.js import api

from bus.consumer import DurableReader
from bus.ending import end
from bus.link import NatsLink
from bus.metrics import DROPPED, SPOOLED
from bus.settings import BusSettings
from bus.spool import Spool, SpooledEvent
from bus.streams import ensure_streams, stream_of
from domain.errors import BusError, HotlineError
from domain.ports import Record, Subscription
from domain.topic import Message, Topic

logger = structlog.get_logger()
BATCH = 256
RETRY_S = 0.5
P = ParamSpec("P")
R = TypeVar("R")
OWN_WORDS_S = 3.0
"""How long a replay waits for this role's own spool."""

_CONSUMER_NAME = re.compile(r"[A-Za-z0-9_-]+")


class JetStreamLog:
    """domain.ports.EventLog, with a spool on disk for the time in which NATS is away."""

    def __init__(self, link: NatsLink, settings: BusSettings, spool_file: Path) -> None:
        self._link = link
        self._settings = settings
        self._spool = Spool(spool_file, int(settings.spool_mib * 1024 * 1024))
        self._disk = ThreadPoolExecutor(1, "spool")
        self._wake = asyncio.Event()
        self._drained = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Make sure that the streams are there, and begin to replay what an earlier life left in the spool.

        The thread for the disk begins too, so that a process has the same threads whether its bus was away or not.
        """
        self._disk.submit(bool, self._spool)
        await ensure_streams(self._link.jetstream, self._settings)
        self._link.listeners.append(self._wake.set)
        self._wake.set()
        self._task = asyncio.get_running_loop().create_task(self._replay_spool())

    async def close(self) -> None:
        """What is still in the spool stays there for the next life of this role."""
        if self._task is not None:
            await end(self._task)

    async def append(self, topic: Topic[Message], keys: tuple[str, ...], value: Message, *, event_id: str) -> None:
        stream_of(topic)
        event = SpooledEvent(subject=topic.subject(*keys), event_id=event_id, data=topic.codec.encode(value))
        if self._spool or not self._link.up or not await self._store(event):
            await self._keep_on_disk(event)

    async def replay(
        self, topic: Topic[Message], keys: tuple[str, ...], *, after: int = 0, since_ms: int = 0
    ) -> list[Record[Message]]:
        spec = stream_of(topic)
        with contextlib.suppress(TimeoutError):  # what we said ourselves comes first, unless NATS does not take it
            await asyncio.wait_for(self._drained.wait(), OWN_WORDS_S)
        try:
            return await self._replay(spec.name, topic, topic.subject(*keys), _begin(after, since_ms))
        except (nats.errors.Error, OSError) as error:
            raise BusError(
                f"cannot read the stream ({error or type(error).__name__})",
                where=f"stream {spec.name}",
                remedy="is NATS there? See its log",
            ) from error

    async def consume(
        self,
        topic: Topic[Message],
        handler: Callable[[Record[Message]], Awaitable[None]],
        *,
        consumer: str,
        from_now: bool = False,
    ) -> Subscription:
        if not _CONSUMER_NAME.fullmatch(consumer):
            raise BusError("not a name for a consumer", where=consumer, remedy="use letters, digits, - and _")
        reader = DurableReader(self._link, stream_of(topic), topic, handler, consumer, from_now)
        await reader.start()
        return reader

    async def _store(self, event: SpooledEvent) -> bool:
        """Whether it needs no more care: the stream has it, or can never take it."""
        try:
            await self._link.jetstream.publish(
                event.subject,
                event.data,
                timeout=self._settings.append_timeout_s,
                headers={api.Header.MSG_ID: event.event_id},
            )
        except nats.errors.MaxPayloadError:
            DROPPED.labels("too big").inc()
            logger.error("an event is too big for the bus and is lost", subject=event.subject, size=len(event.data))
        except (nats.errors.Error, OSError) as error:
            logger.warning("the stream did not take an event", subject=event.subject, error=str(error))
            return False
        return True

    async def _keep_on_disk(self, event: SpooledEvent) -> None:
        self._drained.clear()
        try:
            kept = await self._on_disk(self._spool.add, event)
        except OSError as error:
            logger.error("the spool refused an event, which is lost", subject=event.subject, error=str(error))
            DROPPED.labels("spool").inc()
            return
        if kept:
            SPOOLED.inc()
        else:
            logger.error("the spool is full, an event is lost", subject=event.subject)
            DROPPED.labels("spool").inc()
        self._wake.set()

    async def _replay_spool(self) -> None:
        """Bring what waits on disk to the streams, in order, whenever NATS is there."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._link.up and self._spool:
                event = await self._on_disk(self._spool.first)
                if event is None:
                    break
                if not await self._store(event):
                    await self._heal_streams()
                    await asyncio.sleep(RETRY_S)
                    continue
                await self._on_disk(self._spool.take)
            if not self._spool:
                self._drained.set()

    async def _on_disk(self, work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """One after another, on one thread: the spool is not for two."""
        return await asyncio.get_running_loop().run_in_executor(self._disk, partial(work, *arguments, **named))

    async def _heal_streams(self) -> None:
        """NATS may have come back with an empty store."""
        try:
            await ensure_streams(self._link.jetstream, self._settings)
        except BusError as error:
            logger.warning("the streams are not ready", error=str(error))

    async def _replay(
        self, stream: str, topic: Topic[Message], subject: str, begin: api.ConsumerConfig
    ) -> list[Record[Message]]:
        config = begin.evolve(
            ack_policy=api.AckPolicy.NONE,
            inactive_threshold=10.0,
            mem_storage=True,
            num_replicas=1,
        )
        reader = await self._link.jetstream.pull_subscribe(subject, stream=stream, config=config)
        records: list[Record[Message]] = []
        try:
            pending = (await reader.consumer_info()).num_pending or 0
            while pending:
                for message in await reader.fetch(min(BATCH, pending), timeout=5):
                    metadata = message.metadata
                    pending = metadata.num_pending
                    try:
                        value = topic.codec.decode(message.data)
                    except (msgspec.MsgspecError, HotlineError) as error:
                        DROPPED.labels("unreadable").inc()
                        logger.error("a kept message is not readable", subject=message.subject, error=str(error))
                        continue
                    at_ms = int(metadata.timestamp.timestamp() * 1000)
                    records.append(
                        Record(subject=message.subject, sequence=metadata.sequence.stream, at_ms=at_ms, value=value)
                    )
        finally:
            await reader.unsubscribe()
        return records


def _begin(after: int, since_ms: int) -> api.ConsumerConfig:
    """Where a replay begins."""
    if since_ms:
        since = datetime.fromtimestamp(since_ms / 1000, UTC)
        return api.ConsumerConfig(deliver_policy=api.DeliverPolicy.BY_START_TIME, opt_start_time=since)
    return api.ConsumerConfig(deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=after + 1)
