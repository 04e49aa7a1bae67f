import math

import pytest

from asr.agreement import agreement
from asr.recogniser import Hypothesis


def test_a_character_has_the_weight_of_the_hypotheses_that_have_it() -> None:
    hypotheses = [Hypothesis("政务大厅", -1.0), Hypothesis("证物大厅", -1.0)]
    assert agreement("政务大厅。", hypotheses) == pytest.approx((0.5, 0.5, 1.0, 1.0, 1.0))


def test_less_likely_hypotheses_weigh_less() -> None:
    shares = agreement("三楼", [Hypothesis("三楼", 0.0), Hypothesis("三龙", -2.0)])
    assert shares == pytest.approx((1.0, 1 / (1 + math.exp(-1.0))))


def test_what_no_hypothesis_has_has_none() -> None:
    assert agreement("政务", [Hypothesis("证务", -1.0)])[0] == 0.0


def test_a_number_is_as_sure_as_its_least_sure_sound() -> None:
    hypotheses = [Hypothesis("120号", -1.0), Hypothesis("一百三十号", -1.0)]
    assert agreement("120号，", hypotheses) == pytest.approx((0.5, 0.5, 0.5, 1.0, 1.0))


def test_a_lost_character_does_not_shift_the_others() -> None:
    hypotheses = [Hypothesis("我要投诉噪音", -1.0), Hypothesis("要投诉噪音", -1.0)]
    assert agreement("我要投诉噪音", hypotheses) == pytest.approx((0.5, 1, 1, 1, 1, 1))
