"""An agent's telephone with two lines, on fakes of the ports: it consults by itself, and joins both by its own key."""

import random

import msgspec
import pytest

from domain.agent import AgentState, AgentStatus
from domain.call import CallConnected
from domain.command import CallOrder, PassCall, RingAgent
from domain.talk import (
    AgentLeft,
    CallHeld,
    CallTransferred,
    Passing,
    Supervision,
    TalkPhase,
    ThirdAnswered,
    ThirdCalled,
    ThirdLeft,
)
from domain.target import OfferOutcome
from domain.topics import AGENT_STATE
from telephony.ports import InboundCall
from tests.telephony.calls.test_call_control import POLICE, Talk
from tests.telephony.fake_ports import FakeLeg, FakeMedia, describe
from tests.telephony.house import House, waiting

BUREAU_NUMBER = "02388886666"
BUREAU = f"tel:{BUREAU_NUMBER}"
SECOND = "second-call"
HELD = msgspec.structs.replace(describe(5000), receives=False)
CALL = InboundCall(
    caller_number="8001",
    called_number=BUREAU_NUMBER,
    trunk="extension",
    sip_call_id=SECOND,
    arrived_at_ms=1000,
    media=describe(4100),
)


class Desk(Talk):
    """Citizen and agent 8001 talk; `second` is the line that the agent's telephone has dialled."""

    second: FakeLeg

    def dial(self, number: str = BUREAU_NUMBER) -> FakeLeg:
        self.second = FakeLeg(sip_call_id=SECOND)
        self.second.events = self.house.switch.on_call(msgspec.structs.replace(CALL, called_number=number), self.second)
        return self.second

    @property
    def second_media(self) -> FakeMedia:
        return next(leg for leg in self.house.plane.legs.values() if leg.events is self.second.events)

    def hear(self) -> dict[str, set[str]]:
        """Who hears whom: "citizen", "first", "second" (the agent's lines), "third"."""
        legs = {"citizen": self.caller, "first": self.phone("8001"), "second": self.second}
        others = [leg for address, leg in self.house.endpoint.placed.items() if address != "8001"]
        if others:
            legs["third"] = others[-1]
        ports = {
            media.port: name
            for name, leg in legs.items()
            for media in self.house.plane.legs.values()
            if media.events is leg.events
        }
        heard = self.house.plane.heard
        return {name: {ports[each] for each in heard.get(port, ())} for port, name in ports.items() if heard.get(port)}

    def hold(self, leg: FakeLeg, held: bool = True) -> None:
        assert leg.events is not None
        leg.events.on_media_changed(HELD if held else describe(5000))

    def refer(self, replaces: str = SECOND, target: str = BUREAU_NUMBER, line: FakeLeg | None = None) -> None:
        events = (line or self.phone("8001")).events
        assert events is not None
        events.on_transfer_asked(target, replaces)

    @property
    def first(self) -> FakeLeg:
        return self.phone("8001")


@pytest.fixture
async def desk(house: House) -> Desk:
    caller = await waiting(house)
    await house.command(RingAgent(offer_id="o1", agent_id="8001", extension="8001", timeout_s=15))
    desk = Desk(house, caller)
    desk.answer("8001", 5000)
    return desk


async def consulting(desk: Desk) -> None:
    desk.hold(desk.first)
    desk.dial()
    desk.answer(BUREAU)


async def test_a_second_line_is_a_consultation_and_its_far_end_is_told_on(desk: Desk) -> None:
    desk.hold(desk.first)
    second = desk.dial()
    assert second.asked == []
    assert await desk.phase() is TalkPhase.CALLING
    assert desk.media("caller").playing == b"music"
    desk.phone(BUREAU).events.on_progress(180)
    desk.phone(BUREAU).events.on_progress(183, describe(7000))
    assert second.asked == ["ring", "ring with sound"]
    assert desk.hear() == {"second": {"third"}}
    desk.answer(BUREAU)
    assert second.asked == ["ring", "ring with sound", "answer"]
    assert desk.hear() == {"second": {"third"}, "third": {"second"}}
    assert desk.phone(BUREAU).caller_number == "12345"
    [called] = await desk.noted(ThirdCalled)
    assert (called.how, called.target.value, called.agent_id) == (Passing.CONSULT, BUREAU_NUMBER, "8001")
    assert await desk.phase() is TalkPhase.CONSULTING


