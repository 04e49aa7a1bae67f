"""What an agent and a team leader do with a call, on fakes of the ports: who hears whom, and what is written down."""

import asyncio
from dataclasses import replace
from typing import TypeVar

import msgspec
import pytest

from domain.call import (
    CallbackAsked,
    CallConnected,
    CallEnded,
    CallQueued,
    DialBecause,
    DigitSource,
    EndedBy,
    QueuedBecause,
)
from domain.command import AnnouncePosition, CallOrder, DialOut, HangUp, OrderCall, PassCall, RingAgent, Supervise
from domain.talk import (
    AgentLeft,
    CallHeld,
    CallSupervised,
    CallTransferred,
    EmergencyHandedOver,
    Passing,
    Supervision,
    TalkChanged,
    TalkPhase,
    ThirdLeft,
)
from domain.target import OfferOutcome, Target, TargetKind
from domain.ticket import AskLocation, TicketLocation
from domain.topics import TICKET_LOCATION
from telephony.calls.steering import FIRST_IN_QUEUE
from telephony.media.tone import ring_back
from telephony.ports import CallStage, MediaDescription
from tests.telephony.fake_ports import FakeLeg, FakeMedia, describe
from tests.telephony.house import House, kinds, waiting

COLLEAGUE = Target(kind=TargetKind.AGENT, value="8002", agent_id="8002", name="周建国")
BUREAU = Target(kind=TargetKind.NUMBER, value="02388886666", name="市住建局")
POLICE = Target(kind=TargetKind.NUMBER, value="110", name="公安 110")
ENGLISH = Target(kind=TargetKind.QUEUE, value="english", name="英语")
Event = TypeVar("Event")


class Talk:
    """A call in which caller and agent 8001 talk, and handles on its telephones."""

    def __init__(self, house: House, caller: FakeLeg) -> None:
        self.house = house
        self.caller = caller

    def phone(self, address: str) -> FakeLeg:
        return self.house.endpoint.placed[address]

    def answer(self, address: str, port: int = 6000) -> None:
        events = self.phone(address).events
        assert events is not None
        events.on_answered(describe(port))

    def media(self, address: str) -> FakeMedia:
        """The media leg of the telephone that was called by this address; "caller" is the citizen."""
        events = self.caller.events if address == "caller" else self.phone(address).events
        return next(leg for leg in self.house.plane.legs.values() if leg.events is events)

    def hears(self, address: str) -> set[str]:
        names = {
            self.media(name).port: name for name in (*self.house.endpoint.placed, "caller") if self._is_there(name)
        }
        return {names[port] for port in self.house.plane.heard.get(self.media(address).port, ())}

    def _is_there(self, name: str) -> bool:
        leg = self.caller if name == "caller" else self.phone(name)
        return any(media.events is leg.events for media in self.house.plane.legs.values())

    async def order(self, order: CallOrder, agent_id: str = "8001") -> str:
        """The code of the refusal, "" when it was taken up."""
        reply = await self.house.command(OrderCall(order=order, agent_id=agent_id))
        return reply.code if not reply.accepted else ""

    async def bring(self, how: Passing, target: Target, agent_id: str = "8001", location: str = "") -> str:
        reply = await self.house.command(PassCall(how=how, target=target, agent_id=agent_id, location=location))
        return reply.code if not reply.accepted else ""

    async def supervise(self, how: Supervision, leader_id: str = "leader") -> str:
        reply = await self.house.command(Supervise(how=how, leader_id=leader_id, extension="9001"))
        return reply.code if not reply.accepted else ""

    async def noted(self, of: type[Event]) -> list[Event]:
        await self.house.settled()
        return [event for event in await self.house.events() if isinstance(event, of)]

    async def phase(self) -> TalkPhase:
        return (await self.noted(TalkChanged))[-1].phase


@pytest.fixture
def speaker(house: House) -> "FakeSpeaker":
    assert house.switch.parts is not None
    speaker = FakeSpeaker()
    house.switch.parts = replace(house.switch.parts, speaker=speaker)
    return speaker


