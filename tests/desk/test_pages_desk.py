"""The agent's desk in Chromium: one call from sign-in to submitted ticket, and what must not be lost on the way."""

import re
import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import msgspec
import pytest
from playwright.async_api import Page, expect

from desk.settings import DeskSettings
from domain.agent import AgentState
from domain.evidence import Evidence
from domain.ids import utterance_id
from domain.knowledge import Article, Suggestion, SuggestionsUpdated
from domain.side import Side
from domain.speech import Correction, SpeechHealth, SpeechHealthChanged, SpokenWords, UtterancePartial
from domain.ticket import DraftField, DraftUpdated, FieldName
from domain.topics import CALL_ASSIST, CALL_PARTIAL, CALL_SPEECH, CALL_TRANSCRIPT
from domain.transcript import TranscriptReached, TranscriptState, TranscriptWords
from tests.desk.conftest import PASSWORD, CallStory
from tests.desk.page_stage import STATIC, FakeQueue, browsed, keep_picture, served

pytestmark = pytest.mark.e2e

CALL_ID = "call1"
TALK = (
    (Side.AGENT, "您好，云江市12345热线，请问有什么可以帮您？"),
    (Side.CALLER, "你好，我要投诉一个工地，夜里十二点还在施工，吵得睡不着。"),
    (Side.AGENT, "请问工地在什么位置？"),
    (Side.CALLER, "在人民路28号，锦绣花园小区南门对面。"),
    (Side.CALLER, "我姓王，你们能不能今天晚上就派人过来看看？"),
)
VALUES = {
    FieldName.APPEAL_TYPE: ("投诉", 1, "投诉"),
    FieldName.URGENCY: ("一般", 1, "夜里十二点"),
    FieldName.TITLE: ("人民路28号工地夜间施工噪声扰民", 1, "夜里十二点还在施工"),
    FieldName.SUMMARY: ("来电人反映锦绣花园小区南门对面工地夜间十二点仍在施工，噪声影响休息。", 1, "吵得睡不着"),
    FieldName.CATEGORY: ("生态环境/噪声污染/建筑施工噪声", 1, "施工"),
    FieldName.LOCATION: ("人民路28号锦绣花园小区南门对面", 3, "人民路28号"),
    FieldName.CALLER_NAME: ("王先生/女士", 4, "我姓王"),
    FieldName.DEPARTMENT: ("城市管理局", 1, "工地"),
}


@dataclass
class Stage:
    page: Page
    house: object
    queue: FakeQueue
    story: CallStory

    async def sign_in(self) -> None:
        await self.page.goto("/desk")
        await self.page.get_by_label("用户名").fill("8001")
        await self.page.get_by_label("密码").fill(PASSWORD)
        await self.page.keyboard.press("Enter")
        await expect(self.page.get_by_text("已连接")).to_be_visible()

    async def talk(self) -> None:
        """The call rings, is answered, and all is said."""
        await self.house.happen(*self.story.talking)
        await self.queue.become(AgentState.TALKING, CALL_ID)
        finals = [self.story.final(number, text, side=side) for number, (side, text) in enumerate(TALK)]
        health = [
            SpeechHealthChanged(call_id=CALL_ID, side=side, health=SpeechHealth.LIVE, reason="", at_ms=1)
            for side in Side
        ]
        await self.house.say(CALL_SPEECH, CALL_ID, *health, *finals)
        await self.house.say(CALL_ASSIST, CALL_ID, draft(1), suggestions())
        await expect(self.page.get_by_label("标题")).to_have_value(VALUES[FieldName.TITLE][0])


def evidence(number: int, quote: str) -> tuple[Evidence, ...]:
    side, text = TALK[number]
    start = text.index(quote)
    said = utterance_id(CALL_ID, side.value, number)
    chars = (start, start + len(quote))
    return (Evidence(utterance_id=said, chars=chars, ms=(number * 2000, number * 2000 + 900), quote=quote, rule="r"),)


def draft(version: int, title: str = "", location: str = "") -> DraftUpdated:
    changed = {FieldName.TITLE: title, FieldName.LOCATION: location}
    fields = tuple(
        DraftField(name=name, value=changed.get(name) or value, confidence=0.86, evidence=evidence(number, quote))
        for name, (value, number, quote) in VALUES.items()
    )
    return DraftUpdated(call_id=CALL_ID, version=version, at_ms=1, after_utterance="u", final_at_ms=1, fields=fields)


def suggestions() -> SuggestionsUpdated:
    titles = ("夜间建筑施工噪声怎么投诉", "夜间施工许可证明如何查询", "噪声扰民处罚标准")
    found = tuple(
        Suggestion(
            article=Article(
                article_id=f"a{number}",
                title=title,
                questions=(),
                answer_script="您反映的夜间施工问题，除抢修抢险外，晚22点至次日6点禁止产生噪声的建筑施工作业。"
                "我们会转交城市管理部门到现场核查，并在规定时限内回复您。",
                department="城市管理局",
                source="《中华人民共和国噪声污染防治法》第四十三条",
                valid_until="2027-12-31",
            ),
            score=3.0 - number,
            evidence=evidence(1, "施工"),
        )
        for number, title in enumerate(titles)
    )
    return SuggestionsUpdated(
        call_id=CALL_ID, version=1, at_ms=1, after_utterance="u", final_at_ms=1, suggestions=found
    )


