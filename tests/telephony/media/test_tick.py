"""Deadlines that do not drift, and how late ticks are counted."""

from hypothesis import given
from hypothesis import strategies as st

from telephony.media.tick import MOST_MADE_UP, TICK_NS, Lateness, Metronome


@given(st.lists(st.integers(0, 30 * TICK_NS), max_size=200))
def test_ticks_done_and_given_up_always_add_up_to_the_time(sleeps: list[int]) -> None:
    metronome = Metronome(0)
    now = done = 0
    for sleep in sleeps:
        now += sleep
        due = metronome.take(now)
        assert due.run <= MOST_MADE_UP
        done += due.run + due.skipped
        assert done == now // TICK_NS
        assert metronome.wait_ns(now) == TICK_NS - now % TICK_NS


@given(st.integers(0, 30 * TICK_NS), st.integers(0, 5 * TICK_NS))
def test_each_of_the_ticks_that_are_made_up_for_has_its_own_lateness(stall_ns: int, took_ns: int) -> None:
    metronome = Metronome(0)
    now = TICK_NS + stall_ns
    due = metronome.take(now)
    for number in range(due.run):
        due_ns = (1 + due.skipped + number) * TICK_NS
        assert metronome.late_ns(now + number * took_ns, due.run - number) == now + number * took_ns - due_ns


def test_quantiles() -> None:
    lateness = Lateness()
    assert lateness.quantile_ms(0.99) == 0
    for tenths in range(1000):
        lateness.add(tenths * 10_000)
    assert lateness.quantile_ms(0.5) == 5.0
    assert 9.8 <= lateness.quantile_ms(0.99) <= 10.0
    lateness.add(10**10)
    assert lateness.max_ns == 10**10
    assert lateness.quantile_ms(1.0) == 10**4
