"""The day's numbers, by hand. Noon of a day in China; times in seconds after it."""

import pytest

from domain.agent import AgentState
from service_level.clocks import CallTimes
from service_level.numbers import (
    DAY_MS,
    Formula,
    Numbers,
    WithinRates,
    after_call_work,
    connect_rate,
    day_numbers,
    day_start_ms,
    within_rates,
)

MIDNIGHT = 1_795_449_600_000  # 2026-11-24 00:00 in China
NOON = MIDNIGHT + 12 * 3600 * 1000


def call(queued_s: float, *, connected_s: float | None = None, ended_s: float | None = None) -> CallTimes:
    """Rings 10 s before it is queued, and the menu ends 1 s before."""

    def at(seconds: float | None) -> int | None:
        return None if seconds is None else NOON + round(seconds * 1000)

    return CallTimes(
        arrived_at_ms=at(queued_s - 10),
        answered_at_ms=at(queued_s - 10),
        menu_ended_at_ms=at(queued_s - 1),
        queued_at_ms=at(queued_s),
        connected_at_ms=at(connected_s),
        ended_at_ms=at(ended_s),
    )


IN_TIME_BY_ALL = call(0, connected_s=5, ended_s=65)  # 15 s from the ring: exactly in time
IN_TIME_BY_QUEUE = call(10, connected_s=25)  # 25, 16, 15
TOO_LATE = call(20, connected_s=50, ended_s=90)
GAVE_UP = call(30, ended_s=60)
GAVE_UP_AT_ONCE = call(40, ended_s=45)
WAITS = call(100)
ALL = [IN_TIME_BY_ALL, IN_TIME_BY_QUEUE, TOO_LATE, GAVE_UP, GAVE_UP_AT_ONCE, WAITS]


def test_the_day_begins_at_midnight_in_china():
    assert day_start_ms(NOON) == MIDNIGHT
    assert day_start_ms(MIDNIGHT) == MIDNIGHT
    assert day_start_ms(MIDNIGHT - 1) == MIDNIGHT - DAY_MS
    assert day_start_ms(MIDNIGHT, utc_offset_hours=0) == MIDNIGHT - 16 * 3600 * 1000


@pytest.mark.parametrize(
    ("formula", "whole"),
    [(Formula.ANSWERED, 3), (Formula.OFFERED, 5), (Formula.OFFERED_LESS_SHORT, 4)],
)
def test_the_15_second_rate_by_three_clocks_and_three_formulas(formula, whole):
    assert within_rates(ALL, formula=formula) == WithinRates(ring=1 / whole, menu_end=1 / whole, queue=2 / whole)


def test_one_millisecond_over_the_threshold_is_late():
    assert within_rates([call(0, connected_s=15)]).queue == 1
    assert within_rates([call(0, connected_s=15.001)]).queue == 0


def test_nothing_counted_is_null_and_not_zero():
    assert within_rates([]) == WithinRates()
    assert within_rates([WAITS], formula=Formula.OFFERED) == WithinRates()
    assert connect_rate([WAITS]) is None
    assert day_numbers([], [], now_ms=NOON) == Numbers()


def test_connect_rate_is_answered_of_those_decided():
    assert connect_rate(ALL) == 3 / 5


def test_the_numbers_of_a_day():
    numbers = day_numbers(ALL, [], now_ms=NOON + 140_000)
    assert (numbers.offered, numbers.answered, numbers.abandoned) == (6, 3, 2)
    assert numbers.average_speed_of_answer_ms == round((5_000 + 15_000 + 30_000) / 3)
    assert numbers.longest_wait_ms == 40_000  # who still waits counts, too
    assert numbers.after_call_work_ms is None


def test_yesterday_counts_for_the_sliding_24_hours_only():
    yesterday = call(-20 * 3600, ended_s=-20 * 3600 + 60)
    older = call(-25 * 3600, ended_s=-25 * 3600 + 60)
    numbers = day_numbers([older, yesterday, IN_TIME_BY_ALL], [], now_ms=NOON + 100_000)
    assert numbers.offered == 1
    assert numbers.abandoned == 0
    assert numbers.connect_rate == 1 / 2


def test_a_call_that_never_reached_the_queue_is_not_offered_to_people():
    self_service = CallTimes(arrived_at_ms=NOON, answered_at_ms=NOON, ended_at_ms=NOON + 5_000)
    assert day_numbers([self_service], [], now_ms=NOON + 10_000) == Numbers()


def test_after_call_work_runs_from_the_hang_up_to_the_next_state():
    changes = [
        ("a", NOON, AgentState.TALKING),
        ("b", NOON + 1_000, AgentState.WRAP_UP),
        ("a", NOON + 2_000, AgentState.WRAP_UP),
        ("b", NOON + 11_000, AgentState.READY),
        ("a", NOON + 32_000, AgentState.BREAK),
        ("a", NOON + 40_000, AgentState.WRAP_UP),  # goes on
    ]
    assert after_call_work(changes, since_ms=MIDNIGHT) == [10_000, 30_000]
    assert day_numbers([], changes, now_ms=NOON + 60_000).after_call_work_ms == 20_000
    assert after_call_work(changes, since_ms=NOON + 20_000) == [30_000]
