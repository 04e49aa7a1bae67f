"""The queue role and a switch (on fakes of its ports) on one bus: what one asks, the other does."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bus.memory_lease import MemoryLeases
from domain.agent import AgentState
from domain.call import QueuedBecause
from domain.topics import SWITCH_COMMAND
from hotline.queue_commands import read_log
from telephony.acd.explain import WhyKind, explain
from telephony.acd.queue_settings import QueueEntry, QueueSettings
from tests.hotline.test_queue_role import House as QueueHouse
from tests.hotline.test_queue_role import eventually, state_of, waiting
from tests.telephony.fake_ports import FakeLeg, describe
from tests.telephony.house import House as SwitchHouse

CITIZEN = "tel:13812345678"


class Site:
    """One switch, one queue."""

    def __init__(self, folder: Path) -> None:
        self.switch = SwitchHouse(folder)
        queues = (QueueEntry(name="closed", open_workdays="", open_restdays=""),)
        settings = QueueSettings(callback_hours="00:00-24:00", callback_after_s=0, queues=queues)
        self.queue = QueueHouse(self.switch.bus, self.switch.log, MemoryLeases(), None, settings)

    async def arrive(self, queue: str = "default") -> FakeLeg:
        leg = self.switch.arrive()
        self.switch.scripts[-1].controls.enqueue(queue, QueuedBecause.KEY, 0)
        return leg

    def seen(self, number: int = 0) -> list[object]:
        """What the flow of this call was told."""
        return self.switch.scripts[number].seen

    async def phone(self, target: str) -> FakeLeg:
        """The call that was placed there."""

        async def look() -> FakeLeg | None:
            leg = self.switch.endpoint.placed.get(target)
            return leg if leg is not None and not leg.over else None

        leg = await eventually(look, bool)
        assert leg is not None
        return leg

    async def answer(self, target: str) -> None:
        leg = await self.phone(target)
        assert leg.events is not None
        leg.events.on_answered(describe(5000))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path)
    listener = asyncio.create_task(site.switch.listening.run())
    serving = await site.switch.bus.serve(SWITCH_COMMAND, (), site.switch.switch.on_command)
    site.queue.start()
    await site.queue.until_leading()
    yield site
    await site.queue.stop()
    await serving.close()
    await site.switch.switch.stop()
    listener.cancel()
    await asyncio.wait([listener])


async def test_a_caller_presses_a_key_and_is_called_back_when_an_agent_is_free(site: Site) -> None:
    leg = await site.arrive()
    snapshot = await site.queue.until(lambda snapshot: len(snapshot.waiting) == 1)
    call_id = snapshot.waiting[0].call_id

    async def told() -> bool:
        return "position 0" in site.seen()

    await eventually(told, bool)
    controls = site.switch.scripts[0].controls
    controls.ask_callback()
    controls.end("to be called back")
    await site.queue.until(lambda snapshot: bool(snapshot.waiting) and snapshot.waiting[0].callback)
    assert leg.over
    await site.queue.ready("8001", "8001")
    await site.answer("8001")
    await site.answer(CITIZEN)
    snapshot = await site.queue.until(state_of("8001", AgentState.TALKING))
    assert snapshot.waiting == ()
    new_id = snapshot.agents[0].call_id
    assert new_id != call_id
    (await site.phone(CITIZEN)).end(by_remote=True, status=200, reason="bye")
    await site.queue.until(state_of("8001", AgentState.WRAP_UP))
    found = explain(await read_log(site.queue.log, call_id), call_id, site.queue.rules())
    assert [why.kind for why in found][-3:] == [WhyKind.RANG, WhyKind.CONNECTED, WhyKind.SPENT]


async def test_a_citizen_who_does_not_answer_frees_the_agent_and_stays_in_the_queue(site: Site) -> None:
    await site.arrive()
    await site.queue.until(lambda snapshot: len(snapshot.waiting) == 1)
    controls = site.switch.scripts[0].controls
    controls.ask_callback()
    controls.end("to be called back")
    await site.queue.ready("8001", "8001")
    await site.answer("8001")
    (await site.phone(CITIZEN)).end(by_remote=True, status=486, reason="busy")
    snapshot = await site.queue.until(state_of("8001", AgentState.READY))
    assert snapshot.agents[0].reason == "the citizen did not answer"
    assert [call.callback for call in snapshot.waiting] == [True]


async def test_a_caller_of_a_closed_queue_is_told_and_leaves(site: Site) -> None:
    await site.arrive("closed")

    async def told() -> bool:
        return "turned away closed" in site.seen()

    await eventually(told, bool)
    site.switch.scripts[0].controls.end("turned away: closed")
    await site.queue.until(waiting())