async def test_the_transfer_key_joins_the_far_ends_and_lets_both_lines_go(desk: Desk) -> None:
    await consulting(desk)
    desk.refer()
    assert desk.first.asked == ["transfer 200", "hang up"]
    assert (desk.first.over, desk.second.over) == (True, True)
    assert desk.hear() == {"citizen": {"third"}, "third": {"citizen"}}
    assert desk.media("caller").playing == b""
    [transferred] = await desk.noted(CallTransferred)
    assert (transferred.how, transferred.target.value, transferred.agent_id) == (
        Passing.CONSULT,
        BUREAU_NUMBER,
        "8001",
    )
    [left] = await desk.noted(AgentLeft)
    assert left.agent_id == "8001"
    assert await desk.phase() is TalkPhase.HANDED_OVER
    desk.caller.end(by_remote=True, status=200, reason="bye")
    await desk.house.closed()
    assert desk.phone(BUREAU).over
    assert not desk.house.plane.legs


async def test_it_may_be_asked_on_either_line(desk: Desk) -> None:
    await consulting(desk)
    desk.first.sip_call_id = "first-call"
    desk.refer("first-call", line=desk.second)
    assert "transfer 200" in desk.second.asked
    assert desk.hear() == {"citizen": {"third"}, "third": {"citizen"}}


async def test_a_colleague_becomes_the_agent(desk: Desk) -> None:
    desk.hold(desk.first)
    desk.dial("8002")
    assert desk.phone("8002").caller_number == "13812345678"
    desk.answer("8002")
    desk.refer()
    assert await desk.phase() is TalkPhase.TALKING
    assert [each.extension for each in await desk.noted(CallConnected)] == ["8001", "8002"]
    assert desk.hear() == {"citizen": {"third"}, "third": {"citizen"}}


@pytest.mark.parametrize("replaces", [SECOND, ""])
async def test_while_it_still_rings_it_is_a_blind_transfer(desk: Desk, replaces: str) -> None:
    desk.hold(desk.first)
    desk.dial()
    desk.refer(replaces)
    assert desk.first.asked == ["transfer 200", "hang up"]
    assert desk.second.asked[0] == "reject 487"
    assert await desk.phase() is TalkPhase.TRANSFERRING
    assert desk.media("caller").playing == b"music"
    desk.answer(BUREAU)
    assert desk.hear() == {"citizen": {"third"}, "third": {"citizen"}}
    assert len(await desk.noted(ThirdAnswered)) == 1


async def test_a_blind_one_that_nobody_takes_is_queued_first(desk: Desk) -> None:
    desk.hold(desk.first)
    desk.dial()
    desk.refer()
    desk.phone(BUREAU).end(by_remote=True, status=486, reason="busy")
    assert desk.house.scripts[-1].waiting_in == "default"
    assert await desk.phase() is TalkPhase.ALONE


@pytest.mark.parametrize("replaces", ["another-call", "fake"])
async def test_what_is_not_the_other_line_is_not_joined(desk: Desk, replaces: str) -> None:
    """Some other call of the telephone, or the line itself."""
    await consulting(desk)
    desk.refer(replaces)
    assert desk.first.asked == ["transfer 603"]
    assert desk.hear() == {"second": {"third"}, "third": {"second"}}
    assert await desk.phase() is TalkPhase.CONSULTING


@pytest.mark.parametrize(("status", "told"), [(486, 486), (408, 408), (401, 502)])
async def test_a_third_who_does_not_come_is_told_back_and_the_caller_is_held_as_before(
    desk: Desk, status: int, told: int
) -> None:
    desk.hold(desk.first)
    desk.dial()
    desk.phone(BUREAU).end(by_remote=True, status=status, reason="no")
    assert desk.second.asked[0] == f"reject {told}"
    assert await desk.phase() is TalkPhase.HELD
    assert desk.media("caller").playing == b"music"
    desk.hold(desk.first, False)
    assert desk.hear() == {"citizen": {"first"}, "first": {"citizen"}}
    assert desk.media("caller").playing == b""
    assert len(await desk.noted(CallHeld)) == 1


@pytest.mark.parametrize("answered", [True, False])
async def test_hanging_the_second_line_up_ends_the_consultation(desk: Desk, answered: bool) -> None:
    desk.hold(desk.first)
    desk.dial()
    if answered:
        desk.answer(BUREAU)
    desk.second.end(by_remote=True, status=200 if answered else 487, reason="")
    assert desk.phone(BUREAU).asked == ["hang up"]
    [left] = await desk.noted(ThirdLeft)
    assert left.outcome is (OfferOutcome.ANSWERED if answered else OfferOutcome.CANCELLED)
    assert await desk.phase() is TalkPhase.HELD
    desk.hold(desk.first, False)
    assert desk.hear() == {"citizen": {"first"}, "first": {"citizen"}}
    assert not desk.first.over