@pytest.fixture
async def talk(house: House) -> Talk:
    caller = await waiting(house)
    await house.command(RingAgent(offer_id="o1", agent_id="8001", extension="8001", timeout_s=15))
    talk = Talk(house, caller)
    talk.answer("8001", 5000)
    return talk


async def test_hold_plays_music_to_the_caller_and_resume_ends_it(talk: Talk) -> None:
    assert await talk.order(CallOrder.RESUME) == "not_now"
    assert await talk.order(CallOrder.HOLD) == ""
    assert talk.media("caller").playing == b"music"
    assert (talk.hears("caller"), talk.hears("8001")) == (set(), set())
    assert await talk.order(CallOrder.HOLD) == "not_now"
    assert await talk.order(CallOrder.RESUME) == ""
    assert talk.media("caller").playing == b""
    assert (talk.hears("caller"), talk.hears("8001")) == ({"8001"}, {"caller"})
    assert await talk.noted(CallHeld)


async def test_the_hold_key_of_the_telephone_does_the_same(talk: Talk) -> None:
    events = talk.phone("8001").events
    assert events is not None
    held = MediaDescription(**{**_fields(describe(5000)), "receives": False})
    events.on_media_changed(held)
    assert talk.media("caller").playing == b"music"
    events.on_media_changed(held)  # a session refresh says it again
    assert await talk.phase() is TalkPhase.HELD
    events.on_media_changed(describe(5000))
    assert await talk.phase() is TalkPhase.TALKING
    assert talk.media("caller").playing == b""


def _fields(media: MediaDescription) -> dict[str, object]:
    return {name: getattr(media, name) for name in MediaDescription.__struct_fields__}


@pytest.mark.parametrize("held", [False, True])
async def test_a_caller_whose_agents_telephone_fails_is_the_next_to_be_answered(talk: Talk, held: bool) -> None:
    if held:
        await talk.order(CallOrder.HOLD)
    talk.phone("8001").end(by_remote=True, status=480, reason="Temporarily Unavailable")
    assert talk.media("caller").playing == b"music"
    assert [(left.agent_id, left.reason) for left in await talk.noted(AgentLeft)] == [("8001", "lost the telephone")]
    again = (await talk.noted(CallQueued))[-1]
    assert (again.because, again.priority) == (QueuedBecause.TRANSFER, FIRST_IN_QUEUE)
    assert not await talk.noted(CallEnded)
    await talk.house.command(RingAgent(offer_id="o2", agent_id="8002", extension="8002", timeout_s=15))
    talk.answer("8002")
    assert (talk.hears("caller"), talk.hears("8002")) == ({"8002"}, {"caller"})


async def test_an_agent_who_hangs_up_ends_the_call(talk: Talk) -> None:
    talk.phone("8001").end(by_remote=True, status=0, reason="dialog ended")
    (ended,) = await talk.noted(CallEnded)
    assert ended.by is EndedBy.AGENT


async def test_mute_takes_the_agent_from_the_callers_ear_only(talk: Talk) -> None:
    await talk.order(CallOrder.MUTE)
    assert (talk.hears("caller"), talk.hears("8001")) == (set(), {"caller"})
    assert talk.media("caller").playing == b""
    await talk.order(CallOrder.UNMUTE)
    assert talk.hears("caller") == {"8001"}


async def test_only_the_agent_of_the_call_may(talk: Talk) -> None:
    assert await talk.order(CallOrder.HOLD, agent_id="8002") == "not_yours"
    assert await talk.bring(Passing.TRANSFER, COLLEAGUE, agent_id="8002") == "not_yours"
    assert await talk.bring(Passing.CONSULT, Target(kind=TargetKind.AGENT, value="8001")) == "own_phone"
    assert await talk.bring(Passing.CONSULT, ENGLISH) == "not_a_person"


