"""A telephone of ours that calls another, on fakes of the ports: who rings, who hears whom, what is written."""

from dataclasses import replace

import msgspec
import pytest

from bus.memory import MemoryLog
from domain.agent import AgentState, AgentStatus
from domain.call import CallEvent, DigitSource
from domain.colleague_call import ColleagueAnswered, ColleagueCalled, ColleagueCallEnded
from domain.topic import Message, Topic
from domain.topics import AGENT_STATE, CALL_EVENT
from telephony.calls.journal import read_notes
from telephony.calls.switch import bury_lost_calls
from telephony.media.tone import note
from tests.telephony.calls.test_phone_dialling import dials, sits
from tests.telephony.fake_ports import FakeLeg, FakeMedia, describe
from tests.telephony.house import House, kinds

SPOKEN = note(500, 0.1)


async def colleague_is(house: House, state: AgentState) -> None:
    """Who sits at 8002."""
    status = AgentStatus(agent_id="wang", name="王", extension="8002", state=state, since_ms=0, at_ms=0)
    await house.log.append(AGENT_STATE, ("wang",), status, event_id=f"wang.{state}")
    await sits(house)


def rung(house: House) -> FakeLeg:
    return house.endpoint.placed["8002"]


def media(house: House, leg: FakeLeg) -> FakeMedia:
    [own] = [each for each in house.plane.legs.values() if each.events is leg.events]
    return own


def hears(house: House, leg: FakeLeg, other: FakeLeg) -> bool:
    return house.plane.heard.get(media(house, leg).port, ()) == (media(house, other).port,)


def answered(house: House) -> tuple[FakeLeg, FakeLeg]:
    caller = dials(house, "8002")
    rung(house).events.on_answered(describe(6000))
    return caller, rung(house)


async def test_the_colleagues_telephone_rings_and_the_two_hear_each_other(house: House) -> None:
    await colleague_is(house, AgentState.READY)
    caller = dials(house, "8002")
    callee = rung(house)
    assert (callee.caller_number, caller.asked) == ("8001", [])
    callee.events.on_progress(180)
    callee.events.on_answered(describe(6000))
    assert caller.asked == ["ring", "answer"]
    assert hears(house, caller, callee)
    assert hears(house, callee, caller)
    caller.events.on_digit("5", DigitSource.INFO)  # type: ignore[call-arg]
    assert media(house, callee).digits == "5"
    for leg in (caller, callee):
        media(house, leg).events.on_chunk(0, SPOKEN)
    callee.end(by_remote=True, status=200, reason="bye")
    assert caller.asked[-1] == "hang up"
    await house.closed()
    events = await house.events()
    assert kinds(events) == ["ColleagueCalled", "ColleagueAnswered", "ColleagueCallEnded"]
    called = events[0]
    assert isinstance(called, ColleagueCalled)
    assert (called.extension, called.agent_id) == ("8001", "li")
    assert (called.called_extension, called.called_agent_id) == ("8002", "wang")
    assert not house.plane.legs
    assert not house.recorders
    assert not house.scripts
    assert not list(house.folder.iterdir())


@pytest.mark.parametrize("state", [AgentState.SIGNED_OUT, AgentState.BREAK, AgentState.WRAP_UP])
async def test_who_takes_no_callers_is_rung_all_the_same(house: House, state: AgentState) -> None:
    await colleague_is(house, state)
    dials(house, "8002")
    assert "8002" in house.endpoint.placed
    await house.switch.stop()


@pytest.mark.parametrize("state", [AgentState.TALKING, AgentState.RINGING])
async def test_who_has_a_call_is_busy(house: House, state: AgentState) -> None:
    await colleague_is(house, state)
    assert dials(house, "8002").asked == ["reject 486"]
    assert not house.endpoint.placed
    assert not house.plane.legs


async def test_a_telephone_where_nobody_is_signed_in_calls_and_has_one_call_at_a_time(house: House) -> None:
    await sits(house, AgentState.SIGNED_OUT)
    assert dials(house, "8001").asked == ["reject 486"], "its own"
    dials(house, "8002")
    assert "8002" in house.endpoint.placed
    assert dials(house, "8002").asked == ["reject 403"]
    assert dials(house, "8001", caller_number="8002").asked == ["reject 403"]
    assert dials(house, "8002", caller_number="8003").asked == ["reject 486"]
    await house.switch.stop()
    await house.closed()
    [called, ended] = await house.events()
    assert isinstance(called, ColleagueCalled)
    assert called.agent_id == ""
    assert isinstance(ended, ColleagueCallEnded)
    assert not house.plane.legs