async def test_a_third_who_hangs_up_ends_the_second_line(desk: Desk) -> None:
    desk.dial()
    desk.answer(BUREAU)
    desk.phone(BUREAU).end(by_remote=True, status=200, reason="bye")
    assert desk.second.asked == ["answer", "hang up"]
    assert await desk.phase() is TalkPhase.TALKING  # this telephone had not held its first line
    assert desk.hear() == {"citizen": {"first"}, "first": {"citizen"}}


@pytest.mark.parametrize("answered", [True, False])
async def test_hanging_the_first_line_up_leaves_the_caller_to_the_third(desk: Desk, answered: bool) -> None:
    desk.hold(desk.first)
    desk.dial()
    if answered:
        desk.answer(BUREAU)
    desk.first.end(by_remote=True, status=200, reason="bye")
    assert desk.second.asked[-1] == "hang up"
    assert await desk.phase() is (TalkPhase.HANDED_OVER if answered else TalkPhase.TRANSFERRING)
    assert len(await desk.noted(AgentLeft)) == 1


async def test_the_hold_keys_of_the_lines_swap(desk: Desk) -> None:
    await consulting(desk)
    desk.hold(desk.second)
    desk.hold(desk.first, False)
    assert await desk.phase() is TalkPhase.SWAPPED
    assert desk.hear() == {"citizen": {"first"}, "first": {"citizen"}}
    assert desk.media(BUREAU).playing == b"music"
    desk.hold(desk.first)
    desk.hold(desk.second, False)
    assert await desk.phase() is TalkPhase.CONSULTING
    assert desk.hear() == {"second": {"third"}, "third": {"second"}}
    desk.hold(desk.second)
    desk.hold(desk.first, False)
    desk.refer()
    assert desk.hear() == {"citizen": {"third"}, "third": {"citizen"}}


async def test_the_page_and_the_keys_go_on_working_on_the_line_in_use(desk: Desk) -> None:
    await consulting(desk)
    assert await desk.order(CallOrder.SWAP) == ""
    assert desk.hear() == {"citizen": {"second"}, "second": {"citizen"}}
    assert await desk.order(CallOrder.CONFERENCE) == ""
    assert desk.hear() == {
        "citizen": {"second", "third"},
        "second": {"citizen", "third"},
        "third": {"citizen", "second"},
    }
    assert await desk.order(CallOrder.CANCEL) == ""
    assert desk.second.asked == ["answer", "hang up"]
    assert await desk.phase() is TalkPhase.HELD
    assert await desk.order(CallOrder.COMPLETE) == "not_now"
    assert desk.second.over
    assert not desk.first.over


async def test_the_page_completes_what_the_telephone_has_begun(desk: Desk) -> None:
    await consulting(desk)
    assert await desk.order(CallOrder.COMPLETE) == ""
    assert (desk.first.over, desk.second.over) == (True, True)
    assert desk.hear() == {"citizen": {"third"}, "third": {"citizen"}}


@pytest.mark.parametrize("answered", [True, False])
async def test_an_emergency_goes_before_and_is_heard_on_the_line_in_use(desk: Desk, answered: bool) -> None:
    desk.hold(desk.first)
    desk.dial("8002")
    if answered:
        desk.answer("8002")
    reply = await desk.house.command(PassCall(how=Passing.HAND_OVER, target=POLICE, agent_id="8001"))
    assert reply.accepted
    assert desk.second.asked == ["answer"]
    desk.answer("tel:110")
    assert desk.hear() == {
        "citizen": {"second", "third"},
        "second": {"citizen", "third"},
        "third": {"citizen", "second"},
    }


async def test_what_our_side_says_on_the_second_line_is_recorded(desk: Desk) -> None:
    """As soon as the citizen hears it: so it listens from its answer on."""
    await consulting(desk)
    await desk.order(CallOrder.CONFERENCE)
    assert desk.second_media.listens


@pytest.mark.parametrize(("number", "status"), [("77", 404), ("401", 403), ("8001", 403)])
async def test_whom_a_second_line_cannot_consult(desk: Desk, number: str, status: int) -> None:
    desk.hold(desk.first)
    ports = len(desk.house.plane.legs)
    assert desk.dial(number).asked == [f"reject {status}"]
    assert await desk.phase() is TalkPhase.HELD
    assert len(desk.house.plane.legs) == ports


async def test_there_is_no_third_line(desk: Desk) -> None:
    await consulting(desk)
    second = desk.second
    assert desk.dial("02388887777").asked == ["reject 403"]
    desk.second = second
    assert desk.hear() == {"second": {"third"}, "third": {"second"}}