async def test_a_colleague_takes_a_blind_transfer(talk: Talk) -> None:
    assert await talk.bring(Passing.TRANSFER, COLLEAGUE) == ""
    assert talk.phone("8001").over
    assert talk.media("caller").playing == b"music"
    talk.answer("8002")
    assert (talk.hears("caller"), talk.hears("8002")) == ({"8002"}, {"caller"})
    assert talk.media("caller").playing == b""
    assert [event.agent_id for event in await talk.noted(CallConnected)] == ["8001", "8002"]
    assert [event.agent_id for event in await talk.noted(AgentLeft)] == ["8001"]
    assert await talk.order(CallOrder.HOLD, agent_id="8002") == ""
    talk.phone("8002").end(by_remote=True, status=200, reason="bye")
    await talk.house.closed()
    assert talk.caller.asked[-1] == "hang up"


async def test_a_blind_transfer_that_nobody_takes_goes_back_to_the_queue_before_all_others(talk: Talk) -> None:
    await talk.bring(Passing.TRANSFER, BUREAU)
    talk.phone("tel:02388886666").end(by_remote=True, status=486, reason="busy")
    [_, again] = await talk.noted(CallQueued)
    assert (again.queue, again.because, again.priority) == ("default", QueuedBecause.TRANSFER, 9)
    assert talk.media("caller").playing == b"music"
    [left] = await talk.noted(ThirdLeft)
    assert (left.outcome, left.sip_status) == (OfferOutcome.REJECTED, 486)
    reply = await talk.house.command(RingAgent(offer_id="o2", agent_id="8003", extension="8003", timeout_s=15))
    assert reply.accepted
    talk.answer("8003")
    assert talk.hears("caller") == {"8003"}


async def test_a_transfer_to_a_queue(talk: Talk) -> None:
    await talk.bring(Passing.TRANSFER, ENGLISH)
    await talk.house.settled()
    order = kinds(await talk.house.events())
    assert order[-4:] == ["CallTransferred", "AgentLeft", "TalkChanged", "CallQueued"]
    [_, again] = await talk.noted(CallQueued)
    assert (again.queue, again.priority) == ("english", 0)
    assert talk.media("caller").playing == b"music"
    assert talk.phone("8001").over


async def test_consult_swap_and_complete(talk: Talk) -> None:
    assert await talk.bring(Passing.CONSULT, BUREAU) == ""
    assert talk.media("8001").playing == ring_back()
    assert talk.media("caller").playing == b"music"
    talk.answer("tel:02388886666")
    assert talk.media("8001").playing == b""
    assert (talk.hears("8001"), talk.hears("caller")) == ({"tel:02388886666"}, set())
    await talk.order(CallOrder.SWAP)
    assert (talk.hears("8001"), talk.hears("tel:02388886666")) == ({"caller"}, set())
    assert talk.media("tel:02388886666").playing == b"music"
    await talk.order(CallOrder.COMPLETE)
    assert (talk.hears("caller"), talk.hears("tel:02388886666")) == ({"tel:02388886666"}, {"caller"})
    assert talk.media("tel:02388886666").playing == b""
    assert [event.target.name for event in await talk.noted(CallTransferred)] == ["市住建局"]
    talk.phone("tel:02388886666").end(by_remote=True, status=200, reason="bye")
    await talk.house.closed()


async def test_a_consultation_that_is_cancelled_refused_or_hung_up_gives_the_caller_back(talk: Talk) -> None:
    address = "tel:02388886666"
    for answered, end in ((False, "cancel"), (True, "cancel"), (False, "refused"), (True, "refused")):
        await talk.bring(Passing.CONSULT, BUREAU)
        if answered:
            talk.answer(address)
        if end == "cancel":
            await talk.order(CallOrder.CANCEL)
            assert talk.phone(address).over
        else:
            talk.phone(address).end(by_remote=True, status=480, reason="away")
        assert (talk.hears("caller"), talk.hears("8001")) == ({"8001"}, {"caller"})
        assert talk.media("caller").playing == b""
        assert talk.media("8001").playing == b""
    outcomes = [event.outcome for event in await talk.noted(ThirdLeft)]
    assert outcomes == [
        OfferOutcome.CANCELLED,
        OfferOutcome.ANSWERED,
        OfferOutcome.UNREACHABLE,
        OfferOutcome.ANSWERED,
    ]
    assert len(talk.house.plane.legs) == 2


