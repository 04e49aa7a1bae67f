"""A call changes hands on the whole service, between real SIP telephones: who hears whom, and what the desk shows."""

import asyncio
from typing import Any

from domain.g711 import ALAW_SILENCE, RATE_HZ, alaw_encode
from hotline.demo_script import SpokenTurn
from hotline.desk_client import DeskClient
from hotline.phone_line import PhoneLine, audible_s
from hotline.prompts import open_flow, open_prompt_cache
from hotline.sip_accounts import demo_passwords
from recordings.wav import read_wav
from tests.e2e.floor import (
    DEADLINE_S,
    Agent,
    Citizen,
    Floor,
    happens,
    hear_each_other,
    says_note,
)
from tests.e2e.tones import AGENT_HZ, CITIZEN_HZ, LEADER_HZ, hear, share_heard, tones_in

SAID_S = 1.0


async def ask(who: Agent | DeskClient, citizen: Citizen, what: str, **body: Any) -> None:
    """Taken up by the switch; asked again while the desk does not know of the call or the colleague yet."""
    call_id = (await citizen.summary())["call_id"]
    desk = who.desk if isinstance(who, Agent) else who

    async def asked() -> bool:
        reply = await desk.call("POST", f"/api/calls/{call_id}/{what}", body)
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

    await happens(look, what)


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


async def test_a_leader_listens_whispers_barges_in_and_takes_over(floor: Floor) -> None:
    await floor.booth.register(floor.service.running.sip, "8003", demo_passwords(floor.service.settings)["8003"])
    agent = await floor.agent("8001")
    citizen = await floor.call(key="0")
    at_agent = (await agent.rings()).answer()
    await citizen.becomes("talking")
    says_note(citizen.line, CITIZEN_HZ)
    says_note(at_agent, AGENT_HZ)

    await ask(floor.leader, citizen, "supervise", how="listen", extension="8003")
    at_leader = (await floor.booth.ringing("8003")).answer()
    says_note(at_leader, LEADER_HZ)
    both = (at_leader, {CITIZEN_HZ, AGENT_HZ})
    await hear((citizen.line, {AGENT_HZ}), (at_agent, {CITIZEN_HZ}), both)
    await ask(floor.leader, citizen, "supervise", how="whisper", extension="8003")
    await hear((citizen.line, {AGENT_HZ}), (at_agent, {CITIZEN_HZ, LEADER_HZ}), both)
    whispered_ms = len(citizen.line.heard) * 1000 // RATE_HZ
    await ask(floor.leader, citizen, "supervise", how="barge_in", extension="8003")
    await hear((citizen.line, {AGENT_HZ, LEADER_HZ}), (at_agent, {CITIZEN_HZ, LEADER_HZ}), both)

    await ask(floor.leader, citizen, "supervise", how="take_over", extension="8003")
    await at_agent.ended(DEADLINE_S)
    await agent.becomes("wrap_up")
    await hear((citizen.line, {LEADER_HZ}), (at_leader, {CITIZEN_HZ}))
    citizen.line.hang_up()
    call = await citizen.is_recorded()
    await at_leader.ended(DEADLINE_S)
    assert call["agent_ids"][0] == "8001"
    assert call["agent_id"] == call["agent_ids"][1] != "8001"
    steps = [step["how"] for step in (await citizen.view())["history"] if step["what"] == "supervised"]
    assert steps == ["listen", "whisper", "barge_in", "take_over"]
    before, after = recorded_tones(floor, call, whispered_ms)
    assert before == ({CITIZEN_HZ}, {AGENT_HZ})  # the whisper is not in the citizen's recording
    assert after == ({CITIZEN_HZ}, {AGENT_HZ, LEADER_HZ})


def recorded_tones(floor: Floor, call: dict[str, Any], until_ms: int) -> list[tuple[set[int], set[int]]]:
    """What the two channels have until then, and after it."""
    samples, _ = read_wav(floor.service.data_dir / "recordings" / call["recording"]["path"])
    at = until_ms * RATE_HZ // 1000 - RATE_HZ // 2
    halves = [samples[begin : begin + RATE_HZ // 2] for begin in range(0, len(samples) - RATE_HZ // 2, RATE_HZ // 2)]

    def heard(channel: int, first: int, last: int) -> set[int]:
        parts = halves[first // (RATE_HZ // 2) : last // (RATE_HZ // 2)]
        return set().union(*(tones_in(alaw_encode(part[:, channel])) for part in parts))

    end = len(samples)
    return [(heard(0, 0, at), heard(1, 0, at)), (heard(0, at, end), heard(1, at, end))]


async def test_an_agent_calls_a_citizen_by_the_trunk_with_the_hotlines_number(floor: Floor) -> None:
    agent = await floor.agent("8001")
    reply = await agent.desk.call("POST", "/api/dial", {"number": "01062345678"})
    assert reply["accepted"]
    ringing = await agent.rings()
    assert not floor.booth.rings.keys() - {"8001"}  # nobody is called before the agent is there
    at_agent = ringing.answer()
    outside = await floor.booth.ringing("01062345678")
    assert outside.call.caller_number == "02212345"
    citizen = Citizen("01062345678", outside.answer(), floor)
    await _talk_and_hang_up(citizen, at_agent, agent, reply["call_id"])


async def _talk_and_hang_up(citizen: Citizen, at_agent: PhoneLine, agent: Agent, call_id: str = "") -> None:
    """Both hear each other; the call is listed as ours, has its events, and is recorded."""
    await agent.becomes("talking")
    says_note(citizen.line, CITIZEN_HZ)
    says_note(at_agent, AGENT_HZ)
    await hear((citizen.line, {AGENT_HZ}), (at_agent, {CITIZEN_HZ}))
    citizen.line.hang_up()
    call = await citizen.is_recorded()
    assert (call["direction"], call["agent_id"]) == ("out", agent.extension)
    assert call["call_id"] == (call_id or call["call_id"])
    _, whole = recorded_tones(citizen.floor, call, 500)
    assert whole == ({CITIZEN_HZ}, {AGENT_HZ})
    await agent.becomes("wrap_up")


async def test_one_who_asks_to_be_called_back_keeps_the_place(floor: Floor) -> None:
    first = await floor.call(key="0")
    await first.becomes("waiting")
    second = await floor.call(key="0")
    await second.becomes("waiting")

    async def hangs_up_after_the_key() -> bool:
        if not first.line.over:
            first.line.media.send_digit("1")
            await asyncio.sleep(1)
        return first.line.over

    await happens(hangs_up_after_the_key, "the offer is taken and the call ends")
    agent = await floor.agent("8001")
    at_agent = (await agent.rings()).answer()
    outside = await floor.booth.ringing(first.number)
    assert outside.call.caller_number == "02212345"
    called = Citizen(first.number, outside.answer(), floor)
    await _talk_and_hang_up(called, at_agent, agent)

    await agent.get_ready()
    at_agent = (await agent.rings()).answer()
    await second.becomes("talking")
    await ask(agent, second, "pass", how="transfer", kind="number", to="01062345678")
    before = len(second.line.heard)
    (await floor.booth.ringing("01062345678")).reject(486, "Busy Here")
    await at_agent.ended(DEADLINE_S)
    await second.becomes("waiting")
    settings = floor.service.settings
    prompt = open_prompt_cache(settings).alaw(open_flow(settings).way_to_a_person[2].text)
    assert prompt

    async def told() -> bool:
        return share_heard(prompt, bytes(second.line.heard[before:])) > 0.7

    await happens(told, "who waits again is told so")
