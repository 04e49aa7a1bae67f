"""What a call hears on the bus: what it is told to do, and what listeners write down of its sides."""

from collections.abc import Awaitable, Callable

import structlog

from domain.command import CallCommand, CommandReply
from domain.errors import BusError
from domain.ports import Bus, Subscription
from domain.speech import LivePartial, SpeechMessage
from domain.topics import CALL_COMMAND, CALL_PARTIAL, CALL_SPEECH

logger = structlog.get_logger()


class CallEars:
    """Of one call; open before anybody is told of it, so that nobody asks in vain."""

    def __init__(self, call_id: str, bus: Bus) -> None:
        self._call_id = call_id
        self._bus = bus
        self._subscriptions: list[Subscription] = []

    async def open(
        self,
        on_command: Callable[[str, CallCommand], Awaitable[CommandReply]],
        on_speech: Callable[[str, LivePartial | SpeechMessage], Awaitable[None]],
    ) -> bool:
        """False, and logged, where the bus refuses. A bus that is away or hangs does not: it hears of it later."""
        keys = (self._call_id,)
        try:
            self._subscriptions.append(await self._bus.serve(CALL_COMMAND, keys, on_command))
            self._subscriptions.append(await self._bus.subscribe(CALL_SPEECH, keys, on_speech))
            self._subscriptions.append(await self._bus.subscribe(CALL_PARTIAL, keys, on_speech))
        except BusError as error:
            logger.error("a call can be told nothing", call_id=self._call_id, error=str(error))
            return False
        return True

    async def close(self) -> None:
        for subscription in self._subscriptions:
            await subscription.close()
