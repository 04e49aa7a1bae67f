"""A call changes hands on the whole service, between real SIP telephones: who hears whom, and what the desk shows."""

from typing import Any

from domain.g711 import ALAW_SILENCE
from hotline.demo_script import SpokenTurn
from hotline.phone_line import PhoneLine
from tests.e2e.floor import DEADLINE_S, Agent, Citizen, Floor, audible_s, happens, hear_each_other

SAID_S = 1.0


async def ask(agent: Agent, citizen: Citizen, what: str, **body: Any) -> None:
    """Taken up by the switch; asked again while the desk does not know of the call or the colleague yet."""
    call_id = (await citizen.summary())["call_id"]

    async def asked() -> bool:
        reply = await agent.desk.call("POST", f"/api/calls/{call_id}/{what}", body)
        return bool(reply["accepted"])

    await happens(asked, f"{what} {body} is taken up")


async def phase_is(citizen: Citizen, phase: str) -> None:
    async def look() -> bool:
        return ((await citizen.summary()).get("talk") or {}).get("phase") == phase

    await happens(look, f"the call is {phase}")


async def hears(line: PhoneLine, what: str) -> None:
    """A second of something audible arrives from now on."""
    before = len(line.heard)

    async def look() -> bool:
        return audible_s(bytes(line.heard[before:])) > SAID_S

    await happens(look, what, 15)


async def test_hold_consult_conference_and_transfer_between_telephones(
    floor: Floor, turns: tuple[SpokenTurn, ...]
) -> None:
    sound = turns[1].alaw[: 8 * 2000].ljust(8 * 2000, bytes([ALAW_SILENCE]))
    first = await floor.agent("8001")
    citizen = await floor.call(key="0")
    at_first = (await first.rings()).answer()
    await citizen.becomes("talking")
    await hear_each_other(citizen.line, at_first, sound)

    await ask(first, citizen, "order", order="hold")
    await phase_is(citizen, "held")
    await hears(citizen.line, "the caller hears music while nobody speaks")
    await ask(first, citizen, "order", order="resume")
    await phase_is(citizen, "talking")

    second = await floor.agent("8002")
    await ask(first, citizen, "pass", how="consult", kind="agent", to="8002")
    at_second = (await second.rings()).answer()
    await phase_is(citizen, "consulting")
    await second.becomes("talking")
    await hear_each_other(at_first, at_second, sound)
    await ask(first, citizen, "order", order="conference")
    await phase_is(citizen, "conference")
    await hear_each_other(citizen.line, at_second, sound)
    await hear_each_other(citizen.line, at_first, sound)

    await ask(first, citizen, "order", order="complete")
    await at_first.ended(DEADLINE_S)
    await first.becomes("wrap_up")
    await phase_is(citizen, "talking")
    await hear_each_other(citizen.line, at_second, sound)
    citizen.line.hang_up()
    call = await citizen.is_recorded()
    assert call["agent_ids"] == ["8001", "8002"]
    assert call["agent_id"] == "8002"
    await second.becomes("wrap_up")
