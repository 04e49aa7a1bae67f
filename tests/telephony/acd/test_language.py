"""A waiting caller who speaks another language, and the queue of those who speak it."""

from domain.acd_event import AgentTookBreak, LanguageNoted
from domain.acd_rules import AcdRules, OpenHours, Overflow, QueueRules
from telephony.acd.explain import WhyKind, explain
from telephony.acd.words import Language, sentence
from tests.telephony.paper_queue import Queue, rung

ENGLISH = QueueRules(skill="英语", overflow=(Overflow(after_ms=30_000, to=""),))


def queue_with(**queues: QueueRules) -> Queue:
    return Queue(AcdRules(queues={"英语": ENGLISH, **queues}, languages={"en": "英语"}))


def note(queue: Queue, call_id: str, language: str = "en") -> list[tuple[str, str]]:
    return rung(queue.tell(LanguageNoted, call_id=call_id, language=language))


def test_the_call_goes_to_one_who_speaks_it() -> None:
    queue = queue_with()
    queue.enter("before")
    queue.enter("c")
    assert rung(queue.ready("b", "1002", skills={"英语": 1})) == [("before", "b")]
    assert note(queue, "c") == []
    assert queue.state.calls["c"].queue == "英语"
    assert rung(queue.ready("plain", "1003")) == []
    assert rung(queue.ready("e", "1004", skills={"英语": 2})) == [("c", "e")]


def test_one_who_speaks_it_and_is_free_is_rung_at_once() -> None:
    queue = queue_with()
    queue.enter("c", queue="special")
    assert rung(queue.ready("e", "1004", queues=(), skills={"英语": 2})) == []
    assert note(queue, "c") == [("c", "e")]


def test_the_overflow_brings_it_back() -> None:
    queue = queue_with()
    queue.ready("e", "1004", skills={"英语": 1})
    queue.tell(AgentTookBreak, agent_id="e", reason="")
    queue.enter("c")
    note(queue, "c")
    assert rung(queue.ready("plain", "1003")) == []
    assert rung(queue.pass_until(queue.now_ms + 29_000)) == []
    assert rung(queue.pass_until(queue.now_ms + 1000)) == [("c", "plain")]


def test_where_nobody_speaks_it_anybody_may_take_it_at_once() -> None:
    queue = queue_with()
    queue.enter("c")
    note(queue, "c")
    assert rung(queue.ready("plain", "1003")) == [("c", "plain")]


def test_what_stays_where_it_is() -> None:
    never = OpenHours(workdays=(), restdays=())
    queue = queue_with(社保=QueueRules(skill="社保"))
    queue.enter("chosen", queue="社保")
    queue.enter("other")
    note(queue, "chosen")
    note(queue, "other", language="ko")
    note(queue, "nobody")
    assert [queue.state.calls[call].queue for call in ("chosen", "other")] == ["社保", "default"]
    closed = Queue(AcdRules(queues={"英语": QueueRules(hours=never)}, languages={"en": "英语"}))
    closed.enter("c")
    note(closed, "c")
    assert closed.state.calls["c"].queue == "default"


def test_the_explanation_says_so() -> None:
    queue = queue_with()
    queue.ready("e", "1004", skills={"英语": 1})
    queue.enter("first")
    queue.enter("c")
    note(queue, "c")
    why = next(why for why in explain(queue.log, "c", queue.rules) if why.kind is WhyKind.LANGUAGE)
    assert "英语" in sentence(why, Language.ZH)
    assert "英语" in sentence(why, Language.EN)
