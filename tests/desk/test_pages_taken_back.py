"""Words that were shown and turn out to be none, on the agent's page in Chromium."""

import pytest
from playwright.async_api import expect

from domain.ids import utterance_id
from domain.side import Side
from domain.speech import SpeechHealth, UtterancePartial
from domain.topics import CALL_PARTIAL, CALL_SPEECH
from tests.desk.desk_stage import CALL_ID, TALK

pytestmark = pytest.mark.e2e
WORDS = "我的电话就是这个"
ROUNDS = 20


async def says(stage, number: int, text: str, side: Side = Side.CALLER) -> None:
    """What is heard so far of this utterance; "" takes it back."""
    partial = UtterancePartial(
        call_id=CALL_ID,
        side=side,
        utterance_id=utterance_id(CALL_ID, side.value, number),
        start_ms=14_000 + number,
        end_ms=15_000,
        text=text,
        health=SpeechHealth.LIVE,
    )
    await stage.house.bus.publish(CALL_PARTIAL, (CALL_ID,), partial)


async def shows(stage, *texts: str) -> None:
    """Unfinished words, by time. A list is looked at again until it is so; one text would fail at once over two."""
    await expect(stage.page.locator(".said.partial p")).to_have_text(list(texts))


async def test_older_words_go_while_newer_ones_stay_every_time(stage):
    await stage.sign_in()
    await stage.talk()
    await says(stage, 99, WORDS)
    for number in range(10, 10 + ROUNDS):
        await says(stage, number, "嗯")
        await shows(stage, "嗯", WORDS)
        await says(stage, number, "")
        await shows(stage, WORDS)


async def test_words_that_were_taken_back_while_the_link_was_down_go_too(stage):
    await stage.sign_in()
    await stage.talk()
    await says(stage, 7, "嗯")
    await says(stage, 8, WORDS)
    await shows(stage, "嗯", WORDS)
    (viewer,) = stage.house.desk.hub.viewers
    viewer.outbox.close()
    await says(stage, 7, "")
    await shows(stage)
    await says(stage, 8, WORDS)
    await shows(stage, WORDS)
    await expect(stage.page.locator(".said:not(.partial)")).to_have_count(len(TALK))


async def test_words_that_come_after_the_end_of_their_call_are_not_shown(stage):
    await stage.sign_in()
    await stage.talk()
    await stage.house.happen(*stage.story.events[6:7])
    await expect(stage.page.get_by_text("通话转写")).to_be_visible()
    await says(stage, 7, "嗯", Side.AGENT)
    await stage.house.say(CALL_SPEECH, CALL_ID, stage.story.final(8, "谢谢。"))
    await expect(stage.page.locator(".said")).to_have_count(len(TALK) + 1)
    await shows(stage)
