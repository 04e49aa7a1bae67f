"""The agent 8001 before the desk, and a call about a building site that they take."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import msgspec
from playwright.async_api import Page, expect

from desk.settings import DeskSettings
from domain.agent import AgentState
from domain.evidence import Evidence
from domain.ids import utterance_id
from domain.knowledge import Article, Suggestion, SuggestionsUpdated
from domain.side import Side
from domain.speech import SpeechHealth, SpeechHealthChanged
from domain.ticket import DraftField, DraftUpdated, FieldName
from domain.topics import CALL_ASSIST, CALL_SPEECH
from tests.desk.conftest import PASSWORD, CallStory, House
from tests.desk.page_stage import STATIC, FakeQueue, browsed, served

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
    house: House
    queue: FakeQueue
    story: CallStory

    async def sign_in(self) -> None:
        await self.page.goto("/desk")
        await self.page.get_by_label("用户名").fill("8001")
        await self.page.get_by_label("密码").fill(PASSWORD)
        await self.page.keyboard.press("Enter")
        await expect(self.page.get_by_text("已连接")).to_be_visible()

    async def talk(self, char_confidence: Mapping[int, tuple[float, ...]] | None = None) -> None:
        """The call rings, is answered, and all is said. char_confidence: of utterances, by number."""
        await self.house.happen(*self.story.talking)
        await self.queue.become(AgentState.TALKING, CALL_ID)
        finals = [
            msgspec.structs.replace(
                self.story.final(number, text, side=side), char_confidence=(char_confidence or {}).get(number, ())
            )
            for number, (side, text) in enumerate(TALK)
        ]
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


@asynccontextmanager
async def before_the_desk(opened: Callable[..., AbstractAsyncContextManager[House]]) -> AsyncIterator[Stage]:
    """A browser before a desk of its own."""
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(opened(settings=DeskSettings(static_dir=STATIC)))
        address = await stack.enter_async_context(served(house))
        queue = FakeQueue(house)
        await queue.start()
        page = await stack.enter_async_context(browsed(address))
        yield Stage(page, house, queue, CallStory(CALL_ID, house.clock()))
