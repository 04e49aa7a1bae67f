"""The numbers of the day (运营指标). docs/metrics.md has each formula in words; they are the same as here."""

from collections.abc import Callable, Iterable
from enum import StrEnum

import msgspec

from domain.agent import AgentState
from service_level.clocks import CallTimes, Clocks, clocks

DAY_MS = 24 * 3600 * 1000


class Formula(StrEnum):
    """What the calls answered in time are divided by."""

    ANSWERED = "answered"
    OFFERED = "offered"
    OFFERED_LESS_SHORT = "offered_less_short"


class WithinRates(msgspec.Struct, frozen=True, kw_only=True):
    """Share (0..1) of calls that a person answered in time, by each of the three clocks; None when none counts."""

    ring: float | None = None
    menu_end: float | None = None
    queue: float | None = None


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """One day so far; connect_rate over the last 24 hours. Rates 0..1; None where nothing was counted yet.

    reported_clock: which of within_15s the hotline reports (ring, menu_end or queue).
    """

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    within_15s: WithinRates = WithinRates()
    reported_clock: str = "ring"
    connect_rate: float | None = None
    average_speed_of_answer_ms: int | None = None
    longest_wait_ms: int | None = None
    after_call_work_ms: int | None = None


def day_start_ms(now_ms: int, utc_offset_hours: int = 8) -> int:
    """Midnight before `now_ms` on the hotline's own clock."""
    offset_ms = utc_offset_hours * 3600 * 1000
    return (now_ms + offset_ms) // DAY_MS * DAY_MS - offset_ms


def within_rates(
    offered: Iterable[CallTimes],
    *,
    formula: Formula = Formula.ANSWERED,
    threshold_ms: int = 15_000,
    short_abandon_ms: int = 5_000,
) -> WithinRates:
    """The 15-second rate of calls that were offered to people; one that still waits is undecided and not counted."""
    decided = [times for times in offered if times.connected_at_ms is not None or times.ended_at_ms is not None]
    answered = [times for times in decided if times.connected_at_ms is not None]
    match formula:
        case Formula.ANSWERED:
            whole = len(answered)
        case Formula.OFFERED:
            whole = len(decided)
        case Formula.OFFERED_LESS_SHORT:
            whole = sum(not _short(times, short_abandon_ms) for times in decided)
    waits = [clocks(times) for times in answered]

    def rate(clock: Callable[[Clocks], int | None]) -> float | None:
        in_time = sum(1 for each in waits if (waited := clock(each)) is not None and waited <= threshold_ms)
        return in_time / whole if whole else None

    return WithinRates(
        ring=rate(lambda each: each.ring_to_person_ms),
        menu_end=rate(lambda each: each.menu_end_to_person_ms),
        queue=rate(lambda each: each.queue_to_person_ms),
    )


def day_numbers(
    calls: Iterable[CallTimes],
    agent_states: Iterable[tuple[str, int, AgentState]],
    *,
    now_ms: int,
    utc_offset_hours: int = 8,
    formula: Formula = Formula.ANSWERED,
    threshold_ms: int = 15_000,
    short_abandon_ms: int = 5_000,
) -> Numbers:
    """The numbers at `now_ms`. calls: at least all that were queued since midnight and in the last 24 hours.

    agent_states: (agent_id, when it began (Unix, ms), state) in order of time, from before midnight on.
    """
    queued = [times for times in calls if times.queued_at_ms is not None and times.queued_at_ms <= now_ms]
    midnight = day_start_ms(now_ms, utc_offset_hours)
    today = [times for times in queued if _queued_after(times, midnight)]
    waits = [clocks(times).queue_to_person_ms or 0 for times in today if times.connected_at_ms is not None]
    return Numbers(
        offered=len(today),
        answered=len(waits),
        abandoned=sum(map(_abandoned, today)),
        within_15s=within_rates(today, formula=formula, threshold_ms=threshold_ms, short_abandon_ms=short_abandon_ms),
        connect_rate=connect_rate(times for times in queued if _queued_after(times, now_ms - DAY_MS)),
        average_speed_of_answer_ms=_mean(waits),
        longest_wait_ms=max((_waited(times, now_ms) for times in today), default=None),
        after_call_work_ms=_mean(after_call_work(agent_states, since_ms=midnight)),
    )


def connect_rate(offered: Iterable[CallTimes]) -> float | None:
    """Answered ÷ (answered + abandoned) of calls that were offered to people (GB/T 33358-2016: at least 95 %)."""
    answered = abandoned = 0
    for times in offered:
        answered += times.connected_at_ms is not None
        abandoned += _abandoned(times)
    return answered / (answered + abandoned) if answered + abandoned else None


def after_call_work(changes: Iterable[tuple[str, int, AgentState]], *, since_ms: int) -> list[int]:
    """How long each 话后 took that ended at or after `since_ms`, from (agent_id, at_ms, state) in order of time."""
    began: dict[str, int] = {}
    took = []
    for agent_id, at_ms, state in changes:
        if state is AgentState.WRAP_UP:
            began.setdefault(agent_id, at_ms)
        elif agent_id in began:
            start_ms = began.pop(agent_id)
            if at_ms >= since_ms:
                took.append(at_ms - start_ms)
    return took


def _queued_after(times: CallTimes, since_ms: int) -> bool:
    return times.queued_at_ms is not None and times.queued_at_ms >= since_ms


def _abandoned(times: CallTimes) -> bool:
    return times.connected_at_ms is None and times.ended_at_ms is not None


def _short(times: CallTimes, short_abandon_ms: int) -> bool:
    if not _abandoned(times) or times.ended_at_ms is None or times.queued_at_ms is None:
        return False
    return times.ended_at_ms - times.queued_at_ms <= short_abandon_ms


def _waited(times: CallTimes, now_ms: int) -> int:
    until = next(at_ms for at_ms in (times.connected_at_ms, times.ended_at_ms, now_ms) if at_ms is not None)
    return max(0, until - (times.queued_at_ms or until))


def _mean(values: list[int]) -> int | None:
    return round(sum(values) / len(values)) if values else None
