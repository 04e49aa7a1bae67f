"""What the desk says of words that the recogniser wrote otherwise, or was not sure of, in Chromium."""

import msgspec
import pytest
from playwright.async_api import expect

from domain.agent import AgentState
from domain.side import Side
from domain.speech import Correction, SpokenWords
from domain.topics import CALL_SPEECH
from tests.desk.desk_stage import CALL_ID, TALK
from tests.desk.page_stage import keep_picture

pytestmark = pytest.mark.e2e


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


async def test_the_characters_of_a_place_that_were_hardly_heard_are_to_be_checked(stage):
    _, text = TALK[3]
    await stage.sign_in()
    await stage.talk({3: tuple(0.4 if character in "28" else 0.9 for character in text)})
    place = stage.page.locator(".field", has=stage.page.get_by_label("事发地点"))
    await expect(place).to_contain_text("请核对：“28”识别把握不大")
    await keep_picture(stage.page, "desk_doubtful_place")
    await stage.page.get_by_label("事发地点").fill("人民路26号")
    await expect(place.get_by_text("请核对")).to_have_count(0)
