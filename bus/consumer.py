"""A durable reader of one stream: one message at a time, in order, from where it stopped; it outlives NATS."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic

import msgspec
import nats.errors
import structlog
from nats.aio.msg import Msg
from nats.js import api
from nats.js.errors import NotFoundError

from bus.link import NatsLink
from bus.metrics import DROPPED, REDELIVERED
from bus.streams import StreamSpec
from domain.errors import BusError, HotlineError
from domain.ports import Record
from domain.topic import Message, Topic

logger = structlog.get_logger()
NANOSECONDS = 1_000_000_000
PULL_S = 30
"""How long one request for the next message stands; asked again after it."""

ACK_WAIT_S = 3.0
"""After a reader's death its message comes to the next one so late; a living one renews while its handler runs."""

JOB_ACK_WAIT_S = 30.0
JOBS_AT_ONCE = 256
FIRST_RETRY_S = 0.1
LAST_RETRY_S = 5.0


class DurableReader(Generic[Message]):
    """The loop of one `consume`."""

    def __init__(
        self,
        link: NatsLink,
        spec: StreamSpec,
        topic: Topic[Message],
        handler: Callable[[Record[Message]], Awaitable[None]],
        name: str,
        from_now: bool,
    ) -> None:
        self._link = link
        self._spec = spec
        self._topic = topic
        self._handler = handler
        self._name = name
        self._from_now = from_now
        self._ack_wait_s = JOB_ACK_WAIT_S if spec.work_queue else ACK_WAIT_S
        self._arrived: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._done: deque[int] = deque(maxlen=64)
        self._closing = False
        self._handling = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when the server knows the reader; waits for a server that is just away."""
        while True:
            try:
                await self._ensure()
                break
            except (nats.errors.Error, OSError) as error:
                if self._link.client.is_closed:
                    raise BusError("the bus is closed", where=self._topic.pattern) from error
                logger.warning("waiting for the stream", stream=self._spec.name, error=_name(error))
                await asyncio.sleep(FIRST_RETRY_S)
        self._link.listeners.append(self._on_link_changed)
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        self._closing = True
        with contextlib.suppress(ValueError):
            self._link.listeners.remove(self._on_link_changed)
        task = self._task
        if task is None or task is asyncio.current_task():
            return
        if not self._handling:
            task.cancel()
        await asyncio.wait({task})

    def _on_link_changed(self) -> None:
        self._arrived.put_nowait(None)

    async def _ensure(self) -> None:
        jetstream = self._link.jetstream
        try:
            await jetstream.consumer_info(self._spec.name, self._name)
        except NotFoundError:
            await jetstream.add_consumer(
                self._spec.name,
                api.ConsumerConfig(
                    durable_name=self._name,
                    deliver_policy=api.DeliverPolicy.NEW if self._from_now else api.DeliverPolicy.ALL,
                    ack_policy=api.AckPolicy.EXPLICIT,
                    ack_wait=self._ack_wait_s,
                    max_ack_pending=JOBS_AT_ONCE if self._spec.work_queue else 1,
                    filter_subject=self._topic.pattern,
                ),
            )
            logger.info("reader created", stream=self._spec.name, consumer=self._name)

    async def _run(self) -> None:
        pause_s = FIRST_RETRY_S
        while not self._closing:
            try:
                if self._link.up:
                    await self._read()
                    pause_s = FIRST_RETRY_S
                else:
                    await self._arrived.get()  # only a change of the link comes here now
                    continue
            except (nats.errors.Error, OSError) as error:
                if self._link.client.is_closed:
                    return
                logger.warning("reading was interrupted", stream=self._spec.name, error=_name(error))
            if not self._closing:
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, LAST_RETRY_S)

    async def _read(self) -> None:
        """Ask for one message after the other until the link changes, the server refuses, or we close."""
        await self._ensure()
        client = self._link.client
        arrived: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._arrived = arrived

        async def receive(message: Msg) -> None:
            arrived.put_nowait(message)

        inbox = client.new_inbox()
        subscription = await client.subscribe(inbox, cb=receive)
        ask = json.dumps({"batch": 1, "expires": PULL_S * NANOSECONDS}).encode()
        try:
            while not self._closing and self._link.up:
                await client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{self._spec.name}.{self._name}", ask, reply=inbox)
                try:
                    message = await asyncio.wait_for(arrived.get(), PULL_S + 2)
                except TimeoutError:
                    continue
                if message is None:
                    return
                status = (message.headers or {}).get("Status", "")
                if not status:
                    await self._hear(message)
                elif status not in ("404", "408"):  # those: nothing came in time
                    return
        finally:
            with contextlib.suppress(nats.errors.Error):
                await subscription.unsubscribe()

    async def _hear(self, message: Msg) -> None:
        self._handling = True
        try:
            await self._handle(message)
        finally:
            self._handling = False

    async def _handle(self, message: Msg) -> None:
        metadata = message.metadata
        sequence = metadata.sequence.stream
        if sequence in self._done:  # our acknowledgement was lost, with the server that it was sent to
            await message.ack()
            return
        try:
            value = self._topic.codec.decode(message.data)
        except (msgspec.MsgspecError, HotlineError) as error:
            DROPPED.labels("unreadable").inc()
            logger.error("a kept message is not readable", subject=message.subject, error=str(error))
            await message.term()
            return
        record = Record(
            subject=message.subject, sequence=sequence, at_ms=int(metadata.timestamp.timestamp() * 1000), value=value
        )
        renewing = asyncio.get_running_loop().create_task(self._renew(message))
        try:
            await self._handler(record)
        except Exception:
            # Whatever it was, the message comes again: that is the contract.
            REDELIVERED.inc()
            logger.exception("a kept message will come again", subject=message.subject, consumer=self._name)
            await message.nak(delay=min(FIRST_RETRY_S * 2 ** (metadata.num_delivered - 1), LAST_RETRY_S))
            return
        finally:
            renewing.cancel()
        self._done.append(sequence)
        await message.ack()

    async def _renew(self, message: Msg) -> None:
        """Tell the server that the handler still works on it."""
        while True:
            await asyncio.sleep(self._ack_wait_s / 3)
            with contextlib.suppress(nats.errors.Error, OSError):  # away: `_done` catches what comes twice
                await message.in_progress()


def _name(error: Exception) -> str:
    return str(error) or type(error).__name__
