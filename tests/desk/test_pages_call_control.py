"""Call controls on the agent's desk and on the team leader's floor, in Chromium; the switch is a fake at its port."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Route, expect

from desk.settings import DeskSettings
from domain.agent import AgentState, AgentStatus, PhoneState
from domain.command import CallCommand, CallOrder, CommandReply, DialOut, OrderCall, PassCall, Supervise
from domain.directory import Directory, DirectoryEntry, EntryKind
from domain.side import Side
from domain.talk import (
    CallConferenced,
    CallFellSilent,
    CallHeld,
    CallSilenceEnded,
    CallSupervised,
    EmergencyHandedOver,
    Passing,
    Supervision,
    TalkChanged,
    TalkPhase,
    ThirdAnswered,
    ThirdCalled,
    ThirdLeft,
)
from domain.target import OfferOutcome
from domain.topics import AGENT_STATE, CALL_COMMAND, CALL_SPEECH, PHONE_STATE, SWITCH_COMMAND
from tests.desk.conftest import PASSWORD, CallStory
from tests.desk.desk_stage import CALL_ID, Stage
from tests.desk.page_stage import STATIC, FakeQueue, browsed, keep_picture, served

pytestmark = pytest.mark.e2e

BUREAU = DirectoryEntry(
    kind=EntryKind.DEPARTMENT, name="市城市管理局", number="02388880102", code="102", words=("城管",)
)
CITY = DirectoryEntry(kind=EntryKind.CITY, name="江陵市12345", number="02488812345")


class FakeSwitch:
    """Takes the call's commands, and says as its events what the real switch would."""

    def __init__(self, house: Any, story: CallStory) -> None:
        self.asked: list[Any] = []
        self._house = house
        self._call_id = story.call_id
        self._number = 6
        self._third: PassCall | None = None

    async def start(self) -> None:
        await self._house.bus.serve(CALL_COMMAND, (self._call_id,), self._take)
        await self._house.bus.serve(SWITCH_COMMAND, (), self._dial)

    async def say(self, of: Any, **fields: Any) -> None:
        event = of(call_id=self._call_id, switch_id="s", number=self._number, at_ms=self._house.clock.now_ms, **fields)
        self._number += 1
        await self._house.happen(event)

    async def answer_third(self) -> None:
        assert self._third is not None
        target, consult = self._third.target, self._third.how is Passing.CONSULT
        await self.say(ThirdAnswered, target=target)
        phase = TalkPhase.CONSULTING if consult else TalkPhase.CONFERENCE
        if not consult:
            await self.say(CallConferenced, target=target, agent_id="8001")
        await self.say(TalkChanged, phase=phase, third=target)

    async def _take(self, _subject: str, command: CallCommand) -> CommandReply:
        self.asked.append(command)
        match command:
            case OrderCall(order=CallOrder.HOLD):
                await self.say(CallHeld, agent_id="8001")
                await self.say(TalkChanged, phase=TalkPhase.HELD)
            case OrderCall(order=CallOrder.RESUME):
                await self.say(TalkChanged, phase=TalkPhase.TALKING)
            case OrderCall(order=CallOrder.CANCEL):
                assert self._third is not None
                await self.say(ThirdLeft, target=self._third.target, outcome=OfferOutcome.ANSWERED)
                await self.say(TalkChanged, phase=TalkPhase.TALKING)
            case PassCall(how=how, target=target, location=location):
                self._third = command
                await self.say(ThirdCalled, how=how, target=target, agent_id="8001")
                if how is Passing.HAND_OVER:
                    await self.say(EmergencyHandedOver, target=target, agent_id="8001", location=location)
                phase = TalkPhase.CALLING if how is Passing.CONSULT else TalkPhase.INVITING
                await self.say(TalkChanged, phase=phase, third=target)
            case Supervise(how=how, leader_id=leader_id):
                await self.say(CallSupervised, leader_id=leader_id, how=how)
                over = how is Supervision.END
                await self.say(
                    TalkChanged,
                    phase=TalkPhase.TALKING,
                    leader_id="" if over else leader_id,
                    supervision=None if over else how,
                )
        return CommandReply(accepted=True)

    async def _dial(self, _subject: str, command: DialOut) -> CommandReply:
        self.asked.append(command)
        return CommandReply(accepted=True, call_id="new")


@pytest.fixture
async def floor(opened: Any) -> AsyncIterator[tuple[Stage, FakeSwitch]]:
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(opened(settings=DeskSettings(static_dir=STATIC)))
        directory = Directory((*Directory().entries, BUREAU, CITY))
        house.desk.services = replace(house.desk.services, directory=directory)
        address = await stack.enter_async_context(served(house))
        queue = FakeQueue(house)
        await queue.start()
        story = CallStory(CALL_ID, house.clock.now_ms)
        switch = FakeSwitch(house, story)
        await switch.start()
        page = await stack.enter_async_context(browsed(address))
        yield Stage(page, house, queue, story), switch


