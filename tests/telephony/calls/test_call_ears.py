"""What a call hears on the bus, and what becomes of it where the bus refuses."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from bus.memory import MemoryBus
from domain.command import CancelRing
from domain.errors import BusError, NoResponderError
from domain.ports import Subscription
from domain.topic import Message, Topic
from domain.topics import CALL_COMMAND, CALL_PARTIAL
from tests.telephony.house import House, kinds


class RefusingBus(MemoryBus):
    """It takes no subscription to partial results, the last thing that a call asks for."""

    async def subscribe(
        self,
        topic: Topic[Message],
        keys: tuple[str, ...],
        handler: Callable[[str, Message], Awaitable[None]],
        *,
        group: str = "",
    ) -> Subscription:
        if topic.pattern == CALL_PARTIAL.pattern:
            raise BusError("cannot subscribe", where=topic.pattern, remedy="is NATS there?")
        return await super().subscribe(topic, keys, handler, group=group)


async def test_a_call_that_the_bus_refuses_ends_with_its_history_and_recording_and_leaves_nothing(house: House) -> None:
    assert house.switch.parts is not None
    bus = RefusingBus()
    house.switch.parts = replace(house.switch.parts, bus=bus)
    leg = house.arrive()
    await house.closed()
    assert "hang up" in leg.asked
    events = await house.events()
    assert kinds(events) == ["CallArrived", "CallAnswered", "CallEnded", "RecordingFinished"]
    assert not house.recording
    assert not house.plane.legs
    assert not list(house.folder.iterdir())
    with pytest.raises(NoResponderError):
        await bus.request(CALL_COMMAND, (events[0].call_id,), CancelRing(offer_id="none"), timeout_s=1)
