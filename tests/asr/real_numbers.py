"""The telephone numbers that real people read out, over the telephone."""

import re
from dataclasses import dataclass

from asr.number_span import sounding_digit
from asr.recogniser import Clip, Effort, Recogniser
from bench.recordings import sentences
from domain.g711 import alaw_decode
from tests.asr.sounds import speech_folder

_ELEVEN = re.compile("[零一二三四五六七八九幺]{11}")


@dataclass(frozen=True, eq=False)
class RealNumber:
    digits: str
    clip: Clip


def real_numbers() -> list[RealNumber]:
    """Those of the data set, all of one speaker."""
    out = []
    for sentence in sentences(speech_folder()):
        said = sentence.transcript.strip("\ufeff \n")
        if _ELEVEN.fullmatch(said):
            digits = "".join(digit for char in said if (digit := sounding_digit(char)))
            out.append(RealNumber(digits, Clip(alaw_decode(sentence.alaw).reshape(-1))))
    return out


def exactly_heard(engine: Recogniser, numbers: list[RealNumber]) -> int:
    """How many are; one that is sure must be."""
    exact = 0
    for number in numbers:
        (heard,) = engine.recognise([number.clip], Effort.FINAL)
        found = next(iter(heard.numbers), None)
        right = found is not None and found.digits == number.digits
        assert right or found is None or not found.sure
        exact += right
    return exact
