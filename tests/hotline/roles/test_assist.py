"""The role `assist` on the bus in memory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog

from agent_assist.draft import Drafter
from agent_assist.transcript import Transcript
from bus.memory import MemoryBus, MemoryLog
from domain.call import CallArrived
from domain.errors import NoResponderError
from domain.knowledge import KnowledgeFound, SearchKnowledge, SuggestionsUpdated
from domain.side import Side
from domain.speech import SpeechHealth, SpeechHealthChanged, UtteranceFinal
from domain.ticket import DraftUpdated, FieldName
from domain.topics import CALL_ASSIST, CALL_EVENT, CALL_SPEECH, KNOWLEDGE_SEARCH
from hotline.config import Settings
from hotline.roles.assist import run
from hotline.roles.context import RoleContext

DEADLINE_S = 20.0


@asynccontextmanager
async def assisting(bus: MemoryBus, log: MemoryLog) -> AsyncIterator[RoleContext]:
    """The role, running until the block ends."""
    context = RoleContext(Settings(), bus, log, "assist-1", structlog.get_logger())
    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(run(context))
        yield context
        context.stopping.set()


def final(call_id: str, number: int, text: str, side: Side = Side.CALLER) -> UtteranceFinal:
    return UtteranceFinal(
        call_id=call_id,
        side=side,
        utterance_id=f"{call_id}-{side}-{number:04d}",
        start_ms=number * 5000,
        end_ms=number * 5000 + 3000,
        text=text,
        char_ms=(),
        confidence=0.8,
        engine="test",
        health=SpeechHealth.LIVE,
        ended_at_ms=1_700_000_000_000,
        recognised_at_ms=1_700_000_000_500,
    )


async def arrive(log: MemoryLog, call_id: str, number: str = "13800138000") -> None:
    event = CallArrived(
        call_id=call_id, number=0, at_ms=1, switch_id="s", caller_number=number, called_number="12345", trunk="t"
    )
    await log.append(CALL_EVENT, (call_id,), event, event_id=event.event_id)


async def say(log: MemoryLog, said: UtteranceFinal) -> None:
    await log.append(CALL_SPEECH, (said.call_id,), said, event_id=said.utterance_id)


async def advice(log: MemoryLog, call_id: str, version: int) -> tuple[list[DraftUpdated], list[SuggestionsUpdated]]:
    """All drafts and suggestions of the call once `version` is there."""
    heard = asyncio.Event()

    async def look(record: Any) -> None:
        value = record.value
        if isinstance(value, SuggestionsUpdated) and value.call_id == call_id and value.version >= version:
            heard.set()

    reader = await log.consume(CALL_ASSIST, look, consumer=f"test-{call_id}-{version}")
    await asyncio.wait_for(heard.wait(), DEADLINE_S)
    await reader.close()
    said = [record.value for record in await log.replay(CALL_ASSIST, (call_id,))]
    return (
        [value for value in said if isinstance(value, DraftUpdated)],
        [value for value in said if isinstance(value, SuggestionsUpdated)],
    )


async def test_each_final_gives_a_draft_and_suggestions() -> None:
    bus, log = MemoryBus(), MemoryLog()
    async with assisting(bus, log):
        await arrive(log, "c1")
        await say(log, final("c1", 0, "我要投诉，工地半夜施工吵得睡不着"))
        await say(log, final("c1", 1, "请问在哪里", Side.AGENT))
        await say(log, final("c1", 2, "在锦绣花园小区"))
        drafts, suggestions = await advice(log, "c1", 3)
    assert [draft.version for draft in drafts] == [1, 2, 3]
    assert [each.version for each in suggestions] == [1, 2, 3]
    fields = {field.name: field.value for field in drafts[-1].fields}
    assert fields[FieldName.CALLBACK_NUMBER] == "13800138000"
    assert fields[FieldName.LOCATION] == "云江市临江区青石街道锦绣花园小区"
    assert drafts[-1].after_utterance == "c1-caller-0002"
    assert suggestions[-1].suggestions[0].article.article_id == "env-001"


async def test_after_a_restart_the_call_is_read_again_from_the_log() -> None:
    bus, log = MemoryBus(), MemoryLog()
    async with assisting(bus, log):
        await arrive(log, "c1")
        await say(log, final("c1", 0, "我要投诉，工地半夜施工吵得睡不着"))
        await advice(log, "c1", 1)
    await say(log, final("c1", 1, "在锦绣花园小区"))
    async with assisting(bus, log):
        await say(log, final("c1", 2, "我姓王"))
        drafts, _ = await advice(log, "c1", 3)
    assert [draft.version for draft in drafts] == [1, 2, 3]
    assert {field.name for field in drafts[-1].fields} == set(FieldName)


async def test_two_processes_agree_on_what_was_said() -> None:
    bus, log = MemoryBus(), MemoryLog()
    async with assisting(bus, log), assisting(bus, log):
        await arrive(log, "c1")
        for number in range(12):
            await say(log, final("c1", number, f"工地施工第{number}天了"))
        drafts, _ = await advice(log, "c1", 12)
    assert [draft.version for draft in drafts] == list(range(1, 13))
    assert [draft.after_utterance for draft in drafts] == [f"c1-caller-{number:04d}" for number in range(12)]


async def test_a_change_of_health_gives_no_draft() -> None:
    bus, log = MemoryBus(), MemoryLog()
    async with assisting(bus, log):
        changed = SpeechHealthChanged(call_id="c1", side=Side.CALLER, health=SpeechHealth.OFF, reason="x", at_ms=1)
        await log.append(CALL_SPEECH, ("c1",), changed, event_id="h1")
        await say(log, final("c1", 0, "路灯坏了"))
        drafts, _ = await advice(log, "c1", 1)
    assert [draft.version for draft in drafts] == [1]


async def test_a_call_that_cannot_be_drafted_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    drafted = Drafter.draft

    def fails_on_one_call(drafter: Drafter, transcript: Transcript, *rest: Any) -> DraftUpdated:
        if transcript.call_id == "bad":
            raise ValueError("a rule stumbled")
        return drafted(drafter, transcript, *rest)

    monkeypatch.setattr(Drafter, "draft", fails_on_one_call)
    bus, log = MemoryBus(), MemoryLog()
    async with assisting(bus, log):
        await say(log, final("bad", 0, "路灯坏了"))
        await say(log, final("good", 0, "路灯坏了"))
        drafts, _ = await advice(log, "good", 1)
        assert await log.replay(CALL_ASSIST, ("bad",)) == []
    assert len(drafts) == 1


async def test_knowledge_search_is_served() -> None:
    bus, log = MemoryBus(), MemoryLog()
    async with assisting(bus, log):
        found = await _ask(
            lambda: bus.request(KNOWLEDGE_SEARCH, (), SearchKnowledge(query="公积金", limit=2), timeout_s=5)
        )
    assert {each.article.article_id for each in found.suggestions} == {"hou-001", "hou-002"}


async def _ask(ask: Callable[[], Awaitable[KnowledgeFound]]) -> KnowledgeFound:
    """Ask as soon as the role serves."""
    while True:
        try:
            return await ask()
        except NoResponderError:
            await asyncio.sleep(0)
