"""The agent's desk in Chromium: one call from sign-in to submitted ticket, and what must not be lost on the way."""

import re
import wave

import msgspec
import pytest
from playwright.async_api import expect

from domain.agent import AgentState
from domain.ids import utterance_id
from domain.side import Side
from domain.speech import SpeechHealth, UtterancePartial
from domain.ticket import FieldName
from domain.topics import CALL_ASSIST, CALL_PARTIAL, CALL_SPEECH, CALL_TRANSCRIPT
from domain.transcript import TranscriptReached, TranscriptState, TranscriptWords
from tests.desk.desk_stage import CALL_ID, TALK, VALUES, draft
from tests.desk.page_stage import keep_picture

pytestmark = pytest.mark.e2e


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
