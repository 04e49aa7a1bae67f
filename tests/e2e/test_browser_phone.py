"""The browser as a telephone on the whole service: Chromium talks through the real switch with a real SIP caller."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.async_api import expect

from domain.g711 import RATE_HZ, alaw_decode, alaw_encode
from hotline.demo_accounts import desk_passwords
from hotline.demo_script import SpokenTurn
from hotline.phone_line import audible_s
from hotline.roles import Role
from tests.desk.page_stage import keep_picture
from tests.e2e.browser_phone import BrowserAgent, browser_agent, likeness, tone
from tests.e2e.floor import Citizen, Floor, happens, open_floor
from tests.e2e.service import Service

PITCH_HZ = 1000


def words_of(turns: tuple[SpokenTurn, ...]) -> np.ndarray:
    """Three seconds that the agent says over and over."""
    return alaw_decode(turns[1].alaw[: 3 * RATE_HZ])


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


async def connected(floor: Floor, agent: BrowserAgent) -> Citizen:
    """A citizen whom the agent has answered by key."""
    citizen = await floor.call(key="0")
    await agent.rings()
    await agent.page.keyboard.press("F7")
    await agent.talks()
    return citizen


async def leaves(citizen: Citizen) -> None:
    """The citizen hangs up, and all of the call is put away."""
    citizen.line.hang_up()
    await citizen.is_recorded()


async def test_a_shift_at_the_browser(floor: Floor, turns: tuple[SpokenTurn, ...], tmp_path: Path) -> None:
    """Calls one after the other on one connection: hung up, refused, muted, and kept while the page is loaded anew."""
    async with browser_agent(floor.service.running, tmp_path, words_of(turns)) as agent:
        await agent.sign_in("8001", desk_passwords(floor.service.data_dir)["8001"])
        citizen = await connected(floor, agent)
        await talk(agent, citizen)
        await agent.page.keyboard.press("F8")
        await citizen.is_recorded()
        await agent.is_ready()

        citizen = await floor.call(key="0")
        await agent.rings()
        await keep_picture(agent.page, "web_phone_ringing")
        await agent.page.keyboard.press("F8")
        await expect(agent.page.get_by_text("已转小休")).to_be_visible()
        await agent.page.keyboard.press("F2")
        await agent.rings()
        await agent.page.keyboard.press("F7")
        await agent.talks()
        await talk(agent, citizen)
        await agent.page.get_by_role("button", name="设备").click()
        await agent.page.locator(".phone").get_by_role("button", name="关闭麦克风").click()
        await happens(lambda: _is_quiet(citizen), "a muted browser is not heard")
        await keep_picture(agent.page, "web_phone_talking")
        assert await agent.connections_made() == 1

        await agent.page.reload()
        await agent.phone_is("up")
        await agent.talks()
        await agent.touch()
        await talk(agent, citizen)
        await leaves(citizen)
        await agent.sign_out()


async def _is_quiet(citizen: Citizen) -> bool:
    return audible_s(bytes(citizen.line.heard[-8000:])) == 0


async def test_over_https_a_killed_desk_is_not_noticed_and_a_killed_switch_is_found_again(
    own_service: Callable[..., Service], turns: tuple[SpokenTurn, ...], tmp_path: Path
) -> None:
    service = own_service(DESK__SELF_SIGNED="true", TELEPHONY__WEB_PHONE_ADDRESS="0.0.0.0")
    service.start()
    async with (
        open_floor(service) as floor,
        browser_agent(service.running, tmp_path, words_of(turns)) as agent,
    ):
        await agent.sign_in("8001", desk_passwords(service.data_dir)["8001"])
        citizen = await connected(floor, agent)
        killed = service.kill(Role.DESK)
        await talk(agent, citizen)
        await happens(lambda: _runs_again(service, Role.DESK, killed), "the desk runs again", 60)
        await agent.is_linked()
        await talk(agent, citizen)
        assert await agent.connections_made() == 1

        killed = service.kill(Role.SWITCH)
        await happens(lambda: _connects_again(agent), "the browser connects again")
        await happens(lambda: _runs_again(service, Role.SWITCH, killed), "the switch runs again", 60)
        await agent.phone_is("up")
        await citizen.is_recorded(60)
        citizen.line.hang_up()
        await agent.is_ready()
        again = await connected(floor, agent)
        await talk(agent, again)
        await leaves(again)
        await agent.sign_out()


async def _runs_again(service: Service, role: Role, killed: int) -> bool:
    return service.pid(role) not in (0, killed)


async def _connects_again(agent: BrowserAgent) -> bool:
    return await agent.connections_made() > 1
