"""Why a caller waited, from the log alone."""

import msgspec
import pytest

from domain.acd_event import (
    AcdEvent,
    AgentBecameReady,
    AgentTookBreak,
    CallbackDialled,
    CallbackWanted,
    CallLeft,
    CallTaken,
    OfferClosed,
    SwitchAnswered,
    SwitchSilent,
)
from domain.acd_rules import AcdRules, Line, Overflow, QueueRules, Strategy
from domain.target import OfferOutcome
from telephony.acd.explain import WhyKind, explain
from telephony.acd.words import Language, line, sentence
from tests.telephony.acd.test_arrival import at
from tests.telephony.paper_queue import Queue


def told(queue: Queue, call_id: str, language: Language = Language.ZH) -> list[str]:
    """The sentences, from the log as it is stored."""
    stored = msgspec.json.decode(msgspec.json.encode(queue.log), type=list[AcdEvent])
    return [sentence(why, language) for why in explain(stored, call_id, queue.rules)]


@pytest.fixture
def queue() -> Queue:
    """Three agents, of whom two talk and one has a break."""
    queue = Queue()
    for number, agent_id in enumerate("abc"):
        queue.ready(agent_id, f"100{number}")
        queue.now_ms += 1000
    for number in range(2):
        queue.enter(f"first{number}")
        queue.talk(f"first{number}")
    queue.tell(AgentTookBreak, agent_id="c", reason="lunch")
    return queue


def test_why_did_this_caller_wait_40_seconds(queue: Queue) -> None:
    queue.enter("earlier")
    queue.enter("c1")
    queue.pass_until(queue.now_ms + 10_000)
    queue.tell(CallLeft, call_id="first0", reason="bye")
    queue.tell(AgentBecameReady, agent_id="a")
    queue.talk("earlier")
    queue.pass_until(queue.now_ms + 10_000)
    queue.tell(AgentBecameReady, agent_id="c")
    offer_id = queue.state.calls["c1"].offer_id
    queue.pass_until(queue.now_ms + 15_000)
    queue.tell(OfferClosed, call_id="c1", offer_id=offer_id, agent_id="c", outcome=OfferOutcome.NO_ANSWER)
    queue.pass_until(queue.now_ms + 3000)
    queue.tell(CallLeft, call_id="first1", reason="bye")
    queue.tell(AgentBecameReady, agent_id="b")
    queue.pass_until(queue.now_ms + 2000)
    queue.talk("c1")
    assert told(queue, "c1") == [
        "进入队列“default”，前面有 1 位。",
        "可接此来电的坐席共 3 名，无人可派：2 名通话、1 名小休，前面还有 1 位在等。",
        "其间 1 位排在前面的来电先派给了坐席。",
        "派给坐席 c（c）：空闲最久（0.0 秒）；此时已等待 20.0 秒。",
        "坐席 c（c） 的话机响了 15.0 秒：无人接听，坐席转小休。",
        "可接此来电的坐席共 3 名，无人可派：2 名通话、1 名小休。",
        "派给坐席 b（b）：空闲最久（0.0 秒）；此时已等待 38.0 秒。",
        "坐席 b（b） 接通，共等待 40.0 秒。",
        "时间用在：等坐席空闲 23.0 秒，坐席话机振铃 17.0 秒。",
    ]
    english = told(queue, "c1", Language.EN)
    assert english[1] == (
        "Of the 3 agents who may take this call none is to be had: 2 talking, 1 on a break; 1 wait before."
    )
    assert english[-1] == "The time went: 23.0 s until an agent was free, 17.0 s while an agent's telephone rang."


def test_skills_lines_and_overflow_are_named() -> None:
    rules = AcdRules(
        queues={
            "公积金": QueueRules(
                skill="公积金", strategy=Strategy.MOST_SKILLED, overflow=(Overflow(after_ms=30_000, to="default"),)
            )
        },
        lines=(Line(name="代表委员", callers=("022*",), priority=5),),
    )
    queue = Queue(rules)
    queue.ready("f", "1000", skills={"公积金": 3})
    queue.enter("c0", queue="公积金")
    queue.talk("c0")
    queue.enter("c1", queue="公积金", caller_number="0223456")
    queue.ready("a", "1001")
    queue.enter("c2")
    queue.talk("c2")
    queue.tell(CallLeft, call_id="c2", reason="bye")
    queue.tell(AgentBecameReady, agent_id="a")
    queue.pass_until(queue.now_ms + 30_000)
    lines = told(queue, "c1")
    assert "位置依据：专线“代表委员”；优先级 5。" in lines
    assert "可接此来电的坐席共 1 名，无人可派：1 名通话。" in lines
    assert "其间 1 位后到的来电派给了不能接此来电的坐席。" in lines
    assert "已等待 30.0 秒，default 的坐席也可接听。" in lines
    assert lines[-1] == "派给坐席 a（a）（溢出）：技能最高（0 级）；此时已等待 30.0 秒。"
    assert told(queue, "c0")[1] == "派给坐席 f（f）：技能最高（3 级）；此时已等待 0.0 秒。"


def test_a_redial_a_silent_switch_and_a_call_back_are_named() -> None:
    queue = Queue()
    queue.now_ms = at("2026-11-24 10:00")
    queue.enter("old", caller_number="138")
    queue.now_ms += 60_000
    queue.tell(CallLeft, call_id="old", reason="bye")
    queue.enter("c1", caller_number="138")
    queue.tell(SwitchSilent, call_id="c1")
    queue.now_ms += 2000
    queue.tell(SwitchAnswered, call_id="c1")
    queue.tell(CallbackWanted, call_id="c1", number="138")
    queue.tell(CallLeft, call_id="c1", reason="to be called back")
    queue.now_ms += 60_000
    queue.ready("a", "1001")
    offer_id = queue.state.calls["c1"].offer_id
    queue.tell(CallbackDialled, call_id="new", offer_id=offer_id)
    queue.tell(OfferClosed, call_id="new", offer_id=offer_id, agent_id="a", outcome=OfferOutcome.ANSWERED)
    queue.tell(CallTaken, call_id="new", offer_id=offer_id, agent_id="a")
    assert told(queue, "old")[-2:] == ["离开队列（bye），共等待 60.0 秒。", "时间用在：等坐席空闲 60.0 秒。"]
    lines = told(queue, "c1")
    for wanted in (
        "位置依据：重拨，保留原位置（早 60.0 秒）。",
        "没有能接队列“default”的坐席签入。",
        "所在交换机没有应答，暂不派给坐席。",
        "交换机恢复应答（中断 2.0 秒）。",
        "来电人选择回拨，保留位置。",
        "来电人已挂机，等待回拨。",
        "坐席 a（a） 接通，共等待 62.0 秒。",
        "时间用在：所在交换机无应答 2.0 秒，等待回拨 60.0 秒。",
    ):
        assert wanted in lines, wanted


def test_a_line_carries_the_time_of_day(queue: Queue) -> None:
    queue.now_ms = at("2026-11-24 10:00")
    queue.enter("c1")
    why = explain(queue.log, "c1", queue.rules)[0]
    assert why.kind is WhyKind.ENTERED
    assert line(why, Language.EN, 28_800_000) == "10:00:00.0  Entered the queue 'default' with 0 before."


def test_a_call_that_the_log_does_not_know(queue: Queue) -> None:
    assert explain(queue.log, "nobody", queue.rules) == []
