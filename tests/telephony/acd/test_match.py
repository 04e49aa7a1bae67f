"""Who gets whom: skills, overflow, strategies."""

import pytest

from domain.acd_event import AgentBecameReady, AgentSignedOut, CallLeft, RulesSet
from domain.acd_rules import AcdRules, Overflow, QueueRules, Strategy
from domain.agent import AgentState
from telephony.acd.actions import RingPhone
from tests.telephony.paper_queue import Queue, only, rung

TO_ALL = (Overflow(after_ms=30_000, to="社保"), Overflow(after_ms=60_000, to="default"))
FUND = QueueRules(skill="公积金", level=2, overflow=TO_ALL)
SKILLED = AcdRules(queues={"公积金": FUND, "社保": QueueRules(skill="社保")})


@pytest.fixture
def queue() -> Queue:
    return Queue(SKILLED)


def test_a_call_goes_to_one_who_has_the_skill_and_its_level(queue: Queue) -> None:
    queue.ready("a", "1001", skills={"公积金": 1})
    queue.ready("b", "1002", skills={"公积金": 3})
    assert rung(queue.enter("c1", queue="公积金")) == [("c1", "b")]
    assert rung(queue.enter("c2", queue="公积金")) == []
    assert rung(queue.enter("c3")) == [("c3", "a")]  # everybody serves the default queue


def test_after_a_time_others_may_take_the_call_and_the_reason_says_so(queue: Queue) -> None:
    queue.ready("f", "1000", skills={"公积金": 2})
    queue.enter("c0", queue="公积金")
    queue.talk("c0")
    queue.enter("c1", queue="公积金")
    queue.ready("a", "1001", skills={})
    queue.ready("b", "1002", skills={"社保": 1})
    start_ms = queue.now_ms
    assert rung(queue.pass_until(start_ms + 29_999)) == []
    actions = queue.pass_until(start_ms + 30_000)
    assert rung(actions) == [("c1", "b")]
    queue.talk("c1")
    assert "by overflow" in only(actions, RingPhone)[0].reason
    queue.enter("c2", queue="公积金")
    assert rung(queue.pass_until(start_ms + 89_999)) == []
    assert rung(queue.pass_until(start_ms + 90_000)) == [("c2", "a")]


def test_one_who_is_freed_takes_a_call_that_overflowed_to_them(queue: Queue) -> None:
    queue.ready("f", "1000", skills={"公积金": 2})
    queue.enter("c0", queue="公积金")
    queue.talk("c0")
    queue.enter("c1", queue="公积金")
    queue.pass_until(queue.now_ms + 60_000)
    assert rung(queue.ready("a", "1001")) == [("c1", "a")]


def test_the_overflow_opens_at_once_when_nobody_with_the_skill_has_signed_in(queue: Queue) -> None:
    queue.ready("f", "1000", skills={"公积金": 2})
    queue.tell(AgentSignedOut, agent_id="f")
    queue.ready("b", "1002", skills={"社保": 1})
    assert rung(queue.enter("c1", queue="公积金")) == [("c1", "b")]


def test_the_queues_own_agents_go_before_those_whom_the_overflow_brings(queue: Queue) -> None:
    queue.ready("b", "1001", skills={"社保": 1})
    queue.now_ms += 60_000
    queue.ready("f", "1000", skills={"公积金": 2})
    assert rung(queue.enter("c1", queue="公积金")) == [("c1", "f")]  # though b has been idle longer


def test_the_most_skilled_or_the_least_occupied() -> None:
    rules = AcdRules(
        queues={
            "英语": QueueRules(skill="英语", strategy=Strategy.MOST_SKILLED),
            "企业": QueueRules(strategy=Strategy.LEAST_OCCUPIED),
        }
    )
    queue = Queue(rules)
    for number, (agent_id, level) in enumerate((("a", 1), ("b", 3), ("c", 2))):
        queue.ready(agent_id, f"100{number}", skills={"英语": level})
        queue.now_ms += 1000
    assert rung(queue.enter("c1", queue="英语")) == [("c1", "b")]
    queue.talk("c1")
    queue.now_ms += 50_000
    queue.tell(CallLeft, call_id="c1", reason="bye")
    queue.tell(AgentBecameReady, agent_id="b")
    queue.enter("c2", queue="企业")  # a and c had no call yet: the one who has waited longer
    assert queue.state.offers[queue.state.calls["c2"].offer_id].agent_id == "a"
    queue.talk("c2")
    queue.now_ms += 5000
    queue.tell(CallLeft, call_id="c2", reason="bye")
    queue.tell(AgentBecameReady, agent_id="a")
    queue.enter("c3", queue="企业")
    queue.talk("c3")
    assert queue.agent("c")[0] is AgentState.TALKING
    queue.now_ms += 200_000
    queue.enter("c4", queue="企业")  # a was busy for 5 s, b for 50 s
    assert queue.state.offers[queue.state.calls["c4"].offer_id].agent_id == "a"


def test_a_queue_that_nobody_configured_is_served_by_who_names_it_and_after_a_minute_by_all(queue: Queue) -> None:
    queue.ready("a", "1001")
    assert rung(queue.enter("c1", queue="typo")) == []
    assert rung(queue.pass_until(queue.now_ms + 60_000)) == [("c1", "a")]


def test_new_rules_count_for_those_who_wait_already(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.ready("f", "1000", skills={"公积金": 2})
    queue.enter("c0", queue="公积金")
    queue.talk("c0")
    queue.enter("c1", queue="公积金")
    assert rung(queue.tell(RulesSet, rules=AcdRules(queues={"公积金": QueueRules()}))) == [("c1", "a")]


def test_a_queue_has_its_own_limit_of_wrap_up() -> None:
    queue = Queue(AcdRules(wrap_up_limit_ms=60_000, queues={"企业": QueueRules(wrap_up_limit_ms=20_000)}))
    queue.ready("a", "1001")
    for name, limit_ms in (("企业", 20_000), ("default", 60_000)):
        queue.enter(f"c{name}", queue=name)
        queue.talk(f"c{name}")
        queue.tell(CallLeft, call_id=f"c{name}", reason="bye")
        assert queue.state.agents["a"].wrap_up_ends_ms == queue.now_ms + limit_ms
        queue.pass_until(queue.now_ms + limit_ms)
        assert queue.agent("a")[0] is AgentState.READY


def test_a_headset_answers_by_itself() -> None:
    queue = Queue()
    queue.ready("a", "1001", auto_answer=True)
    assert only(queue.enter("c1"), RingPhone)[0].offer.auto_answer
