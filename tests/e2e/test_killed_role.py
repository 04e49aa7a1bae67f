"""kill -9 of each process while people talk: they go on talking, and nothing of the call is lost afterwards."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from rapidfuzz.fuzz import partial_ratio

from asr.scoring import folded
from hotline.demo_script import SpokenTurn
from hotline.roles import Role
from recordings.wav import open_wav
from tests.e2e.floor import DEADLINE_S, Agent, Citizen, Floor, happens, hear_each_other, open_floor
from tests.e2e.service import NATS, Service

BACK_WITHIN_S = 60.0
MOST_PERCENT = 60


@pytest.fixture(scope="module")
def battered(ready_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that is not spared."""
    service = Service(tmp_path_factory.mktemp("battered"))
    service.start()
    yield service
    service.stop()


@pytest.fixture
async def floor(battered: Service) -> AsyncIterator[Floor]:
    async with open_floor(battered) as floor:
        yield floor


async def is_back(service: Service, role: Role | str, killed: int) -> None:
    """Another process runs in its place."""

    async def look() -> bool:
        return service.pid(role) not in (0, killed)

    await happens(look, f"{role} runs again", BACK_WITHIN_S)


async def wrap_up(floor: Floor, agent: Agent, citizen: Citizen) -> None:
    """The call ends by the caller's BYE, and is told to its end wherever it is shown."""
    citizen.line.hang_up()
    await citizen.is_recorded(BACK_WITHIN_S)
    await agent.becomes("wrap_up", "ready", "break")
    await happens(floor.is_idle, "no call is up and nobody waits", BACK_WITHIN_S)


@pytest.mark.parametrize(
    "roles", [(Role.QUEUE,), (Role.LISTEN,), (Role.ASSIST, Role.INSPECT, Role.DESK), (NATS,)], ids="+".join
)
async def test_killed_while_people_talk(floor: Floor, turns: tuple[SpokenTurn, ...], roles: tuple[str, ...]) -> None:
    said = turns[2]
    agent = await floor.agent("8001")
    citizen = await floor.call(key="0")
    phone = (await agent.rings()).answer()
    await agent.becomes("talking")
    killed = {role: floor.service.kill(role) for role in roles}
    await hear_each_other(citizen.line, phone, turns[1].alaw[:12000])
    await citizen.line.speak(said.alaw)
    for role, process in killed.items():
        await is_back(floor.service, role, process)
    await hear_each_other(citizen.line, phone, turns[1].alaw[:12000])
    await wrap_up(floor, agent, citizen)
    call = await citizen.view()
    assert call["agent_id"] == "8001"
    wav = open_wav(floor.service.data_dir / "recordings" / call["recording"]["path"])
    assert wav.duration_ms > len(said.alaw) / 8
    await happens(lambda: _is_transcribed(citizen, said), "the caller's words are in the transcript", BACK_WITHIN_S)
    await happens(lambda: _is_drafted(citizen), "the ticket is drafted", BACK_WITHIN_S)


async def _is_drafted(citizen: Citizen) -> bool:
    """Something that was said stands in a field; all fields are there from the first, empty."""
    fields = (await citizen.view())["ticket"]["fields"].values()
    return any(field["value"] and field["evidence"] for field in fields)


async def _is_transcribed(citizen: Citizen, said: SpokenTurn) -> bool:
    """Live, or after the call where nobody listened: most characters, as well as whisper-base hears them."""
    view = await citizen.view()
    words = "".join(utterance["text"] for utterance in view["utterances"] if utterance["side"] == "caller")
    return partial_ratio(folded(said.turn.text), folded(words)) > MOST_PERCENT


async def test_the_queue_killed_while_a_caller_waits(floor: Floor) -> None:
    """Nobody loses their place: the one who came first is the first to be connected."""
    first = await floor.call(key="0")
    await first.becomes("waiting")
    second = await floor.call(key="0")
    await second.becomes("waiting")
    killed = floor.service.kill(Role.QUEUE)
    await is_back(floor.service, Role.QUEUE, killed)
    agent = await floor.agent("8001")
    phone = (await agent.rings()).answer()
    await first.becomes("talking")
    assert (await second.summary())["status"] == "waiting"
    first.line.hang_up()
    await phone.ended(DEADLINE_S)
    await agent.becomes("wrap_up")
    await agent.is_let("set_ready")
    phone = (await agent.rings()).answer()
    await second.becomes("talking")
    second.line.hang_up()
    await phone.ended(DEADLINE_S)
    await asyncio.gather(first.is_recorded(), second.is_recorded())


async def test_the_switch_killed_while_people_talk(floor: Floor, turns: tuple[SpokenTurn, ...]) -> None:
    """Its calls are lost; their recordings open, the list knows that they are over, and the agent is free again."""
    agent = await floor.agent("8001")
    citizen = await floor.call(key="0")
    phone = (await agent.rings()).answer()
    await agent.becomes("talking")
    await hear_each_other(citizen.line, phone, turns[2].alaw[:32000])
    killed = floor.service.kill(Role.SWITCH)
    await is_back(floor.service, Role.SWITCH, killed)
    call = await citizen.is_recorded(BACK_WITHIN_S)
    wav = open_wav(floor.service.data_dir / "recordings" / call["recording"]["path"])
    assert wav.duration_ms > 3000
    await agent.becomes("wrap_up", "ready", "break")
    citizen.line.hang_up()
    phone.hang_up()
    again = await floor.call(key="0")
    await again.becomes("waiting")
    again.line.hang_up()
    await again.is_recorded()
