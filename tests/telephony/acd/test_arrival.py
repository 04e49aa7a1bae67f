"""Which place a caller has: priority and ageing, lines, repeated calls, redials, opening hours."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.acd_event import CallLeft, SwitchSilent
from domain.acd_rules import AcdRules, Line, OpenHours, QueueRules
from domain.command import TurnAwayBecause
from telephony.acd.actions import DropCall, SendAway
from telephony.acd.time import next_deadline
from tests.telephony.paper_queue import Queue, only, rung

CHINA_MS = 8 * 3_600_000


def at(text: str) -> int:
    """A time on the clock of China, as Unix ms."""
    return round((datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(hours=8)).timestamp() * 1000)


@pytest.fixture
def queue() -> Queue:
    return Queue(AcdRules())


def test_waiting_makes_up_for_priority_at_the_rate_of_the_rules(queue: Queue) -> None:
    queue.enter("old")
    queue.now_ms += 119_000
    queue.enter("urgent", priority=1)
    assert queue.order() == ["urgent", "old"]
    queue.now_ms += 2000
    queue.enter("late", priority=1)
    assert queue.order() == ["urgent", "old", "late"]


def test_without_ageing_priority_is_absolute() -> None:
    queue = Queue(AcdRules(ageing_ms=0))
    queue.enter("old")
    queue.now_ms += 3_600_000
    queue.enter("urgent", priority=1)
    assert queue.order() == ["urgent", "old"]


def test_lines_by_called_number_and_by_caller() -> None:
    lines = (
        Line(name="应急", called=("12345110",), emergency=True),
        Line(name="代表委员", callers=("13800000001", "022*"), priority=5),
        Line(name="英语", called=("12345999",), queue="英语"),
    )
    queue = Queue(AcdRules(lines=lines, queues={"英语": QueueRules()}))
    queue.enter("old", priority=9, caller_number="13911111111", called_number="12345")
    queue.now_ms += 60_000
    queue.enter("vip", caller_number="0223456", called_number="12345")
    queue.enter("plain", caller_number="13900000000", called_number="12345")
    queue.now_ms += 600_000
    queue.enter("emergency", caller_number="13922222222", called_number="12345110")
    queue.enter("english", called_number="12345999")
    assert queue.order() == ["emergency", "old", "vip", "plain", "english"]
    assert queue.state.calls["english"].queue == "英语"
    assert queue.state.calls["vip"].line == "代表委员"


def test_who_calls_again_within_a_day_goes_first_and_after_it_not(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.enter("c1", caller_number="138")
    queue.talk("c1")
    queue.tell(CallLeft, call_id="c1", reason="bye")
    queue.now_ms += 20 * 3_600_000
    queue.enter("c2", caller_number="139")
    queue.enter("c3", caller_number="138")
    queue.enter("c4", caller_number="anonymous")
    queue.enter("c5", caller_number="anonymous")
    assert queue.order() == ["c3", "c2", "c4", "c5"]
    queue.now_ms += 26 * 3_600_000
    queue.enter("c6", caller_number="137")
    queue.enter("c7", caller_number="139")
    assert queue.order()[-2:] == ["c6", "c7"]


def test_who_hangs_up_and_redials_within_five_minutes_has_the_old_place(queue: Queue) -> None:
    for number in range(3):
        queue.enter(f"c{number}", caller_number=f"13{number}")
        queue.now_ms += 1000
    queue.tell(CallLeft, call_id="c0", reason="bye")
    queue.now_ms += 299_000
    queue.enter("again", caller_number="130")
    assert queue.order() == ["again", "c1", "c2"]
    assert queue.state.calls["again"].entered_at_ms == queue.now_ms  # the wait that is counted is that of this call
    queue.tell(CallLeft, call_id="c1", reason="bye")
    queue.pass_until(queue.now_ms + 300_000)
    assert not queue.state.departed
    assert next_deadline(queue.state) is None or queue.state.calls["c2"].say_at_ms


def test_who_was_served_has_no_old_place(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.enter("c1", caller_number="138")
    queue.talk("c1")
    queue.tell(CallLeft, call_id="c1", reason="bye")
    assert not queue.state.departed


def test_who_redials_after_a_lost_switch_has_the_old_place_whichever_is_noticed_first(queue: Queue) -> None:
    queue.enter("c1", caller_number="131")
    queue.now_ms += 1000
    queue.enter("c2", caller_number="132")
    queue.now_ms += 1000
    queue.enter("c3", caller_number="133")
    queue.tell(SwitchSilent, call_id="c1")
    dropped = only(queue.enter("c1-again", caller_number="131"), DropCall)
    assert [(drop.call_id, drop.reason) for drop in dropped] == [("c1", "the caller called again")]
    queue.enter("c2-again", caller_number="132")  # nobody knows yet that c2's switch is gone
    assert queue.order() == ["c1-again", "c2", "c3", "c2-again"]
    queue.tell(CallLeft, call_id="c2", reason="the switch was lost")
    assert queue.order() == ["c1-again", "c2-again", "c3"]


def test_a_closed_queue_sends_its_callers_to_another_or_away() -> None:
    office = OpenHours(workdays=((510, 1080),), restdays=())
    rules = AcdRules(
        queues={
            "公积金": QueueRules(hours=office, closed_to="社保"),
            "社保": QueueRules(hours=OpenHours(workdays=((480, 1200),), restdays=())),
        },
        days={"2026-10-01": False, "2026-10-10": True},
        lines=(Line(name="应急", called=("110",), emergency=True),),
    )
    queue = Queue(rules)
    queue.now_ms = at("2026-10-09 12:00")
    queue.enter("open", queue="公积金")
    queue.now_ms = at("2026-10-09 18:30")
    queue.enter("evening", queue="公积金")
    assert [queue.state.calls[name].queue for name in ("open", "evening")] == ["公积金", "社保"]
    for text, closed in (("2026-10-09 20:00", True), ("2026-10-01 12:00", True), ("2026-10-10 12:00", False)):
        queue.now_ms = at(text)
        away = only(queue.enter(text, queue="公积金"), SendAway)
        assert [action.because for action in away] == ([TurnAwayBecause.CLOSED] if closed else [])
    queue.now_ms = at("2026-10-01 03:00")
    assert only(queue.enter("emergency", queue="公积金", called_number="110"), SendAway) == []
    queue.now_ms = at("2026-10-10 12:00")
    assert rung(queue.ready("a", "1001"))[0][0] == "emergency"


def test_who_waits_too_long_is_told_so_once_and_keeps_the_place_for_a_redial() -> None:
    queue = Queue(AcdRules(queues={"default": QueueRules(max_wait_ms=90_000)}, callback_after_ms=None))
    queue.enter("c0", caller_number="130")
    start_ms = queue.now_ms
    assert only(queue.pass_until(start_ms + 89_999), SendAway) == []
    away = only(queue.pass_until(start_ms + 90_000), SendAway)
    assert [(action.call_id, action.because) for action in away] == [("c0", TurnAwayBecause.TOO_LONG)]
    assert rung(queue.ready("a", "1001")) == []  # the switch is ending the call
    queue.tell(CallLeft, call_id="c0", reason="turned away")
    assert rung(queue.enter("c1", caller_number="130")) == [("c1", "a")]
    assert queue.state.calls["c1"].place_ms == start_ms


def test_a_switch_that_does_not_end_the_call_is_asked_again() -> None:
    queue = Queue(AcdRules(queues={"default": QueueRules(max_wait_ms=90_000)}))
    queue.enter("c0")
    assert len(only(queue.pass_until(queue.now_ms + 120_000), SendAway)) == 3
    queue.tell(CallLeft, call_id="c0", reason="turned away")
    assert next_deadline(queue.state) is None


def test_a_phone_that_rings_at_the_limit_may_ring_on() -> None:
    queue = Queue(AcdRules(queues={"default": QueueRules(max_wait_ms=10_000)}))
    queue.ready("a", "1001")
    start_ms = queue.now_ms
    queue.enter("c0")
    assert only(queue.pass_until(start_ms + 17_000), SendAway) == []
    queue.talk("c0")
    assert not queue.state.calls
