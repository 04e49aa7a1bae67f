"""What the queue decided, as the switches hear it and as the log explains it afterwards."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from bus.memory import MemoryBus, MemoryLog
from bus.memory_lease import MemoryLeases
from domain.agent import AgentState, ForceState
from domain.call import (
    CallAnswered,
    CallbackAsked,
    CallConnected,
    CallEnded,
    CallPlaced,
    DialBecause,
    EndedBy,
    OfferEnded,
)
from domain.colleague_call import ColleagueAnswered, ColleagueCalled, ColleagueCallEnded
from domain.command import AnnouncePosition, CommandReply, DialOut, SwitchCommand, TurnAway, TurnAwayBecause
from domain.target import OfferOutcome
from domain.topics import SWITCH_COMMAND
from hotline.queue_commands import read_log
from telephony.acd.explain import WhyKind, explain
from telephony.acd.queue_settings import QueueEntry, QueueSettings
from tests.hotline.test_queue_role import HandClock, House, eventually, state_of, waiting

NUMBER = "13812345678"
MORNING_S = 4 * 3600
"""The hand clock begins at 6:13 in China."""


@pytest.fixture
async def house() -> AsyncIterator[House]:
    clock = HandClock()
    clock.advance(MORNING_S)
    queues = (QueueEntry(name="night", open_workdays="22:00-24:00", open_restdays=""),)
    settings = QueueSettings(snapshot_every=10, queues=queues)
    house = House(MemoryBus(), MemoryLog(clock.now_ms), MemoryLeases(), clock, settings)
    house.start()
    await house.until_leading()
    yield house
    await house.stop()


def clock_of(house: House) -> HandClock:
    assert isinstance(house._clock, HandClock)
    return house._clock


async def test_a_caller_who_hung_up_is_called_back_by_any_switch(house: House) -> None:
    orders: list[DialOut] = []

    async def dial(_: str, command: SwitchCommand) -> CommandReply:
        orders.append(command)
        return CommandReply(accepted=True, call_id="back")

    await house.bus.serve(SWITCH_COMMAND, (), dial)
    await house.switch.queue("c1", caller_number=NUMBER)
    await house.until(waiting("c1"))
    clock_of(house).advance(60)
    await house.switch.has_asked("c1", AnnouncePosition(before=0, callback=True))
    await house.switch.say(CallbackAsked, "c1", callback_number=NUMBER)
    await house.switch.end("c1")
    clock_of(house).advance(300)
    await house.ready("a", "1001", auto_answer=True)
    await house.until(state_of("a", AgentState.RINGING))

    async def asked() -> list[DialOut]:
        return orders

    (order,) = await eventually(asked, bool)
    offer_id = order.offer_id
    wanted = DialOut(agent_id="a", extension="1001", number=NUMBER, because=DialBecause.CALLBACK, offer_id=offer_id)
    assert order == msgspec.structs.replace(wanted, auto_answer=True)
    names = {"offer_id": offer_id, "agent_id": "a"}
    placed = {"citizen_number": NUMBER, "shown_number": "12345", "extension": "1001", "because": order.because}
    await house.switch.say(CallPlaced, "back", **placed, **names)
    await house.switch.say(OfferEnded, "back", outcome=OfferOutcome.ANSWERED, **names)
    await house.switch.say(CallAnswered, "back")
    await house.switch.say(CallConnected, "back", extension="1001", **names)
    snapshot = await house.until(state_of("a", AgentState.TALKING))
    assert snapshot.waiting == ()
    assert snapshot.agents[0].call_id == "back"
    await house.switch.say(CallEnded, "back", by=EndedBy.CALLER, cause="bye")
    await house.until(state_of("a", AgentState.WRAP_UP))
    kinds = [why.kind for why in explain(await read_log(house.log, "c1"), "c1", house.rules())]
    assert kinds == [
        WhyKind.ENTERED,
        WhyKind.NOBODY_SIGNED_IN,
        WhyKind.WANTS_CALLBACK,
        WhyKind.HUNG_UP,
        WhyKind.NOBODY_SIGNED_IN,
        WhyKind.RANG,
        WhyKind.CONNECTED,
        WhyKind.SPENT,
    ]


async def test_without_a_switch_that_dials_the_agent_is_left_in_peace(house: House) -> None:
    await house.switch.queue("c1", caller_number=NUMBER)
    await house.switch.say(CallbackAsked, "c1", callback_number=NUMBER)
    await house.switch.end("c1")
    await house.ready("a", "1001")
    snapshot = await house.until(lambda seen: seen.agents[0].reason == "the switch refused: nobody serves it")
    assert snapshot.agents[0].state is AgentState.READY
    assert [(call.call_id, call.callback) for call in snapshot.waiting] == [("c1", True)]


async def test_colleagues_who_call_each_other_are_offered_no_caller_and_have_no_call_to_show(house: House) -> None:
    await house.ready("a", "1001")
    who = {"extension": "1001", "agent_id": "a", "called_extension": "1002", "called_agent_id": ""}
    await house.switch.say(ColleagueCalled, "own", **who)
    await house.until(state_of("a", AgentState.RINGING))
    await house.switch.say(ColleagueAnswered, "own", **who)
    snapshot = await house.until(state_of("a", AgentState.TALKING))
    assert (snapshot.agents[0].call_id, snapshot.agents[0].reason) == ("", "with a colleague")
    await house.switch.queue("c1")
    await house.until(waiting("c1"))
    await house.switch.say(ColleagueCallEnded, "own", cause="bye")
    snapshot = await house.until(lambda seen: any(each.offered_to == "a" for each in seen.waiting))
    assert snapshot.agents[0].call_id == "c1"
    found = explain(await read_log(house.log, "c1"), "c1", house.rules())
    assert found[1].values["talking"] == 1


async def test_a_caller_of_a_closed_queue_is_told_so(house: House) -> None:
    await house.switch.queue("c1", queue="night")
    await house.switch.has_asked("c1", TurnAway(because=TurnAwayBecause.CLOSED))


async def test_a_leader_forces_a_state_through_the_queue(house: House) -> None:
    await house.ready("a", "1001")
    reply = await house.command("a", ForceState(state="break", by="陈班长", reason="开会"))
    assert reply.status is not None
    assert (reply.status.state, reply.status.reason) == (AgentState.BREAK, "forced by 陈班长: 开会")
    assert (await house.command("b", ForceState(state="break", by="陈班长"))).code == "not_signed_in"


async def test_the_rules_of_the_configuration_stand_in_the_log_and_a_restart_says_them_once(house: House) -> None:
    await house.ready("a", "1001")
    await house.stop()
    house.start("queue-2")
    await house.until_leading()
    for number in range(12):
        await house.switch.queue(f"c{number}")
    await house.until(lambda snapshot: len(snapshot.waiting) == 12)
    found = explain(await read_log(house.log, "c11"), "c11", house.rules())
    assert [why.kind for why in found] == [WhyKind.ENTERED, WhyKind.NOBODY_FREE]
    assert found[1].values["ringing"] == 1
