"""The browser as a telephone on the whole service: Chromium talks through the real switch with a real SIP caller."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.g711 import alaw_decode, alaw_encode
from hotline.demo_script import SpokenTurn
from tests.desk.page_stage import keep_picture
from tests.e2e.browser_phone import BrowserAgent, browser_agent, likeness, tone
from tests.e2e.floor import Citizen, happens, open_floor
from tests.e2e.service import Service

PITCH_HZ = 1000


@pytest.fixture(scope="module")
def spared(ready_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("browser_phone"))
    service.start()
    yield service
    service.stop()


async def talk(agent: BrowserAgent, citizen: Citizen) -> None:
    """Each hears what the other says."""
    line = citizen.line
    line.media.play(alaw_encode(tone(PITCH_HZ, 1)), token=0, loop=True)

    async def agent_hears() -> bool:
        return abs(await agent.pitch_heard() - PITCH_HZ) < 20

    async def citizen_hears() -> bool:
        return likeness(bytes(line.heard[-32_000:]), agent.says) > 0.7

    await happens(agent_hears, "the browser hears the citizen's tone")
    await happens(citizen_hears, "the citizen hears the browser's voice")
    line.media.play(b"", token=0)


async def test_calls_reconnects_and_a_killed_switch(
    spared: Service, turns: tuple[SpokenTurn, ...], tmp_path: Path
) -> None:
    says = alaw_decode(turns[1].alaw[: 3 * 8000])
    async with open_floor(spared) as floor, browser_agent(spared, tmp_path, says) as agent:
        await agent.sign_in(spared, "8001")
        citizen = await floor.call(key="0")
        await agent.rings()
        await keep_picture(agent.page, "web_phone_ringing")
        await agent.page.keyboard.press("F7")
        await agent.talks()
        await talk(agent, citizen)
        await keep_picture(agent.page, "web_phone_talking")
