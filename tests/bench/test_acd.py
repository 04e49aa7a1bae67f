"""The queue's bench: the formula is the oracle's, and the floor that it simulates serves everybody."""

import random

import pytest

from bench.acd_floor import Caller, Floor, Habits
from bench.erlang import answered_within, mean_wait_s, waits_share
from domain.acd_rules import AcdRules


@pytest.mark.parametrize(
    ("calls_per_hour", "handle_s", "agents_for"),
    [
        (100, 470.5, (17, 19, 20)),
        (300, 470.5, (46, 48, 50)),
        (600, 417.1, (78, 81, 83)),
        (1200, 323.5, (117, 120, 124)),
    ],
)
def test_the_formula_needs_the_agents_of_the_oracle(calls_per_hour, handle_s, agents_for):
    erlangs = calls_per_hour * handle_s / 3600
    for share, agents in zip((0.80, 0.90, 0.95), agents_for, strict=True):
        assert answered_within(erlangs, agents, handle_s, 15) >= share
        assert answered_within(erlangs, agents - 1, handle_s, 15) < share


def test_one_agent_is_the_textbooks_queue():
    assert waits_share(0.5, 1) == pytest.approx(0.5)
    assert mean_wait_s(0.5, 1, 60) == pytest.approx(60)
    assert waits_share(3, 2) == 1


def test_a_small_floor_serves_or_loses_everybody():
    habits = Habits(talk=lambda _: 60_000, wrap_up=lambda _: 5000, ring=lambda _: 3000, never_answers=0.2)
    callers = [Caller(number * 10_000, "default", f"138{number}", 90_000) for number in range(60)]
    floor = Floor(AcdRules(), {"a": {}, "b": {}, "c": {}}, habits, random.Random(3))
    outcome = floor.run(callers)
    assert len(outcome.waits_ms) + outcome.abandoned == 60
    assert outcome.abandoned > 0
    assert outcome.events["OfferClosed"] > len(outcome.waits_ms)  # some were not answered
