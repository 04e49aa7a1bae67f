"""The three clocks, by hand."""

import itertools

from domain.call import (
    CallAnswered,
    CallArrived,
    CallConnected,
    CallEnded,
    CallPlaced,
    CallQueued,
    DialBecause,
    EndedBy,
    QueuedBecause,
)
from service_level.clocks import CallTimes, Clocks, call_times, clocks

BASE = {"call_id": "c", "switch_id": "s"}
ARRIVED = CallArrived(**BASE, number=0, at_ms=1_000, caller_number="1", called_number="12345", trunk="t")
ANSWERED = CallAnswered(**BASE, number=1, at_ms=1_020)
QUEUED = CallQueued(
    **BASE, number=2, at_ms=8_000, queue="default", because=QueuedBecause.SPEECH, menu_ended_at_ms=7_500
)
CONNECTED = CallConnected(**BASE, number=3, at_ms=16_000, offer_id="o", agent_id="a", extension="8001")
AGAIN = CallConnected(**BASE, number=4, at_ms=50_000, offer_id="p", agent_id="b", extension="8002")
ENDED = CallEnded(**BASE, number=5, at_ms=60_000, by=EndedBy.CALLER, cause="bye")


def test_each_clock_has_its_own_start():
    times = call_times([ARRIVED, ANSWERED, QUEUED, CONNECTED])
    assert clocks(times) == Clocks(ring_to_person_ms=15_000, menu_end_to_person_ms=8_500, queue_to_person_ms=8_000)


def test_no_person_no_clock():
    assert clocks(call_times([ARRIVED, ANSWERED, QUEUED, ENDED])) == Clocks()


def test_the_first_person_stops_the_clocks_in_whatever_order_the_events_come():
    expected = CallTimes(
        arrived_at_ms=1_000,
        answered_at_ms=1_020,
        menu_ended_at_ms=7_500,
        queued_at_ms=8_000,
        connected_at_ms=16_000,
        ended_at_ms=60_000,
    )
    for order in itertools.permutations([ARRIVED, ANSWERED, QUEUED, CONNECTED, AGAIN, ENDED]):
        assert call_times(order) == expected


def test_a_wall_clock_set_back_never_gives_a_negative_wait():
    times = CallTimes(arrived_at_ms=5_000, menu_ended_at_ms=6_000, queued_at_ms=6_000, connected_at_ms=4_000)
    assert clocks(times) == Clocks(ring_to_person_ms=0, menu_end_to_person_ms=0, queue_to_person_ms=0)


def test_a_call_that_we_placed_waits_for_nobody_even_when_it_is_transferred_to_a_queue():
    placed = CallPlaced(
        **BASE,
        number=0,
        at_ms=500,
        citizen_number="1",
        shown_number="12345",
        agent_id="a",
        extension="8001",
        because=DialBecause.CLICK,
    )
    times = call_times([placed, ANSWERED, QUEUED, CONNECTED, ENDED])
    assert (times.queued_at_ms, times.menu_ended_at_ms) == (None, None)
    assert clocks(times) == Clocks()
