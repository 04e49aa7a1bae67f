from hypothesis import given
from hypothesis import strategies as st

from asr.degradation import BOUNDS, CALM_S, STEPS, Degree, degraded
from domain.speech import SpeechHealth

LIVE, SLOWER, FINALS_ONLY, AFTER_CALL = STEPS


def walk(*looks: tuple[float, float], fullness: float = 0.0, degree: Degree | None = None) -> list[SpeechHealth]:
    """The step after each look (at_s, waited_s)."""
    steps, degree = [], degree or Degree()
    for at_s, waited_s in looks:
        degree = degraded(degree, waited_s, fullness, at_s)
        steps.append(degree.health)
    return steps


def test_it_gets_worse_at_once_as_far_as_the_wait_says() -> None:
    assert walk((0, 0.3), (1, 0.5), (2, 0.9), (3, 3.1)) == [LIVE, SLOWER, FINALS_ONLY, AFTER_CALL]
    assert walk((0, 0.0), (1, 9.0)) == [LIVE, AFTER_CALL]


def test_it_gets_better_a_step_at_a_time_each_after_calm() -> None:
    looks = [(float(second), 9.0 if second == 0 else 0.0) for second in range(17)]
    assert walk(*looks) == [AFTER_CALL] * 5 + [FINALS_ONLY] * 5 + [SLOWER] * 5 + [LIVE] * 2


def test_a_wait_that_hurts_begins_the_calm_anew() -> None:
    looks = [(0.0, 0.9), (4.0, 0.3), (8.9, 0.0), (9.0, 0.0), (13.0, 0.0), (14.0, 0.0)]
    assert walk(*looks) == [FINALS_ONLY, FINALS_ONLY, FINALS_ONLY, SLOWER, SLOWER, LIVE]


def test_a_full_queue_counts_as_a_wait() -> None:
    assert walk((0, 0.0), fullness=0.1) == [SLOWER]
    assert walk((0, 0.0), fullness=0.5) == [FINALS_ONLY]
    assert walk((0, 0.0), fullness=0.9) == [AFTER_CALL]
    assert walk((0, 0.0), (9, 0.0), fullness=0.2, degree=Degree(FINALS_ONLY, 0.0)) == [FINALS_ONLY] * 2


def test_streams_go_only_while_it_is_too_much_and_not_while_it_calms_down() -> None:
    worst = degraded(Degree(), 3.5, 0.0, 0.0)
    assert worst.too_much
    calming = degraded(worst, 0.5, 0.0, 1.0)
    assert (calming.health, calming.too_much) == (AFTER_CALL, False)


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0, 10), st.floats(0, 1)), max_size=60))
def test_it_is_never_better_than_the_bounds_say_and_comes_back_in_the_end(
    looks: list[tuple[float, float, float]],
) -> None:
    degree, now_s, worse_at_s = Degree(), 0.0, 0.0
    for pause_s, waited_s, fullness in looks:
        now_s += pause_s
        before, degree = degree, degraded(degree, waited_s, fullness, now_s)
        for step, bound in BOUNDS.items():
            if waited_s > bound.wait_s or fullness > bound.full:
                assert STEPS.index(degree.health) >= STEPS.index(step)
        if STEPS.index(degree.health) < STEPS.index(before.health):
            assert STEPS.index(before.health) - STEPS.index(degree.health) == 1
            assert now_s - worse_at_s >= CALM_S
        else:
            worse_at_s = now_s if degree.health is not before.health else worse_at_s
    for _ in STEPS:
        now_s += CALM_S
        degree = degraded(degree, 0.0, 0.0, now_s)
    assert degree.health is LIVE