async def test_an_agent_who_hangs_up_in_a_consultation_leaves_the_caller_to_the_other(talk: Talk) -> None:
    await talk.bring(Passing.CONSULT, COLLEAGUE)
    talk.answer("8002")
    talk.phone("8001").end(by_remote=True, status=200, reason="bye")
    assert talk.hears("caller") == {"8002"}
    assert await talk.order(CallOrder.MUTE, agent_id="8002") == ""


async def test_three_talk_and_the_third_leaves(talk: Talk) -> None:
    await talk.bring(Passing.CONSULT, COLLEAGUE)
    talk.answer("8002")
    await talk.order(CallOrder.CONFERENCE)
    assert talk.hears("caller") == {"8001", "8002"}
    assert talk.hears("8001") == {"caller", "8002"}
    assert talk.hears("8002") == {"caller", "8001"}
    talk.phone("8002").end(by_remote=True, status=200, reason="bye")
    assert (talk.hears("caller"), talk.hears("8001")) == ({"8001"}, {"caller"})


async def test_one_key_brings_the_police_in_even_out_of_a_consultation(talk: Talk) -> None:
    await talk.bring(Passing.CONSULT, BUREAU)
    assert await talk.bring(Passing.HAND_OVER, POLICE, location="云江区解放路88号") == ""
    assert talk.phone("tel:02388886666").over
    assert talk.hears("caller") == {"8001"}  # nobody in need hears music
    talk.answer("tel:110")
    assert talk.hears("caller") == {"8001", "tel:110"}
    [event] = await talk.noted(EmergencyHandedOver)
    assert (event.target.value, event.location, event.agent_id) == ("110", "云江区解放路88号", "8001")
    talk.phone("8001").end(by_remote=True, status=200, reason="bye")
    assert talk.hears("caller") == {"tel:110"}
    assert not talk.caller.over


async def test_a_leader_listens_whispers_barges_in_and_takes_over(talk: Talk) -> None:
    assert await talk.supervise(Supervision.LISTEN) == ""
    assert (talk.hears("caller"), talk.hears("8001")) == ({"8001"}, {"caller"})
    talk.answer("9001")
    assert talk.hears("9001") == {"caller", "8001"}
    await talk.supervise(Supervision.WHISPER)
    assert (talk.hears("caller"), talk.hears("8001")) == ({"8001"}, {"caller", "9001"})
    assert await talk.supervise(Supervision.BARGE_IN, leader_id="another") == "leader_there"
    await talk.supervise(Supervision.BARGE_IN)
    assert talk.hears("caller") == {"8001", "9001"}
    await talk.supervise(Supervision.TAKE_OVER)
    assert talk.phone("8001").over
    assert (talk.hears("caller"), talk.hears("9001")) == ({"9001"}, {"caller"})
    assert [event.how for event in await talk.noted(CallSupervised)] == [
        Supervision.LISTEN,
        Supervision.WHISPER,
        Supervision.BARGE_IN,
        Supervision.TAKE_OVER,
    ]
    talk.phone("9001").end(by_remote=True, status=200, reason="bye")
    await talk.house.closed()
    assert not talk.house.plane.legs


async def test_a_leader_who_hangs_up_leaves_the_call_as_it_was(talk: Talk) -> None:
    await talk.supervise(Supervision.BARGE_IN)
    talk.answer("9001")
    talk.phone("9001").end(by_remote=True, status=200, reason="bye")
    assert (talk.hears("caller"), talk.hears("8001")) == ({"8001"}, {"caller"})
    last = (await talk.noted(TalkChanged))[-1]
    assert (last.supervision, last.leader_id) == (None, "")
    await talk.supervise(Supervision.LISTEN)
    await talk.supervise(Supervision.END)
    assert talk.phone("9001").over


