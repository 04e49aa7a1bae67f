"""The Erlang C formula: what a queue of Poisson arrivals, exponential handling and patient callers must come to."""

import math


def waits_share(erlangs: float, agents: int) -> float:
    """The share of callers who wait at all (Erlang C); 1 when there are not enough agents. By Erlang B's recursion."""
    if agents <= erlangs:
        return 1.0
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = erlangs * blocked / (number + erlangs * blocked)
    occupancy = erlangs / agents
    return blocked / (1 - occupancy * (1 - blocked))


def answered_within(erlangs: float, agents: int, handle_s: float, within_s: float) -> float:
    """The share of callers who are answered within this time."""
    return 1 - waits_share(erlangs, agents) * math.exp(-(agents - erlangs) * within_s / handle_s)


def mean_wait_s(erlangs: float, agents: int, handle_s: float) -> float:
    """Over all callers, those included who do not wait."""
    return waits_share(erlangs, agents) * handle_s / (agents - erlangs)