@pytest.fixture
async def stage(opened) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(opened(settings=DeskSettings(static_dir=STATIC)))
        address = await stack.enter_async_context(served(house))
        queue = FakeQueue(house)
        await queue.start()
        page = await stack.enter_async_context(browsed(address))
        yield Stage(page, house, queue, CallStory(CALL_ID, house.clock()))


async def test_a_wrong_password_is_said_in_words(stage):
    page = stage.page
    await page.goto("/desk")
    await page.get_by_label("用户名").fill("8001")
    await page.get_by_label("密码").fill("wrong")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("用户名或密码不正确")
    await keep_picture(page, "sign_in")


async def test_one_call_by_keyboard_alone(stage):
    page, queue, story = stage.page, stage.queue, stage.story
    await stage.sign_in()
    await expect(page.get_by_text("云江市12345政务服务便民热线")).to_be_visible()
    await expect(page.get_by_text("还没有通话")).to_be_visible()
    await expect(page.get_by_text("您还没有签入")).to_be_visible()
    await keep_picture(page, "desk_signed_out")
    await page.keyboard.press("F9")
    await expect(page.locator(".pill")).to_contain_text("小休")
    await page.keyboard.press("F2")
    await expect(page.locator(".pill")).to_contain_text("空闲")
    await keep_picture(page, "desk_ready")

    await stage.house.happen(*story.ringing)
    await queue.become(AgentState.RINGING, CALL_ID)
    await expect(page.get_by_text("请拿起话机接听")).to_be_visible()
    await expect(page.locator(".caller")).to_have_text("13812345678")
    await keep_picture(page, "desk_ringing")
    await stage.talk()
    partial = UtterancePartial(
        call_id=CALL_ID,
        side=Side.CALLER,
        utterance_id=utterance_id(CALL_ID, "caller", 7),
        start_ms=14_000,
        end_ms=15_000,
        text="我的电话就是这个",
        health=SpeechHealth.LIVE,
        firm=4,
    )
    await stage.house.bus.publish(CALL_PARTIAL, (CALL_ID,), partial)
    await expect(page.locator(".said.partial p")).to_have_text("我的电话就是这个")
    await expect(page.locator(".said.partial .guess")).to_have_text("就是这个")
    noise = {"utterance_id": utterance_id(CALL_ID, "caller", 6), "start_ms": partial.start_ms - 1, "text": "嗯"}
    await stage.house.bus.publish(CALL_PARTIAL, (CALL_ID,), msgspec.structs.replace(partial, **noise))
    await expect(page.locator(".said.partial")).to_have_count(2)
    no_words = msgspec.structs.replace(partial, **noise | {"text": "", "firm": 0})
    await stage.house.bus.publish(CALL_PARTIAL, (CALL_ID,), no_words)
    await expect(page.locator(".said.partial p")).to_have_text("我的电话就是这个")
    await page.keyboard.press("e")
    await expect(page.get_by_label("诉求类型")).to_be_focused()
    await expect(page.locator("mark", has_text="投诉").first).to_be_visible()
    await keep_picture(page, "desk_talking")
    await stage.house.say(CALL_SPEECH, CALL_ID, story.final(7, "我的电话就是这个号码。"))
    await expect(page.locator(".said.partial")).to_have_count(0)

    await stage.house.happen(*story.events[6:7])
    await queue.become(AgentState.WRAP_UP, CALL_ID)
    await expect(page.locator(".pill")).to_contain_text("话后计时")
    await keep_picture(page, "desk_after_call")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#ticket header")).to_contain_text(re.compile(r"工单号 YJ\d+"))
    await keep_picture(page, "desk_submitted")
    await page.keyboard.press("F2")
    await expect(page.locator(".pill")).to_contain_text("空闲")
    await expect(page.get_by_text("空闲，等待来电")).to_be_visible()
    height = await page.evaluate("document.documentElement.scrollHeight")
    assert height <= 768


async def test_an_answer_that_comes_late_does_not_take_the_state_back(stage):
    page, queue = stage.page, stage.queue
    await stage.sign_in()
    queue.answering.clear()
    async with page.expect_response("**/api/agent/command") as answered:
        await page.keyboard.press("F9")
        await expect(page.locator(".pill")).to_contain_text("小休")
        await queue.become(AgentState.READY)
        await expect(page.locator(".pill")).to_contain_text("空闲")
        queue.answering.set()
    await (await answered.value).finished()
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    await expect(page.locator(".pill")).to_contain_text("空闲")


async def test_a_call_comes_and_goes_whichever_way_is_the_slower_one(stage):
    """The call's events and the agent's states are stored, and told, each for themselves."""
    page, queue, story = stage.page, stage.queue, stage.story
    card = page.get_by_label("当前通话")
    await stage.sign_in()
    await stage.house.happen(*story.talking)
    await expect(card).to_contain_text("13812345678")
    await stage.house.happen(*story.events[6:])
    await expect(card).to_contain_text("您还没有签入")
    await queue.become(AgentState.WRAP_UP, CALL_ID)
    await expect(card).to_contain_text("13812345678")
    await queue.become(AgentState.READY)
    await expect(card).to_contain_text("空闲，等待来电")