async def test_a_caller_who_hangs_up_ends_it_for_everybody(talk: Talk) -> None:
    await talk.bring(Passing.CONSULT, COLLEAGUE)
    talk.answer("8002")
    await talk.supervise(Supervision.LISTEN)
    talk.answer("9001")
    talk.caller.end(by_remote=True, status=200, reason="bye")
    await talk.house.closed()
    assert not talk.house.plane.legs
    assert all(talk.phone(address).over for address in ("8001", "8002", "9001"))


async def test_what_the_caller_does_not_hear_is_not_recorded(talk: Talk) -> None:
    await talk.order(CallOrder.HOLD)
    agent, caller = talk.media("8001").events, talk.media("caller").events
    for start_ms in range(0, 2000, 100):
        agent.on_chunk(60_000 + start_ms, b"\x55" * 800)
        caller.on_chunk(60_000 + start_ms, b"\x55" * 800)
    talk.caller.end(by_remote=True, status=200, reason="bye")
    await talk.house.closed()
    assert b"\x55" not in talk.house.recorders[0].sound


# -- from the telephone ------------------------------------------------------------------------------------------------


def press(talk: Talk, digits: str, address: str = "8001") -> None:
    for digit in digits:
        talk.media(address).events.on_digit(digit, DigitSource.RFC4733)


async def test_the_keys_of_a_telephone_do_what_the_page_does(talk: Talk) -> None:
    press(talk, "*1")
    assert talk.media("caller").playing == b"music"
    press(talk, "*1")
    assert talk.hears("caller") == {"8001"}
    press(talk, "*8")
    assert talk.hears("caller") == set()
    press(talk, "*8")
    press(talk, "*3101#")  # a short code of the directory
    talk.answer("tel:02388880101")
    press(talk, "12")
    assert talk.media("tel:02388880101").digits == "12"
    press(talk, "*4")
    assert talk.hears("caller") == {"8001"}
    press(talk, "*5")
    assert talk.hears("caller") == {"8001", "tel:02388880101"}
    press(talk, "*7")
    assert talk.hears("caller") == {"8001"}
    press(talk, "34")
    assert talk.media("caller").digits == "34"
    press(talk, "*0119")
    await talk.house.until(lambda: "tel:119" in talk.house.endpoint.placed)
    talk.answer("tel:119")
    assert talk.hears("caller") == {"8001", "tel:119"}
    press(talk, "*6")
    assert talk.hears("caller") == {"tel:119"}


async def test_a_hand_over_by_keys_has_the_tickets_location_and_needs_no_desk(
    talk: Talk,
) -> None:
    asked: list[str] = []

    async def desk(_subject: str, question: AskLocation) -> TicketLocation:
        asked.append(question.call_id)
        return TicketLocation(location="云江区解放路88号")

    serving = await talk.house.bus.serve(TICKET_LOCATION, (), desk)
    for code in ("110", "120"):
        press(talk, f"*0{code}")
        await talk.house.until(lambda number=f"tel:{code}": number in talk.house.endpoint.placed)
        await serving.close()
    first, second = await talk.noted(EmergencyHandedOver)
    assert (first.target.value, first.location, first.agent_id, first.keyed) == (
        "110",
        "云江区解放路88号",
        "8001",
        True,
    )
    assert (second.target.value, second.location) == ("120", "")
    assert asked == [first.call_id]


