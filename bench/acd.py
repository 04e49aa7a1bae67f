"""How fast the queue decides, and whether its waits are those of the theory. `python -m bench.acd [--seconds N]`.

A day of 700 agents and 60,000 calls with skills, overflow, abandoned calls and agents who do not answer; every event is
decided by the core that the service runs. Then steady floors of patient callers, whose waits must agree with Erlang C
within the confidence interval of the simulation (95 %, from runs that are independent of each other), with ciw's
simulation of the same floor beside it. The seeds are fixed: the waits are the same on every machine, the times are not.
"""

import argparse
import math
import random
import statistics
import sys
import time

import ciw

from bench.acd_floor import HOUR_MS, Caller, Floor, Habits, Make, Outcome
from bench.erlang import answered_within, mean_wait_s
from bench.figure import Figure, report
from domain.acd_rules import AcdRules, Overflow, QueueRules

AGENTS = 700
CALLS = 60_000
HANDLE_S = 470.5
SKILLS = ("公积金", "医保", "社保", "企业", "未成年人", "英语")
SHARE_BY_HOUR = (1, 1, 0.5, 0.5, 0.5, 1, 2, 4, 7, 9, 9, 8, 5, 5, 8, 8.5, 8, 7, 4, 3.5, 3, 2, 1.5, 1)
"""Callers by the hour of the day; the working hours carry most."""
FLOORS = ((300, 46), (300, 48), (300, 50), (600, 90))
"""(calls an hour, agents): the oracle's points for 80, 90, 95 and, with twice the calls, 90 % within 15 s."""
WITHIN_S = 15
RUNS = 16
RUN_HOURS = 12
WARM_UP_HOURS = 1
T_95 = 2.131
"""Student's t for 15 degrees of freedom, both sides."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="no further floor is begun after so long")
    parser.add_argument("--data", help="not used: this bench makes its own callers")
    options = parser.parse_args()
    until_s = time.monotonic() + options.seconds
    figures = day() + told_waits()
    for calls_per_hour, agents in FLOORS:
        if time.monotonic() > until_s:
            print("the time is over: further floors are left out", file=sys.stderr)
            break
        figures += steady_floor(calls_per_hour, agents)
    return report(figures)


# A day


def day() -> list[Figure]:
    """Everything that a day brings, in the order in which it happens."""
    chance = random.Random(12345)
    rules = AcdRules(
        queues={skill: QueueRules(skill=skill, overflow=(Overflow(after_ms=30_000, to="default"),)) for skill in SKILLS}
    )
    agents = {
        f"a{number:03d}": {skill: chance.randint(1, 3) for skill in SKILLS if chance.random() < 0.2}
        for number in range(AGENTS)
    }
    habits = Habits(talk=_exponential(347.0), wrap_up=_exponential(123.5), ring=_between(2.0, 6.0), never_answers=0.01)
    begun_s = time.process_time()
    outcome = Floor(rules, agents, habits, chance).run(_callers_of_a_day(chance))
    whole_s = time.process_time() - begun_s
    events = sum(outcome.events.values())
    decisions_us = sorted(each * 1e6 for each in outcome.decision_s)
    print(
        f"a day: {events} events, {len(outcome.waits_ms)} answered, {outcome.abandoned} abandoned, at most "
        f"{outcome.most_waiting} waiting; with the simulation {whole_s:.1f} s of CPU",
        file=sys.stderr,
    )
    return [
        Figure("acd_day_decided", sum(outcome.decision_s), "s", 30.0, "lower"),
        Figure("acd_decision_p50", statistics.median(decisions_us), "us", None, "lower"),
        Figure("acd_decision_p99", decisions_us[int(len(decisions_us) * 0.99)], "us", 1000.0, "lower"),
    ]


def _callers_of_a_day(chance: random.Random) -> list[Caller]:
    callers = []
    for _ in range(CALLS):
        (hour,) = chance.choices(range(24), SHARE_BY_HOUR)
        callers.append(
            Caller(
                at_ms=int((hour + chance.random()) * HOUR_MS),
                queue="default" if chance.random() < 0.7 else chance.choice(SKILLS),
                number=f"138{chance.randrange(10**8):08d}",
                patience_ms=int(chance.expovariate(1 / 180_000)),
            )
        )
    return sorted(callers, key=lambda caller: caller.at_ms)


# What callers are told


def told_waits() -> list[Figure]:
    """A floor with more calls than it can take: how far the wait that a caller is told is from the one they have.

    Beside it the rule of thumb of who knows the mean handling time: (callers before + 1) × handling time ÷ agents.
    """
    chance = random.Random(7)
    callers = []
    at_ms = 0.0
    while at_ms < RUN_HOURS * HOUR_MS:
        at_ms += chance.expovariate(300 / HOUR_MS)
        patience_ms = int(chance.expovariate(1 / 600_000))
        callers.append(Caller(at_ms=round(at_ms), queue="default", number="", patience_ms=patience_ms))
    habits = Habits(talk=_exponential(HANDLE_S), wrap_up=lambda _: 0, ring=lambda _: 0)
    told = Floor(AcdRules(), {f"a{number:03d}": {} for number in range(36)}, habits, chance).run(callers).told
    waits = [(told_s, (before + 1) * HANDLE_S / 36, true_s) for told_s, before, true_s in told if true_s >= 1]
    print(
        f"told waits: {len(waits)}, in the mean {statistics.fmean(each[0] for each in waits):.0f} s told, "
        f"{statistics.fmean(each[1] for each in waits):.0f} s by the rule of thumb, "
        f"{statistics.fmean(each[2] for each in waits):.0f} s waited",
        file=sys.stderr,
    )
    ours = statistics.median(abs(told_s - true_s) / true_s for told_s, _, true_s in waits)
    thumb = statistics.median(abs(thumb_s - true_s) / true_s for _, thumb_s, true_s in waits)
    return [
        Figure("acd_told_wait_error", ours, "share, median", 0.5, "lower", "places × handling time ÷ agents", thumb)
    ]


# Steady floors


def steady_floor(calls_per_hour: int, agents: int) -> list[Figure]:
    """Independent runs of one floor: do the waits agree with Erlang C, and what does ciw make of the same floor?"""
    erlangs = calls_per_hour * HANDLE_S / 3600
    begun_s = time.perf_counter()
    ours = [_our_waits_s(calls_per_hour, agents, seed) for seed in range(RUNS)]
    ours_s = time.perf_counter() - begun_s
    begun_s = time.perf_counter()
    theirs = [_ciw_waits_s(calls_per_hour, agents, seed) for seed in range(RUNS)]
    theirs_s = time.perf_counter() - begun_s
    name = f"acd_{calls_per_hour}_calls_{agents}_agents"
    print(f"{name}: {RUNS} runs in {ours_s:.1f} s, ciw's in {theirs_s:.1f} s", file=sys.stderr)
    in_time = answered_within(erlangs, agents, HANDLE_S, WITHIN_S)
    wait_s = mean_wait_s(erlangs, agents, HANDLE_S)
    return [
        _agreement(f"{name}_within_15s", in_time, [_in_time(run) for run in ours], [_in_time(run) for run in theirs]),
        _agreement(
            f"{name}_mean_wait", wait_s, [statistics.fmean(run) for run in ours], [*map(statistics.fmean, theirs)]
        ),
    ]


def _agreement(name: str, theory: float, ours: list[float], theirs: list[float]) -> Figure:
    """How far the mean of the runs is from the theory, in half widths of its 95 % confidence interval: at most 1."""
    half = T_95 * statistics.stdev(ours) / math.sqrt(len(ours))
    their_half = T_95 * statistics.stdev(theirs) / math.sqrt(len(theirs))
    mean, their_mean = statistics.fmean(ours), statistics.fmean(theirs)
    print(
        f"  {name}: Erlang C {theory:.4g}, ours {mean:.4g} ± {half:.2g}, ciw {their_mean:.4g} ± {their_half:.2g}",
        file=sys.stderr,
    )
    off, their_off = abs(mean - theory) / half, abs(their_mean - theory) / their_half
    return Figure(f"{name}_off_erlang_c", off, "half widths of 95 %", 1.0, "lower", "ciw's simulation", their_off)


def _in_time(waits_s: list[float]) -> float:
    return sum(wait_s <= WITHIN_S for wait_s in waits_s) / len(waits_s)


def _our_waits_s(calls_per_hour: int, agents: int, seed: int) -> list[float]:
    """Handling is talk and wrap-up together; a telephone is answered at once, as the formula has it."""
    chance = random.Random(f"{calls_per_hour} {agents} {seed}")
    callers = []
    at_ms = 0.0
    while at_ms < RUN_HOURS * HOUR_MS:
        at_ms += chance.expovariate(calls_per_hour / HOUR_MS)
        callers.append(Caller(at_ms=round(at_ms), queue="default", number="", patience_ms=None))
    habits = Habits(talk=_exponential(HANDLE_S), wrap_up=lambda _: 0, ring=lambda _: 0)
    floor = Floor(AcdRules(), {f"a{number:03d}": {} for number in range(agents)}, habits, chance)
    return _steady(floor.run(callers), callers)


def _steady(outcome: Outcome, callers: list[Caller]) -> list[float]:
    """The waits, in s, without those of the time in which the floor was still filling."""
    early = sum(caller.at_ms < WARM_UP_HOURS * HOUR_MS for caller in callers)
    return [wait_ms / 1000 for wait_ms in outcome.waits_ms[early:]]


def _ciw_waits_s(calls_per_hour: int, agents: int, seed: int) -> list[float]:
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=calls_per_hour / 3600)],
        service_distributions=[ciw.dists.Exponential(rate=1 / HANDLE_S)],
        number_of_servers=[agents],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(RUN_HOURS * 3600)
    records = simulation.get_all_records()
    return [float(each.waiting_time) for each in records if each.arrival_date >= WARM_UP_HOURS * 3600]


def _exponential(mean_s: float) -> Make:
    return lambda chance: round(chance.expovariate(1 / mean_s) * 1000)


def _between(low_s: float, high_s: float) -> Make:
    return lambda chance: round(chance.uniform(low_s, high_s) * 1000)


if __name__ == "__main__":
    raise SystemExit(main())