async def test_a_new_draft_overwrites_neither_edits_nor_the_field_with_the_cursor(stage):
    page = stage.page
    await stage.sign_in()
    await stage.talk()
    title, location = page.get_by_label("标题"), page.get_by_label("事发地点")
    async with page.expect_response(lambda got: got.request.method == "PATCH") as stored:
        await title.fill("我改的标题")
    assert (await stored.value).status == 200
    await location.focus()
    await stage.house.say(CALL_ASSIST, CALL_ID, draft(2, title="机器的标题", location="解放路1号"))
    await expect(page.locator(".field", has=title).get_by_text("已修改")).to_be_visible()
    await expect(location).to_have_value(VALUES[FieldName.LOCATION][0])
    await page.get_by_label("来电人姓名").focus()
    await expect(location).to_have_value("解放路1号")
    await expect(title).to_have_value("我改的标题")
    await page.get_by_role("button", name="恢复推荐值").click()
    await expect(title).to_have_value("机器的标题")


async def test_help_and_english(stage):
    page = stage.page
    await stage.sign_in()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("Ctrl+Enter")
    await keep_picture(page, "desk_help")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="EN", exact=True).click()
    await expect(page.get_by_text("You are signed out")).to_be_visible()


async def test_a_past_call_opens_with_transcript_player_and_ticket(stage):
    page = stage.page
    await stage.sign_in()
    await stage.talk()
    await stage.house.happen(*stage.story.events[6:])
    stage.house.recordings_dir.mkdir(exist_ok=True)
    with wave.open(str(stage.house.recordings_dir / f"{CALL_ID}.wav"), "wb") as recording:
        recording.setparams((2, 2, 8000, 0, "NONE", ""))
        recording.writeframes(bytes(4 * 8000 * 19))
    await page.goto(f"/calls/{CALL_ID}")
    await expect(page.locator(".said")).to_have_count(len(TALK))
    await expect(page.locator("audio")).to_have_attribute("src", f"/api/calls/{CALL_ID}/recording")
    await expect(page.get_by_label("标题")).to_have_value(VALUES[FieldName.TITLE][0])
    switch = page.get_by_role("radio", name="复核")
    await expect(page.get_by_text("待转写", exact=True)).to_be_visible()
    again = TranscriptWords(
        call_id=CALL_ID,
        version="v",
        utterances=tuple(
            msgspec.structs.replace(
                stage.story.final(number, text.replace("施工", "司公"), side=side), utterance_id=f"v-{number}"
            )
            for number, (side, text) in enumerate(TALK)
        ),
    )
    done = TranscriptReached(call_id=CALL_ID, version="v", state=TranscriptState.DONE, at_ms=1)
    await stage.house.say(CALL_TRANSCRIPT, CALL_ID, again, done)
    await expect(page.get_by_text("待转写", exact=True)).to_have_count(0)
    await page.get_by_role("radio", name="实时").focus()
    await page.keyboard.press("ArrowRight")
    await expect(switch).to_be_checked()
    await expect(page.locator(".said")).to_have_count(len(TALK))
    await expect(page.locator(".said .changed").first).to_have_text("司公")
    await page.locator(".said").nth(1).get_by_role("button").click()
    await page.wait_for_function("document.querySelector('audio').currentTime >= 2")
    await keep_picture(page, "calls")


async def test_a_number_in_digits_tells_the_words_that_were_said(stage):
    await stage.sign_in()
    await stage.house.happen(*stage.story.talking)
    await stage.queue.become(AgentState.TALKING, CALL_ID)
    final = stage.story.final(0, "我住在18号楼。", side=Side.CALLER)
    await stage.house.say(CALL_SPEECH, CALL_ID, msgspec.structs.replace(final, spoken=(SpokenWords(3, 5, "十八"),)))
    await expect(stage.page.get_by_title("原话：十八")).to_have_text("18")


async def test_a_corrected_word_tells_its_original_to_the_mouse_and_to_the_keyboard(stage):
    await stage.sign_in()
    await stage.house.happen(*stage.story.talking)
    await stage.queue.become(AgentState.TALKING, CALL_ID)
    final = stage.story.final(0, "请问政务服务中心几点上班。", side=Side.CALLER)
    corrected = msgspec.structs.replace(final, corrections=(Correction(2, 4, "证物"),))
    await stage.house.say(CALL_SPEECH, CALL_ID, corrected)
    word = stage.page.get_by_label("政务 (识别原文：证物)")
    tip = stage.page.get_by_role("tooltip")
    await expect(word).to_be_visible()
    await expect(tip).to_be_hidden()
    await word.focus()
    await expect(tip).to_have_text("识别原文：证物")
    await keep_picture(stage.page, "desk_corrected")
    await stage.page.mouse.move(0, 0)
    await word.blur()
    await expect(tip).to_be_hidden()
    await word.hover()
    await expect(tip).to_be_visible()
