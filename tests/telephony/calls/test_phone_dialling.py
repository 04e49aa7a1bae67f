"""An agent's telephone that dials by itself, on fakes of the ports: what it is told, and what is written down."""

import msgspec
import pytest

from domain.agent import AgentState, AgentStatus
from domain.call import CallArrived, CallConnected, CallEnded, CallPlaced, DialBecause, EndedBy
from domain.command import CallOrder, OrderCall
from domain.talk import TalkChanged, TalkPhase
from domain.topics import AGENT_STATE
from telephony.ports import Codec, InboundCall
from tests.telephony.fake_ports import FakeLeg, describe
from tests.telephony.house import House, kinds

OUTSIDE = "13812345678"
CALL = InboundCall(
    caller_number="8001",
    called_number=OUTSIDE,
    trunk="extension",
    sip_call_id="own",
    arrived_at_ms=1000,
    media=msgspec.structs.replace(describe(4000), codec=Codec.PCMU, payload=0),
)


async def sits(house: House, state: AgentState = AgentState.READY, agent_id: str = "li") -> None:
    """The agent is in this state at telephone 8001."""
    assert house.switch.parts is not None
    status = AgentStatus(agent_id=agent_id, name="李", extension="8001", state=state, since_ms=0, at_ms=0)
    await house.log.append(AGENT_STATE, (agent_id,), status, event_id=f"{agent_id}.{state}")
    await house.switch.parts.seats.start()


def dials(house: House, number: str = OUTSIDE, **members: object) -> FakeLeg:
    return house.arrive(msgspec.structs.replace(CALL, called_number=number, **members))


def citizen(house: House, number: str = f"tel:{OUTSIDE}") -> FakeLeg:
    return house.endpoint.placed[number]


def heard(house: House, leg: FakeLeg) -> set[str]:
    """Whom this telephone hears: "agent", "citizen"."""
    ports = {media.port: media for media in house.plane.legs.values()}
    [own] = [port for port, media in ports.items() if media.events is leg.events]
    return {
        "citizen" if ports[port].events is citizen(house).events else "agent" for port in house.plane.heard.get(own, ())
    }


async def test_an_agents_telephone_dials_and_only_the_citizen_is_rung(house: House) -> None:
    await sits(house)
    agent = dials(house)
    assert list(house.endpoint.placed) == [f"tel:{OUTSIDE}"]
    assert citizen(house).caller_number == "12345"
    assert agent.asked == []
    citizen(house).events.on_progress(180)
    assert agent.asked == ["ring"]
    citizen(house).events.on_answered(describe(6000))
    assert agent.asked == ["ring", "answer"]
    assert (heard(house, agent), heard(house, citizen(house))) == ({"citizen"}, {"agent"})
    await house.served()
    await house.command(OrderCall(order=CallOrder.HOLD, agent_id="li"))
    agent.end(by_remote=True, status=200, reason="bye")
    await house.closed()
    events = await house.events()
    assert kinds(events) == [
        "CallPlaced",
        "TalkChanged",
        "CallAnswered",
        "CallConnected",
        "TalkChanged",
        "CallHeld",
        "TalkChanged",
        "CallEnded",
        "RecordingFinished",
    ]
    placed, ended = events[0], events[-2]
    assert isinstance(placed, CallPlaced)
    assert (placed.agent_id, placed.extension, placed.because) == ("li", "8001", DialBecause.PHONE)
    assert (placed.citizen_number, placed.shown_number) == (OUTSIDE, "12345")
    assert isinstance(ended, CallEnded)
    assert ended.by is EndedBy.AGENT
    assert citizen(house).over
    assert not house.plane.legs
    assert not house.recording


async def test_what_the_network_says_before_the_answer_is_passed_on(house: House) -> None:
    await sits(house)
    agent = dials(house)
    [own] = [media for media in house.plane.legs.values() if media.events is agent.events]
    assert own.remote is None  # nothing is sent to a telephone that was told nothing
    citizen(house).events.on_progress(183, describe(6000))
    assert agent.asked == ["ring with sound"]
    assert own.remote == CALL.media
    assert (heard(house, agent), heard(house, citizen(house))) == ({"citizen"}, set())
    agent.end(by_remote=True, status=487, reason="cancelled")
    await house.closed()
    assert citizen(house).asked == ["hang up"]
    assert not house.plane.legs


