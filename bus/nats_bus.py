"""The bus on core NATS: said now, heard by who listens now."""

import contextlib
from collections.abc import Awaitable, Callable

import msgspec
import nats.errors
import structlog
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription as NatsSubscription

from bus.inbox import Answering, Inbox
from bus.link import NatsLink
from bus.metrics import DROPPED
from domain.errors import BusError, HotlineError, NoResponderError
from domain.ports import Subscription
from domain.topic import Answer, Message, Question, Service, Topic

logger = structlog.get_logger()
ARRIVES_WITHIN_S = 2.0
FAILED = "Hotline-Failed"
"""Header of an answer whose handler raised: what went wrong, instead of an answer."""


class Hearing:
    """A subscription and what works on its messages."""

    def __init__(self, subscription: NatsSubscription, work: Inbox[Msg] | Answering[Msg]) -> None:
        self._subscription = subscription
        self._work = work

    async def close(self) -> None:
        with contextlib.suppress(nats.errors.Error):  # closed already, with its connection
            await self._subscription.unsubscribe()
        await self._work.close()


class NatsBus:
    """domain.ports.Bus."""

    def __init__(self, link: NatsLink) -> None:
        self._link = link

    async def publish(self, topic: Topic[Message], keys: tuple[str, ...], value: Message) -> None:
        if not self._link.up:
            DROPPED.labels("away").inc()
            return
        try:
            await self._link.client.publish(topic.subject(*keys), topic.codec.encode(value))
        except (nats.errors.Error, OSError) as error:
            DROPPED.labels("refused").inc()
            logger.warning("a message was dropped", subject=topic.pattern, error=str(error))

    async def subscribe(
        self,
        topic: Topic[Message],
        keys: tuple[str, ...],
        handler: Callable[[str, Message], Awaitable[None]],
        *,
        group: str = "",
    ) -> Subscription:
        async def handle(message: Msg) -> None:
            try:
                value = topic.codec.decode(message.data)
            except (msgspec.MsgspecError, HotlineError) as error:
                DROPPED.labels("unreadable").inc()
                logger.error("a message is not readable", subject=message.subject, error=str(error))
                return
            await handler(message.subject, value)

        inbox: Inbox[Msg] = Inbox(topic.pattern, handle)

        async def receive(message: Msg) -> None:
            inbox.put(message)

        return Hearing(await self._listen(topic.subject(*keys), group, receive), inbox)

    async def request(
        self, service: Service[Question, Answer], keys: tuple[str, ...], value: Question, *, timeout_s: float
    ) -> Answer:
        subject = service.subject(*keys)
        if not self._link.up:
            raise BusError("the bus is away", where=subject, remedy="ask again when NATS is back")
        try:
            reply = await self._link.client.request(subject, service.question.encode(value), timeout=timeout_s)
        except nats.errors.NoRespondersError as error:
            raise NoResponderError("nobody serves it", where=subject, remedy="start the role that does") from error
        except (nats.errors.Error, OSError) as error:
            raise BusError(
                f"no answer within {timeout_s} s ({type(error).__name__})", where=subject, remedy="ask again"
            ) from error
        failure = (reply.headers or {}).get(FAILED)
        if failure is not None:
            raise BusError(f"who serves it failed: {failure}", where=subject, remedy="see the log of that role")
        try:
            return service.answer.decode(reply.data)
        except msgspec.MsgspecError as error:
            raise BusError(
                f"the answer is not readable ({error})", where=subject, remedy="run the same version everywhere"
            ) from error

    async def serve(
        self,
        service: Service[Question, Answer],
        keys: tuple[str, ...],
        handler: Callable[[str, Question], Awaitable[Answer]],
        *,
        group: str = "",
    ) -> Subscription:
        async def handle(message: Msg) -> None:
            headers: dict[str, str] | None = None
            data = b""
            try:
                answer = await handler(message.subject, service.question.decode(message.data))
                data = service.answer.encode(answer)
            except Exception as error:
                # Whoever asked shall not wait for an answer that never comes.
                logger.exception("a question could not be answered", subject=service.pattern)
                headers = {FAILED: " ".join(str(error).split()) or type(error).__name__}
            if message.reply:
                try:
                    await self._link.client.publish(message.reply, data, headers=headers)
                except (nats.errors.Error, OSError) as error:
                    logger.warning("an answer was lost", subject=service.pattern, error=str(error))

        work: Answering[Msg] = Answering(handle)
        return Hearing(await self._listen(service.subject(*keys), group, work.put), work)

    async def _listen(self, subject: str, group: str, receive: Callable[[Msg], Awaitable[None]]) -> NatsSubscription:
        client = self._link.client
        try:
            subscription = await client.subscribe(subject, queue=group, cb=receive)
            if self._link.up:
                await self._arrive(subject)
        except (nats.errors.Error, OSError) as error:
            raise BusError(f"cannot subscribe ({error})", where=subject, remedy="is NATS there?") from error
        return subscription

    async def _arrive(self, subject: str) -> None:
        """What is said after we return is heard; a NATS that hangs is as one that is away, and takes it up later."""
        try:
            await self._link.arrived(ARRIVES_WITHIN_S)
        except TimeoutError:
            logger.warning("NATS does not answer, a subscription waits for it", subject=subject)
