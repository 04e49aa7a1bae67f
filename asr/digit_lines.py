"""What voices read out so that the states of digits can be fitted: each digit beside every one, and itself. Pure."""

import random
from dataclasses import dataclass

READ = 1
"""Raised whenever anything here changes what is read."""
VOICES = ("zf_xiaobei", "zf_xiaoni", "zm_yunjian", "zm_yunxi")
"""Of Kokoro; its four others are kept for `bench.digits`."""
_ONES = "一幺"
_OTHERS = "零二三四五六七八九"
_DIGITS_A_LINE = 11
_LINES = 8
"""Of the ten that would have all pairs by one voice: a line takes a machine two seconds (docs/asr.md)."""
_GROUPS = ((11,), (3, 4, 4), (4, 4, 3))
_SPEEDS = (1.0, 1.2)
_WORDS = ("我的电话是，您打我手机，座机号码", "麻烦联系，身份证号，工单编号，谢谢")


@dataclass(frozen=True)
class ReadLine:
    """names: of the digits in it, in order; "" when it is other words. speed: 1.0 is the voice's own pace."""

    text: str
    names: str
    voice: str
    speed: float


def read_lines(voice: str) -> list[ReadLine]:
    """What this voice reads out, the same each time: lines of digits, and two of the words around numbers."""
    chance = random.Random(voice)
    round_trip = _round_trip(chance)
    places = list(range(0, len(round_trip) - 1, _DIGITS_A_LINE - 1))
    lines = []
    for number, place in enumerate(sorted(chance.sample(places, _LINES))):
        names = round_trip[place : place + _DIGITS_A_LINE].replace(_ONES[0], _ONES[number % 2])
        text = "，".join(_grouped(names, _GROUPS[number % len(_GROUPS)]))
        lines.append(ReadLine(text, names, voice, _SPEEDS[number // 2 % 2]))
    words = [ReadLine(text, "", voice, speed) for text, speed in zip(_WORDS, _SPEEDS, strict=True)]
    return [*lines, *words]


def _round_trip(chance: random.Random) -> str:
    """Through all pairs of digits, each once (a de Bruijn sequence by Hierholzer's algorithm): 101 names."""
    digits = _ONES[0] + _OTHERS
    untaken = {digit: chance.sample(digits, len(digits)) for digit in digits}
    trail, out = [digits[0]], ""
    while trail:
        if untaken[trail[-1]]:
            trail.append(untaken[trail[-1]].pop())
        else:
            out += trail.pop()
    return out


def _grouped(names: str, lengths: tuple[int, ...]) -> list[str]:
    out, place = [], 0
    for length in lengths:
        out.append(names[place : place + length])
        place += length
    return out
