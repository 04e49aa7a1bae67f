"""Homophones among digits: the assistant knows fewer of them than the listener does, and no other ones."""

import pytest

from agent_assist.digits import HOMOPHONES, digit_runs
from asr.number_span import sounding_digit


@pytest.mark.parametrize(("char", "digit"), HOMOPHONES.items())
def test_a_homophone_is_the_digit_that_the_listener_takes_it_for(char: str, digit: str) -> None:
    assert sounding_digit(char) == digit
    assert [run.digits for run in digit_runs(f"一三八{char}二")] == [f"138{digit}2"]


@pytest.mark.parametrize("text", ["二十五", "三十一", "七时五"])
def test_a_number_by_its_value_is_no_code(text: str) -> None:
    assert digit_runs(text) == ()