async def test_a_leader_who_takes_over_ends_both_lines(desk: Desk) -> None:
    await consulting(desk)
    assert await desk.supervise(Supervision.TAKE_OVER) == ""
    desk.answer("9001")
    assert (desk.first.over, desk.second.over, desk.phone(BUREAU).over) == (True, True, True)
    assert desk.hear() == {"citizen": {"third"}, "third": {"citizen"}}  # here the leader is the other one


async def test_a_caller_who_hangs_up_ends_everything(desk: Desk) -> None:
    await consulting(desk)
    desk.caller.end(by_remote=True, status=200, reason="bye")
    await desk.house.closed()
    assert (desk.first.over, desk.second.over, desk.phone(BUREAU).over) == (True, True, True)
    assert not desk.house.plane.legs


async def test_a_call_that_the_telephone_has_dialled_itself_is_transferred_as_well(house: House) -> None:
    assert house.switch.parts is not None
    status = AgentStatus(agent_id="li", name="李", extension="8001", state=AgentState.READY, since_ms=0, at_ms=0)
    await house.log.append(AGENT_STATE, ("li",), status, event_id="1")
    await house.switch.parts.seats.start()
    first = house.arrive(msgspec.structs.replace(CALL, called_number="13812345678"))
    citizen = house.endpoint.placed["tel:13812345678"]
    second = house.arrive(CALL)
    assert second.asked == ["reject 403"]  # while the citizen still rings
    citizen.events.on_answered(describe(6000))
    second = FakeLeg(sip_call_id=SECOND)
    second.events = house.switch.on_call(CALL, second)
    third = house.endpoint.placed[BUREAU]
    third.events.on_answered(describe(7000))
    assert first.events is not None
    first.events.on_transfer_asked(BUREAU_NUMBER, SECOND)
    assert first.asked == ["answer", "transfer 200", "hang up"]
    ports = {media.events: media.port for media in house.plane.legs.values()}
    assert house.plane.heard[ports[citizen.events]] == (ports[third.events],)  # type: ignore[index]
    await house.switch.stop()


def happen(desk: Desk, chance: random.Random, answered: list[FakeLeg]) -> None:
    """One thing that a telephone may do now: the agent's on either line, or whoever was called. answered: of these."""
    thirds = [leg for at, leg in desk.house.endpoint.placed.items() if at != "8001"]
    leg = chance.choice([desk.first, desk.second, *thirds])
    if leg.over or leg.events is None or chance.random() < 0.15:
        desk.dial(chance.choice(["8002", BUREAU_NUMBER, "110", "77"]))
        return
    called = leg in thirds and leg not in answered
    match chance.randrange(5):
        case 0 | 1 if called:
            answered.append(leg)
            leg.events.on_answered(describe(7000))
        case 2 if called:
            leg.events.on_progress(chance.choice([180, 183]), chance.choice([None, describe(7000)]))
        case 3:
            leg.end(by_remote=True, status=chance.choice([200, 486, 487, 408]), reason="")
        case _ if called or ("answer" not in leg.asked and leg is desk.second):
            return
        case 0 | 1:
            leg.events.on_media_changed(chance.choice([HELD, describe(7000)]))
        case _:
            leg.events.on_transfer_asked(BUREAU_NUMBER, chance.choice([SECOND, "first", "", "other"]))


@pytest.mark.parametrize("seed", range(25))
async def test_whatever_the_telephones_do_nobody_is_left_behind(desk: Desk, seed: int) -> None:
    """After each step nobody hears himself or one who is gone, one line of the agent's at most is in use, and in the
    end every port is free."""
    chance = random.Random(seed)
    desk.first.sip_call_id = "first"
    desk.dial()
    placed: list[FakeLeg] = []
    answered: list[FakeLeg] = []
    for _ in range(40):
        if desk.caller.over or desk.first.over:  # without a call the telephone dials as everybody does
            break
        happen(desk, chance, answered)
        if chance.random() < 0.2:
            await desk.order(chance.choice(list(CallOrder)))
        heard = {port: set(sources) for port, sources in desk.house.plane.heard.items()}
        assert all(port not in sources and sources <= desk.house.plane.legs.keys() for port, sources in heard.items())
        own = (desk.first.events, desk.second.events)
        lines = {port for port, leg in desk.house.plane.legs.items() if leg.events in own}
        assert all(len(sources & lines) <= 1 for sources in heard.values())
        assert sum(bool(heard.get(line)) for line in lines) <= 1
        placed += desk.house.endpoint.placed.values()
    desk.caller.end(by_remote=True, status=200, reason="bye")
    await desk.house.closed()
    assert not desk.house.plane.legs
    assert not desk.house.recording
    assert all(leg.over for leg in placed)
