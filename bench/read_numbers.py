"""Numbers that citizens read out, as they say them: an endless, always equal list for each voice. Pure."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from asr.digit_lines import VOICES

TUNING_VOICES = VOICES
"""The states of digits are fitted to them."""
HELD_OUT_VOICES = ("zf_xiaoxiao", "zf_xiaoyi", "zm_yunxia", "zm_yunyang")
"""Neither these voices nor their numbers may be looked at in tuning."""
SPEEDS = (1.0, 1.2)
_NAMES = "零一二三四五六七八九"
_SEGMENTS = {
    "13": "012356789",
    "14": "57",
    "15": "012356789",
    "16": "6",
    "17": "0135678",
    "18": "0123456789",
    "19": "13589",
}
_MOBILE_HEADS = [head + third for head, thirds in _SEGMENTS.items() for third in thirds]
_REGIONS = ("110105", "120103", "310115", "320102", "330106", "370202", "420111", "440305", "510107", "610113")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_BIRTHS, _TICKETS = (date(1940, 1, 1), date(2008, 12, 31)), (date(2025, 1, 1), date(2026, 11, 20))
_TICKET_PREFIX = "YJ"


class Said(StrEnum):
    """What is read out. CARRIED: a mobile number behind other words."""

    MOBILE = "mobile"
    CARRIED = "carried_mobile"
    LOCAL = "local"
    IDENTITY = "identity"
    TICKET = "ticket"


_GROUPS = {
    Said.MOBILE: ((11,), (3, 4, 4), (3, 4, 4), (3, 3, 5), (4, 4, 3)),
    Said.LOCAL: ((8,), (4, 4), (4, 4)),
    Said.IDENTITY: ((6, 8, 4), (6, 4, 4, 4), (3, 3, 4, 4, 4)),
    Said.TICKET: ((8, 6), (4, 4, 6), (4, 4, 3, 3)),
}
_FRAMES = {
    Said.MOBILE: ("{}",),
    Said.CARRIED: ("我的电话是{}", "您打我手机{}", "号码是{}，谢谢", "您记一下，{}", "我手机号是{}", "麻烦联系{}"),
    Said.LOCAL: ("{}", "单位电话{}", "座机是{}"),
    Said.IDENTITY: ("{}", "我的身份证号是{}", "身份证{}"),
    Said.TICKET: ("{}", "工单号是{}", "我上次的工单编号{}", "查一下工单{}"),
}


@dataclass(frozen=True)
class ReadNumber:
    """text: what is said; digits: the number in it."""

    said: Said
    digits: str
    text: str
    voice: str
    speed: float


def read_numbers(voice: str, said: Said) -> Iterator[ReadNumber]:
    """What this voice reads out, without end, the same each time."""
    chance = random.Random(f"{voice} {said}")
    while True:
        digits = _number(said, chance)
        frame = chance.choice(_FRAMES[said])
        names = _NAMES.replace("一", chance.choice("一幺"))
        spoken = "，".join(_groups(digits, chance.choice(_GROUPS.get(said, _GROUPS[Said.MOBILE])), names))
        if said is Said.TICKET and chance.random() < 0.5:
            spoken = _TICKET_PREFIX + spoken
        yield ReadNumber(said, digits, frame.format(spoken), voice, chance.choice(SPEEDS))


def _number(said: Said, chance: random.Random) -> str:
    if said is Said.LOCAL:
        return chance.choice("2345678") + _any_digits(7, chance)
    if said is Said.IDENTITY:
        return _with_check(chance.choice(_REGIONS) + _day(_BIRTHS, chance) + _any_digits(3, chance))
    if said is Said.TICKET:
        return _day(_TICKETS, chance) + f"{chance.choice((1, 10, 100)) * chance.randint(1, 99):06d}"
    return chance.choice(_MOBILE_HEADS) + _any_digits(8, chance)


def _any_digits(count: int, chance: random.Random) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def _day(between: tuple[date, date], chance: random.Random) -> str:
    first, last = between
    return f"{first + timedelta(days=chance.randint(0, (last - first).days)):%Y%m%d}"


def _with_check(seventeen: str) -> str:
    """GB 11643-1999."""
    total = sum(int(digit) * weight for digit, weight in zip(seventeen, _WEIGHTS, strict=True))
    return seventeen + "10X98765432"[total % 11]


def _groups(digits: str, lengths: tuple[int, ...], names: str) -> Iterator[str]:
    place = 0
    for length in lengths:
        yield "".join(names[int(digit)] if digit.isdigit() else digit for digit in digits[place : place + length])
        place += length
