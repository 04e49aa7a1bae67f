"""Digits heard again: the real engine on real people's numbers."""

import pytest

import models
from asr.whisper import Whisper
from asr.whisper_digits import with_one_doubled
from tests.asr.real_numbers import exactly_heard, real_numbers


def test_one_of_two_equal_digits_may_not_have_been_heard() -> None:
    assert with_one_doubled("1375") == ["11375", "13375", "13755", "13775"]
    assert with_one_doubled("1135") == ["11135", "11335", "11355"]
    assert with_one_doubled("") == []


@pytest.mark.slow
def test_real_numbers_are_mostly_exact_and_never_sure_but_wrong(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    engine = Whisper(models.whisper_base(tmp_path_factory.mktemp("models")))
    numbers = real_numbers()
    assert exactly_heard(engine, numbers) >= 0.7 * len(numbers) > 0