@pytest.mark.parametrize(("status", "told"), [(480, 480), (486, 486), (408, 480), (603, 603), (401, 502)])
async def test_how_the_ringing_ended_is_told_back(house: House, status: int, told: int) -> None:
    await colleague_is(house, AgentState.READY)
    caller = dials(house, "8002")
    rung(house).end(by_remote=True, status=status, reason="no")
    assert caller.asked[0] == f"reject {told}"
    await house.closed()
    [*_, ended] = await house.events()
    assert isinstance(ended, ColleagueCallEnded)
    assert ended.sip_status == status
    assert not house.plane.legs


async def test_who_gives_up_stops_the_ringing(house: House) -> None:
    await colleague_is(house, AgentState.READY)
    caller = dials(house, "8002")
    caller.end(by_remote=True, status=487, reason="cancelled")
    assert rung(house).asked == ["hang up"]
    await house.closed()
    assert not house.plane.legs


async def test_the_hold_key_of_either_gives_the_other_music(house: House) -> None:
    await colleague_is(house, AgentState.READY)
    caller, callee = answered(house)
    held = msgspec.structs.replace(describe(6000), receives=False)
    for holder, other in ((caller, callee), (callee, caller)):
        holder.events.on_media_changed(held)
        assert media(house, other).playing == b"music"
        assert not hears(house, other, holder)
        holder.events.on_media_changed(describe(6000))
        assert media(house, other).playing == b""
        assert hears(house, other, holder)
    await house.switch.stop()


async def test_its_transfer_key_has_no_call_to_give_away(house: House) -> None:
    await colleague_is(house, AgentState.READY)
    caller, callee = answered(house)
    for leg in (caller, callee):
        leg.events.on_transfer_asked("12345", "")
        assert leg.asked[-1] == "transfer 603"
    await house.switch.stop()


async def test_sound_before_the_answer_is_passed_on_to_the_one_who_calls(house: House) -> None:
    await colleague_is(house, AgentState.READY)
    caller = dials(house, "8002")
    rung(house).events.on_progress(183, describe(6000))
    assert caller.asked == ["ring with sound"]
    assert hears(house, caller, rung(house))
    assert not hears(house, rung(house), caller)
    await house.switch.stop()


async def test_a_switch_that_was_lost_leaves_nobody_engaged(house: House) -> None:
    await colleague_is(house, AgentState.READY)
    answered(house)
    await house.settled()
    [lost] = read_notes(house.folder)
    assert lost.between_colleagues
    await bury_lost_calls([lost], house.folder, house.log, house.now_ms, lambda call_id: ("x.wav", 1, "f00"))
    assert kinds(await house.events()) == ["ColleagueCalled", "ColleagueAnswered", "ColleagueCallEnded"]
    await house.switch.stop()


class RefusingOnce(MemoryLog):
    """A log that does not take the first event of one kind."""

    def __init__(self, kind: type[CallEvent]) -> None:
        super().__init__()
        self._kind: type[CallEvent] | None = kind

    async def append(self, topic: Topic[Message], keys: tuple[str, ...], value: Message, *, event_id: str) -> None:
        if self._kind is not None and isinstance(value, self._kind):
            self._kind = None
            raise ValueError("a defect")
        await super().append(topic, keys, value, event_id=event_id)


@pytest.mark.parametrize("kind", [ColleagueCalled, ColleagueAnswered])
async def test_a_call_whose_event_the_log_does_not_take_is_ended_and_its_end_is_told(
    house: House, kind: type[CallEvent]
) -> None:
    await colleague_is(house, AgentState.READY)
    assert house.switch.parts is not None
    house.switch.parts = replace(house.switch.parts, log=(log := RefusingOnce(kind)))
    caller, callee = answered(house)
    await house.closed()
    assert caller.asked[-1] == callee.asked[-1] == "hang up"
    [*_, ended] = [record.value for record in await log.replay(CALL_EVENT, ())]
    assert isinstance(ended, ColleagueCallEnded)
    assert ended.cause == "internal fault"
    assert not house.plane.legs
    assert not house.switch.calls_up
    assert not list(house.folder.iterdir())