async def be(stage: Stage, agent_id: str, name: str, state: AgentState) -> None:
    now = stage.house.clock.now_ms
    status = AgentStatus(
        agent_id=agent_id, name=name, extension=agent_id, state=state, since_ms=now - 65_000, at_ms=now + 50
    )
    await stage.house.log.append(AGENT_STATE, (agent_id,), status, event_id=f"be{agent_id}{state}")


async def test_an_agent_holds_consults_and_takes_the_caller_back_by_keys(floor: tuple[Stage, FakeSwitch]) -> None:
    stage, switch = floor
    page = stage.page
    await be(stage, "8002", "周建国", AgentState.BREAK)
    await stage.sign_in()
    await stage.talk()
    await page.keyboard.press("F6")
    await expect(page.get_by_text("已保持，来电人在听音乐")).to_be_visible()
    await page.keyboard.press("F6")
    await expect(page.get_by_text("已保持，来电人在听音乐")).to_be_hidden()
    await page.keyboard.press("t")
    box = page.get_by_label("搜索姓名、工号、单位")
    await expect(box).to_be_focused()
    await expect(page.get_by_text("周建国")).to_be_visible()
    await expect(page.locator(".el-overlay").first).to_have_css("opacity", "1")
    await keep_picture(page, "pass_on")
    await box.fill("城管")
    await expect(page.get_by_text("周建国")).to_be_hidden()
    await page.get_by_role("button", name="咨询", exact=True).click()
    await expect(page.get_by_text("正在呼叫市城市管理局，来电人在听音乐")).to_be_visible()
    await switch.answer_third()
    await expect(page.get_by_role("button", name="三方通话")).to_be_visible()
    await expect(page.get_by_role("button", name="切换")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await keep_picture(page, "consultation")
    await page.get_by_role("button", name="挂断对方").click()
    await expect(page.get_by_role("button", name="转接 / 咨询 / 三方")).to_be_enabled()
    await expect(page.get_by_label("处理过程")).to_contain_text("咨询 市城市管理局")
    assert [type(each).__name__ for each in switch.asked] == ["OrderCall", "OrderCall", "PassCall", "OrderCall"]
    assert switch.asked[2].target.value == "02388880102"


async def test_one_key_calls_the_police_and_shows_the_place_in_large(floor: tuple[Stage, FakeSwitch]) -> None:
    stage, switch = floor
    page = stage.page
    await stage.sign_in()
    await stage.talk()
    await page.get_by_label("事发地点").fill("人民路28号3单元")
    await page.keyboard.press("F10")  # also while typing, and what was typed goes along
    banner = page.get_by_role("alert", name="紧急联动")
    await expect(banner).to_contain_text("人民路28号3单元")
    await expect(banner).to_contain_text("正在呼叫公安 110")
    [command] = switch.asked
    assert (command.how, command.target.value, command.location) == (Passing.HAND_OVER, "110", "人民路28号3单元")
    await switch.answer_third()
    await expect(banner).to_contain_text("公安 110已接入")
    await keep_picture(page, "emergency")
    size = await banner.locator("strong").evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    assert size >= 28
    await page.keyboard.press("Control+F9")
    await expect(banner).to_contain_text("正在呼叫急救 120")


async def test_a_citizen_is_called_back_by_a_click(floor: tuple[Stage, FakeSwitch]) -> None:
    stage, switch = floor
    page = stage.page
    await stage.sign_in()
    await stage.queue.become(AgentState.TALKING, CALL_ID)
    await stage.house.happen(*stage.story.events)
    await stage.queue.become(AgentState.BREAK)
    # As in a shift: the call is put away before the agent looks it up; a click before that opens what is open already.
    await expect(page.get_by_label("当前通话")).to_contain_text("小休中")
    await expect(page.get_by_label("近期通话")).to_contain_text("13812345678")
    await expect(page.get_by_label("当前通话")).to_contain_text("小休中")
    await page.get_by_label("近期通话").get_by_text("13812345678").click()
    await page.get_by_role("button", name="回拨 13812345678").click()
    await expect(page.get_by_text("您的话机即将振铃")).to_be_visible()
    assert switch.asked == [DialOut(agent_id="8001", extension="8001", number="13812345678")]
    await page.keyboard.press("t")
    await page.get_by_label("搜索姓名、工号、单位").fill("023-8888 0102")
    await page.get_by_role("button", name="拨打").first.click()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert switch.asked[1].number == "02388880102"


async def test_an_answer_that_comes_late_does_not_undo_the_state_that_was_told_meanwhile(
    floor: tuple[Stage, FakeSwitch],
) -> None:
    stage, _ = floor
    page = stage.page
    asked, told = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        asked.set()
        await told.wait()
        await route.fulfill(response=answer)

    await page.route("**/api/desk", late)
    await stage.sign_in()
    await asked.wait()
    await stage.queue.become(AgentState.BREAK)
    await expect(page.get_by_label("当前通话")).to_contain_text("小休中")
    async with page.expect_response("**/api/desk"):
        told.set()
    await expect(page.get_by_label("近期通话")).to_contain_text("还没有")
    await expect(page.get_by_label("当前通话")).to_contain_text("小休中")


async def sign_in_leader(stage: Stage) -> None:
    await stage.page.goto("/floor")
    await stage.page.get_by_label("用户名").fill("leader")
    await stage.page.get_by_label("密码").fill(PASSWORD)
    await stage.page.keyboard.press("Enter")


async def test_a_leader_sees_the_floor_listens_whispers_and_forces_states(floor: tuple[Stage, FakeSwitch]) -> None:
    stage, switch = floor
    page, house = stage.page, stage.house
    now = house.clock.now_ms
    phone = PhoneState(extension="9001", registered=True, switch_id="s", at_ms=now, expires_at_ms=now + 3_600_000)
    await house.log.append(PHONE_STATE, ("9001",), phone, event_id="leader's phone")
    await be(stage, "8002", "周建国", AgentState.READY)
    await stage.queue.become(AgentState.TALKING, CALL_ID)
    await house.happen(*stage.story.talking)
    await sign_in_leader(stage)
    calls = page.get_by_label("进行中的通话")
    await expect(calls.get_by_text("13812345678")).to_be_visible()
    await expect(page.get_by_label("坐席", exact=True).get_by_text("周建国")).to_be_visible()
    listen = calls.get_by_role("button", name="监听")
    await expect(listen).to_be_disabled()
    await page.get_by_label("我的话机").select_option("9001")
    await listen.click()
    await expect(listen).to_have_attribute("aria-pressed", "true")
    await calls.get_by_role("button", name="耳语").click()
    await expect(calls.get_by_role("button", name="耳语")).to_have_attribute("aria-pressed", "true")
    await calls.get_by_text("13812345678").click()
    await house.say(CALL_SPEECH, CALL_ID, stage.story.final(0, "夜里十二点还在施工，吵得睡不着。"))
    await expect(page.get_by_text("夜里十二点还在施工")).to_be_visible()
    await keep_picture(page, "floor")
    await calls.get_by_role("button", name="退出").click()
    await expect(calls.get_by_role("button", name="退出")).to_be_hidden()
    assert [each.how for each in switch.asked] == [Supervision.LISTEN, Supervision.WHISPER, Supervision.END]
    assert {each.extension for each in switch.asked} == {"9001"}
    agents = page.get_by_role("group", name="强制 林晓梅 的状态")
    await expect(agents.get_by_role("button", name="小休")).to_be_enabled()


async def test_an_agent_is_not_let_onto_the_leaders_floor(floor: tuple[Stage, FakeSwitch]) -> None:
    stage, _ = floor
    await stage.sign_in()
    await expect(stage.page.get_by_text("班长监控")).to_be_hidden()
    await stage.page.goto("/floor")
    await expect(stage.page).to_have_url("/desk")


async def test_agent_and_leader_see_for_how_long_nobody_has_spoken(floor: tuple[Stage, FakeSwitch]) -> None:
    stage, switch = floor
    page = stage.page
    await stage.sign_in()
    await stage.talk()
    await switch.say(TalkChanged, phase=TalkPhase.TALKING)
    notice = page.locator("p.silence")
    await expect(notice).to_have_count(0)
    since_ms = stage.house.clock.now_ms - 34_000
    await switch.say(CallFellSilent, since_at_ms=since_ms)
    await expect(notice).to_contain_text("双方都没有说话")
    await expect(notice).to_contain_text(re.compile(r"已静默 [3-9]\d 秒"))
    shown = await notice.inner_text()
    await expect(notice).not_to_have_text(shown)
    await switch.say(CallSilenceEnded, since_at_ms=since_ms)
    await expect(notice).to_have_count(0)
    await expect(page.get_by_role("list", name="处理过程")).to_contain_text("静默 34 秒")
    await switch.say(CallFellSilent, since_at_ms=since_ms, side=Side.CALLER)
    await expect(notice).to_contain_text("来电人一直没有声音")
    await page.context.clear_cookies()
    await sign_in_leader(stage)
    line = page.locator(".calls .doing")
    await expect(line).to_have_text(re.compile(r"已静默 \d+ 秒"))
    await switch.say(CallSilenceEnded, since_at_ms=since_ms, side=Side.CALLER)
    await expect(line).to_have_text("通话中")
