"""How long a caller will wait, said only when it can be known."""

from domain.acd import Pace
from domain.acd_event import AgentBecameReady, CallLeft
from domain.acd_rules import AcdRules
from telephony.acd.actions import SayPosition
from telephony.acd.places import wait_ms
from tests.telephony.paper_queue import Queue, only


def serve(queue: Queue, call_id: str, ms: int) -> None:
    """The only agent takes the call for so long."""
    queue.talk(call_id)
    queue.pass_until(queue.now_ms + ms)
    queue.tell(CallLeft, call_id=call_id, reason="bye")
    queue.tell(AgentBecameReady, agent_id="a")


def test_the_wait_is_unknown_until_the_queue_has_moved_five_times() -> None:
    queue = Queue(AcdRules(callback_after_ms=None))
    queue.ready("a", "1001")
    for number in range(20):
        queue.enter(f"c{number}")
    for number in range(5):
        serve(queue, f"c{number}", 60_000)
    (told,) = only(queue.enter("early"), SayPosition)
    assert told.wait_s is None  # four departures while somebody waited: the first found nobody before it
    for number in range(5, 10):
        serve(queue, f"c{number}", 60_000)
    (told,) = only(queue.enter("late"), SayPosition)
    assert told.before == 11
    assert told.wait_s is not None
    assert 12 * 60 <= told.wait_s <= 14 * 60  # the minute that runs now counts as well


def test_a_queue_that_stands_still_promises_more_and_more() -> None:
    pace = Pace(from_ms=100_000, gaps=tuple((100_000, 10_000) for _ in range(5)))
    assert wait_ms(pace, 0, 100_000) == 10_000
    assert wait_ms(pace, 2, 100_000) == 30_000
    assert wait_ms(pace, 0, 150_000) == 20_000
    assert wait_ms(pace, 0, 100_000 + 1_800_001) is None  # what was half an hour ago says nothing


def test_a_queue_in_which_nobody_waited_has_no_pace() -> None:
    assert wait_ms(None, 0, 1) is None
    assert wait_ms(Pace(from_ms=0, gaps=tuple((1, 10) for _ in range(9))), 0, 5) is None
