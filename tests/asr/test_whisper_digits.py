"""Digits heard again: the real engine on real people's numbers."""

import re
from dataclasses import dataclass

import pytest

import models
from asr.number_span import sounding_digit
from asr.recogniser import Clip, Effort
from asr.whisper import Whisper
from asr.whisper_digits import with_one_doubled
from bench.recordings import sentences
from domain.g711 import alaw_decode
from tests.asr.sounds import speech_folder

_ELEVEN = re.compile("[零一二三四五六七八九幺]{11}")


def test_one_of_two_equal_digits_may_not_have_been_heard() -> None:
    assert with_one_doubled("1375") == ["11375", "13375", "13755", "13775"]
    assert with_one_doubled("1135") == ["11135", "11335", "11355"]
    assert with_one_doubled("") == []


@dataclass(frozen=True, eq=False)
class Number:
    digits: str
    clip: Clip


@pytest.fixture(scope="module")
def numbers() -> list[Number]:
    """The telephone numbers of the data set, all of one speaker."""
    out = []
    for sentence in sentences(speech_folder()):
        said = sentence.transcript.strip("\ufeff \n")
        if _ELEVEN.fullmatch(said):
            digits = "".join(digit for char in said if (digit := sounding_digit(char)))
            out.append(Number(digits, Clip(alaw_decode(sentence.alaw).reshape(-1))))
    return out


@pytest.mark.slow
def test_real_numbers_are_mostly_exact_and_never_sure_but_wrong(
    numbers: list[Number], tmp_path_factory: pytest.TempPathFactory
) -> None:
    engine = Whisper(models.whisper_base(tmp_path_factory.mktemp("models")))
    exact = 0
    for number in numbers:
        (heard,) = engine.recognise([number.clip], Effort.FINAL)
        found = next(iter(heard.numbers), None)
        right = found is not None and found.digits == number.digits
        assert right or found is None or not found.sure
        exact += right
    assert exact >= 0.7 * len(numbers) > 0