class FakeSpeaker:
    """A ports.Speaker that says what it is asked, when it is let."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may = asyncio.Event()

    async def alaw(self, text: str) -> bytes | None:
        self.asked.append(text)
        await self.may.wait()
        return text.encode()


READ = "事发地点，云江区解放路88号。"


async def test_the_place_of_an_emergency_is_read_to_the_agent_until_the_service_answers(
    house: House, speaker: FakeSpeaker, talk: Talk
) -> None:
    speaker.may.set()
    assert await talk.bring(Passing.HAND_OVER, POLICE, location="云江区解放路88号") == ""
    await house.until(lambda: talk.media("8001").over == READ.encode())
    assert talk.media("caller").over == b""
    assert (talk.hears("8001"), talk.hears("caller")) == ({"caller"}, {"8001"})
    talk.answer("tel:110")
    assert talk.media("8001").over == b""
    assert talk.media("tel:110").over == b""


@pytest.mark.parametrize("end", ["answered", "cancelled", "refused", "call over"])
async def test_a_place_that_comes_too_late_is_not_read(
    house: House, speaker: FakeSpeaker, talk: Talk, end: str
) -> None:
    await talk.bring(Passing.HAND_OVER, POLICE, location="云江区解放路88号")
    await house.until(lambda: speaker.asked == [READ])
    media = talk.media("8001")
    match end:
        case "answered":
            talk.answer("tel:110")
        case "cancelled":
            await talk.order(CallOrder.CANCEL)
        case "refused":
            talk.phone("tel:110").end(by_remote=True, status=486, reason="busy")
        case _:
            talk.caller.end(by_remote=True, status=200, reason="bye")
            await house.closed()
    speaker.may.set()
    await house.settled()
    assert media.over == b""


async def test_without_a_place_nothing_is_read(house: House, speaker: FakeSpeaker, talk: Talk) -> None:
    await talk.bring(Passing.HAND_OVER, POLICE)
    await talk.bring(Passing.HAND_OVER, Target(kind=TargetKind.NUMBER, value="120"), location="青石路")
    await house.until(lambda: speaker.asked == ["事发地点，青石路。"])


async def test_a_telephone_transfers_to_a_colleague_and_unknown_targets_mean_nothing(talk: Talk) -> None:
    press(talk, "*277#")
    assert talk.hears("caller") == {"8001"}
    press(talk, "*28002#")
    assert talk.phone("8001").over
    talk.answer("8002")
    assert [event.agent_id for event in await talk.noted(CallConnected)] == ["8001", "8002"]


async def test_the_transfer_key_of_a_telephone_becomes_our_transfer(talk: Talk) -> None:
    for target, replaces in (("77", ""), ("8002", "a-call-id")):
        assert talk.phone("8001").events is not None
        talk.phone("8001").events.on_transfer_asked(target, replaces)
    assert talk.caller.events is not None
    talk.caller.events.on_transfer_asked("8002", "")
    assert talk.phone("8001").asked == ["transfer 603", "transfer 603"]
    assert talk.caller.asked[-1] == "transfer 603"
    talk.phone("8001").events.on_transfer_asked("8002", "")
    assert talk.phone("8001").asked[-2:] == ["transfer 200", "hang up"]
    talk.answer("8002")
    assert talk.hears("caller") == {"8002"}


@pytest.mark.parametrize("target", ["401", "8002", "02388886666"])
async def test_a_telephone_hears_of_its_transfer_before_it_is_hung_up(talk: Talk, target: str) -> None:
    talk.phone("8001").events.on_transfer_asked(target, "")
    assert talk.phone("8001").asked == ["transfer 200", "hang up"]


async def test_a_telephone_whose_transfer_is_refused_does_not_hear_of_success(talk: Talk) -> None:
    talk.phone("8001").events.on_transfer_asked("8001", "")
    assert talk.phone("8001").asked == ["transfer 603"]
    assert talk.hears("caller") == {"8001"}


# -- dialling out ------------------------------------------------------------------------------------------------------

DIAL = DialOut(agent_id="8001", extension="8001", number="13812345678", offer_id="cb1")


async def dialled(house: House) -> Talk:
    reply = await house.switch.on_command("", DIAL)
    assert reply.accepted
    assert reply.call_id
    await house.served()
    talk = Talk(house, house.endpoint.placed["8001"])
    talk.answer("8001")
    talk.caller = house.endpoint.placed["tel:13812345678"]
    return talk


async def test_the_agents_telephone_rings_first_and_then_the_citizens(house: House) -> None:
    talk = await dialled(house)
    assert talk.media("8001").playing == ring_back()
    assert talk.caller.caller_number == "12345"
    talk.answer("tel:13812345678")
    assert talk.media("8001").playing == b""
    assert (talk.hears("caller"), talk.hears("8001")) == ({"8001"}, {"caller"})
    talk.caller.end(by_remote=True, status=200, reason="bye")
    await house.closed()
    assert kinds(await house.events()) == [
        "CallPlaced",
        "AgentOffered",
        "OfferEnded",
        "TalkChanged",
        "CallAnswered",
        "CallConnected",
        "TalkChanged",
        "CallEnded",
        "RecordingFinished",
    ]
    assert not house.plane.legs
    assert not house.recording


async def test_an_outgoing_call_can_be_held_transferred_and_queued_like_any_other(house: House) -> None:
    talk = await dialled(house)
    assert await talk.order(CallOrder.HOLD) == "not_now"
    talk.answer("tel:13812345678")
    assert await talk.order(CallOrder.HOLD) == ""
    assert await talk.bring(Passing.TRANSFER, ENGLISH) == ""
    assert (await house.command(RingAgent(offer_id="o", agent_id="8002", extension="8002", timeout_s=9))).accepted
    talk.answer("8002")
    assert talk.hears("caller") == {"8002"}


@pytest.mark.parametrize("status", [408, 486, 404])
async def test_a_citizen_who_cannot_be_reached_ends_it(house: House, status: int) -> None:
    talk = await dialled(house)
    talk.caller.end(by_remote=True, status=status, reason="no")
    await house.closed()
    assert talk.phone("8001").over
    [ended] = await talk.noted(CallEnded)
    assert ended.sip_status == status


async def test_an_agent_who_does_not_answer_their_own_call_or_hangs_up_while_it_rings(house: House) -> None:
    await house.switch.on_command("", DIAL)
    house.endpoint.placed["8001"].end(by_remote=True, status=486, reason="busy")
    await house.closed()
    assert "tel:13812345678" not in house.endpoint.placed
    talk = await dialled(House(house.folder))
    talk.phone("8001").end(by_remote=True, status=200, reason="bye")
    await talk.house.closed()
    assert talk.caller.over
    [ended] = await talk.noted(CallEnded)
    assert ended.by is EndedBy.AGENT


@pytest.mark.parametrize(
    ("because", "headset", "asked"),
    [
        (DialBecause.CLICK, False, True),
        (DialBecause.CALLBACK, False, False),
        (DialBecause.CALLBACK, True, True),
    ],
)
async def test_a_telephone_answers_by_itself_after_a_click_and_for_a_headset(
    house: House, because: DialBecause, headset: bool, asked: bool
) -> None:
    await house.switch.on_command("", msgspec.structs.replace(DIAL, because=because, auto_answer=headset))
    assert ("Call-Info", "<sip:localhost>;answer-after=0") in house.endpoint.placed["8001"].headers or not asked
    assert bool(house.endpoint.placed["8001"].headers) is asked
    await house.switch.stop()


async def test_what_cannot_be_dialled_is_refused(house: House) -> None:
    for number in ("", "12", "abc", "1" * 40):
        reply = await house.switch.on_command("", DialOut(agent_id="a", extension="8001", number=number))
        assert reply.accepted is (number == "12")
    await house.switch.stop()
    assert (await house.switch.on_command("", DIAL)).code == "switch_full"


async def test_one_who_waits_again_is_told_the_place_and_may_ask_for_a_call_back(talk: Talk) -> None:
    menu = talk.house.scripts[0]
    assert menu.seen[-1] is CallStage.CONNECTED
    await talk.bring(Passing.TRANSFER, ENGLISH)
    assert menu.seen[-1] is CallStage.CONNECTED  # the menu is over
    again = talk.house.scripts[1]
    assert (again.waiting_in, again.seen) == ("english", [CallStage.WAITING])
    await talk.house.command(AnnouncePosition(before=2))
    assert again.seen[-1] == "position 2"
    again.controls.say("您前面还有2位", token=1)
    assert talk.media("caller").playing == "您前面还有2位".encode()
    again.controls.ask_callback()
    assert len(await talk.noted(CallbackAsked)) == 1
    await talk.house.command(HangUp(by="system", cause="test"))
    await talk.house.closed()
