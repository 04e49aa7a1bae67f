"""A call that ends at each of its steps, from each side: nothing stays up or blocked, the recording is kept."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from hotline.demo_script import SpokenTurn
from recordings.wav import open_wav
from tests.e2e.floor import DEADLINE_S, Citizen, Floor, happens, hear_each_other


async def during_greeting(_citizen: Citizen, _turns: tuple[SpokenTurn, ...]) -> None:
    """It has begun."""


async def while_listening(citizen: Citizen, turns: tuple[SpokenTurn, ...]) -> None:
    await citizen.line.speak(turns[0].alaw[:8000])


async def in_the_queue(citizen: Citizen, _turns: tuple[SpokenTurn, ...]) -> None:
    citizen.line.media.send_digit("0")
    await citizen.becomes("waiting")
    await happens(lambda: _waits(citizen), "the caller is counted as waiting")


async def _waits(citizen: Citizen) -> bool:
    return await citizen.floor.waiting() == 1


async def is_put_away(citizen: Citizen) -> None:
    """The call is over with a recording that opens; nothing is up and nobody waits."""
    call = await citizen.is_recorded()
    await happens(citizen.floor.is_idle, "no call is up and nobody waits")
    file = citizen.floor.service.data_dir / "recordings" / call["recording"]["path"]
    wav = open_wav(file)
    assert wav.channels == 2
    assert abs(wav.duration_ms - call["recording"]["duration_ms"]) <= 20


@pytest.mark.parametrize("step", [during_greeting, while_listening, in_the_queue], ids=lambda step: step.__name__)
async def test_the_caller_leaves_before_a_person_is_found(
    floor: Floor, turns: tuple[SpokenTurn, ...], step: Callable[..., Awaitable[None]]
) -> None:
    citizen = await floor.call()
    await step(citizen, turns)
    citizen.line.hang_up()
    await is_put_away(citizen)
    assert (await citizen.summary())["agent_id"] in ("", None)


async def test_the_caller_leaves_while_the_phone_rings(floor: Floor) -> None:
    agent = await floor.agent("8001")
    citizen = await floor.call(key="0")
    ringing = await agent.rings()
    await agent.becomes("ringing")
    citizen.line.hang_up()
    await ringing.line.ended(DEADLINE_S)  # the CANCEL
    await agent.becomes("ready")
    await is_put_away(citizen)


async def test_the_caller_hangs_up_on_the_agent(floor: Floor, turns: tuple[SpokenTurn, ...]) -> None:
    agent = await floor.agent("8001")
    citizen = await floor.call(key="0")
    phone = (await agent.rings()).answer()
    await agent.becomes("talking")
    await hear_each_other(citizen.line, phone, turns[1].alaw[:16000])
    citizen.line.hang_up()
    await phone.ended(DEADLINE_S)
    await agent.becomes("wrap_up")
    await is_put_away(citizen)


async def test_the_agent_hangs_up_on_the_caller(floor: Floor, turns: tuple[SpokenTurn, ...]) -> None:
    agent = await floor.agent("8001")
    citizen = await floor.call(key="0")
    phone = (await agent.rings()).answer()
    await agent.becomes("talking")
    await hear_each_other(citizen.line, phone, turns[1].alaw[:16000])
    phone.hang_up()
    await citizen.line.ended(DEADLINE_S)
    await agent.becomes("wrap_up")
    await is_put_away(citizen)


async def test_the_agent_ends_the_call_on_the_page(floor: Floor) -> None:
    agent = await floor.agent("8001")
    citizen = await floor.call(key="0")
    phone = (await agent.rings()).answer()
    await agent.becomes("talking")
    call = await citizen.becomes("talking")
    assert (await agent.desk.call("POST", f"/api/calls/{call['call_id']}/hang-up"))["accepted"]
    await asyncio.gather(citizen.line.ended(DEADLINE_S), phone.ended(DEADLINE_S))
    await agent.becomes("wrap_up")
    await is_put_away(citizen)


async def test_a_phone_that_refuses_hands_the_call_to_the_next(floor: Floor) -> None:
    """486: the first agent is set to break, the second one gets the same caller."""
    first, second = await floor.agent("8001"), await floor.agent("8002")
    citizen = await floor.call(key="0")
    (await first.rings()).reject(486, "Busy Here")
    phone = (await second.rings()).answer()
    await first.becomes("break")
    await second.becomes("talking")
    assert (await citizen.becomes("talking"))["agent_id"] == "8002"
    citizen.line.hang_up()
    await phone.ended(DEADLINE_S)
    await is_put_away(citizen)


async def test_nobody_at_the_phone(floor: Floor) -> None:
    """It rings for the configured time (5 s here); the agent is set to break, the caller waits on and is not lost."""
    agent = await floor.agent("8001")
    citizen = await floor.call(key="0")
    ringing = await agent.rings()
    await ringing.line.ended(DEADLINE_S)
    await agent.becomes("break")
    await citizen.becomes("waiting")
    assert not citizen.line.over
    await agent.is_let("set_ready")
    phone = (await agent.rings()).answer()
    await agent.becomes("talking")
    citizen.line.hang_up()
    await phone.ended(DEADLINE_S)
    await is_put_away(citizen)