async def test_a_telephone_without_an_offer_is_answered_with_ours(house: House) -> None:
    await sits(house)
    agent = dials(house, media=None)
    citizen(house).events.on_progress(183, describe(6000))
    citizen(house).events.on_answered(describe(6000))
    assert agent.asked == ["answer"]
    [own] = [media for media in house.plane.legs.values() if media.events is agent.events]
    assert own.remote is None
    agent.events.on_answered(describe(4000))
    assert own.remote == describe(4000)
    await house.switch.stop()


@pytest.mark.parametrize(("status", "told"), [(486, 486), (408, 408), (404, 404), (401, 502), (302, 502), (603, 603)])
async def test_a_citizen_who_cannot_be_reached_is_told_back(house: House, status: int, told: int) -> None:
    await sits(house)
    agent = dials(house)
    citizen(house).end(by_remote=True, status=status, reason="no")
    assert agent.asked[0] == f"reject {told}"
    await house.closed()
    [ended] = [event for event in await house.events() if isinstance(event, CallEnded)]
    assert ended.sip_status == status
    assert not house.plane.legs


async def test_a_call_that_was_up_ends_with_a_bye(house: House) -> None:
    await sits(house)
    agent = dials(house)
    citizen(house).events.on_answered(describe(6000))
    citizen(house).end(by_remote=True, status=200, reason="bye")
    assert agent.asked == ["answer", "hang up"]
    await house.closed()


@pytest.mark.parametrize(
    ("state", "number", "status"),
    [
        (AgentState.SIGNED_OUT, OUTSIDE, 403),
        (AgentState.TALKING, OUTSIDE, 403),
        (AgentState.RINGING, OUTSIDE, 403),
        (AgentState.READY, "77", 404),
        (AgentState.READY, "*1", 404),
        (AgentState.READY, "", 404),
        (AgentState.READY, "١٢٣٤٥٦", 404),
        (AgentState.READY, "401", 403),
    ],
)
async def test_what_may_not_be_dialled_is_refused(house: House, state: AgentState, number: str, status: int) -> None:
    await sits(house, state)
    assert dials(house, number).asked == [f"reject {status}"]
    assert not house.endpoint.placed
    assert not house.plane.legs
    assert not house.switch.tasks


async def test_nobody_dials_from_a_telephone_at_which_nobody_is_signed_in(house: House) -> None:
    await sits(house)
    assert dials(house, caller_number="8002").asked == ["reject 403"]


@pytest.mark.parametrize("state", [AgentState.READY, AgentState.WRAP_UP, AgentState.BREAK])
async def test_who_has_no_call_may_dial_a_short_code_too(house: House, state: AgentState) -> None:
    await sits(house, state)
    dials(house, "110")
    assert "tel:110" in house.endpoint.placed
    await house.switch.stop()


@pytest.mark.parametrize(
    ("number", "trunk"), [("12345", "extension"), ("8002", "guest"), (OUTSIDE, "city"), (OUTSIDE, "guest")]
)
async def test_all_other_calls_are_the_hotlines_as_before(house: House, number: str, trunk: str) -> None:
    await sits(house)
    assert dials(house, number, trunk=trunk).asked == ["answer"]
    await house.settled()
    assert isinstance((await house.events())[0], CallArrived)
    await house.switch.stop()


async def test_the_switch_that_is_full_of_ports_or_stops_says_so(house: House) -> None:
    await sits(house)
    await house.switch.stop()
    assert dials(house).asked == ["reject 503"]


async def test_the_page_sees_the_dialling_and_the_talk(house: House) -> None:
    await sits(house)
    dials(house)
    citizen(house).events.on_answered(describe(6000))
    await house.settled()
    events = await house.events()
    assert [each.phase for each in events if isinstance(each, TalkChanged)] == [TalkPhase.DIALLING, TalkPhase.TALKING]
    [connected] = [each for each in events if isinstance(each, CallConnected)]
    assert (connected.agent_id, connected.extension) == ("li", "8001")
    await house.switch.stop()
