"""A ticket number that a citizen reads out, on the agent's desk in Chromium."""

import msgspec
import pytest
from playwright.async_api import expect

from domain.agent import AgentState
from domain.speech import NumberKind, SpokenNumber
from domain.topics import CALL_ASSIST, CALL_SPEECH
from tests.desk.conftest import CallStory, House
from tests.desk.desk_stage import Stage
from tests.desk.page_stage import keep_picture

pytestmark = pytest.mark.e2e
FIELDS = {"appeal_type": "投诉", "title": "工地夜间施工", "summary": "半夜施工。", "callback_number": "13812345678"}
HEARD = "20261123000007"


async def talking(stage: Stage) -> CallStory:
    """The agent has a second call."""
    await stage.sign_in()
    await stage.queue.become(AgentState.TALKING, "call2")
    return CallStory("call2", stage.house.clock())


async def submitted(house: House) -> str:
    """The number of an earlier call's ticket."""
    story = CallStory("call1", house.clock() - 3_600_000)
    await house.happen(*story.events)
    await house.say(CALL_ASSIST, "call1", story.draft(1, **FIELDS))
    agent = await house.signed_in("8001")
    number: str = (await agent.post("/api/calls/call1/ticket/submit")).json()["number"]
    return number


async def test_the_ticket_stands_on_the_desk_though_its_number_was_heard_unsurely(stage: Stage) -> None:
    page, house = stage.page, stage.house
    right = (await submitted(house)).removeprefix("YJ")
    heard = right[:-1] + "7"
    story = await talking(stage)
    await house.happen(*story.talking)
    text = f"工单号是{heard}。"
    number = SpokenNumber(start=4, end=18, kind=NumberKind.TICKET, digits=heard, sure=False, candidates=(heard, right))
    await house.say(CALL_SPEECH, "call2", msgspec.structs.replace(story.final(0, text), numbers=(number,)))
    mentioned = page.get_by_label("报出的工单号")
    await expect(mentioned).to_contain_text(f"请核对工单号：{heard}")
    await expect(mentioned).to_contain_text(f"YJ{right}")
    await expect(mentioned).to_contain_text("工地夜间施工")
    await expect(page.locator("[data-utterance]").first).to_contain_text("请核对号码")
    await keep_picture(page, "desk_mentioned_ticket")
    await mentioned.get_by_role("button", name="打开通话").click()
    await expect(page.locator("#ticket header")).to_contain_text(f"工单号 YJ{right}")


async def test_a_number_that_no_ticket_has_is_said_to_be_none(stage: Stage) -> None:
    page, house = stage.page, stage.house
    story = await talking(stage)
    await house.happen(*story.talking)
    number = SpokenNumber(start=0, end=14, kind=NumberKind.TICKET, digits=HEARD, sure=True, candidates=(HEARD,))
    await house.say(CALL_SPEECH, "call2", msgspec.structs.replace(story.final(0, HEARD), numbers=(number,)))
    mentioned = page.get_by_label("报出的工单号")
    await expect(mentioned).to_contain_text(f"工单号 {HEARD}")
    await expect(mentioned).to_contain_text("没有查到这个工单号")
