"""Spoken digits: runs of digits in recognised speech, with the fillers between them and the homophones among them."""

import re
from functools import lru_cache

import msgspec

_SURE = (
    {char: str(value) for value, char in enumerate("零一二三四五六七八九")}
    | {str(value): str(value) for value in range(10)}
    | {chr(ord("０") + value): str(value) for value in range(10)}
    | {"〇": "0", "幺": "1", "两": "2", "洞": "0", "拐": "7", "勾": "9"}
)
HOMOPHONES = {
    char: digit
    for digit, chars in {
        "0": "灵铃林另临",
        "1": "要腰妖夭邀伊依医衣",
        "2": "尔儿而耳",
        "3": "叁山伞",
        "4": "思似司是事死市寺",
        "5": "武舞吴午物无",
        "6": "流刘留溜柳",
        "7": "其期起气妻奇漆",
        "8": "吧巴爸把拔霸",
        "9": "久就酒旧救",
    }.items()
    for char in chars
}
"""A few of the characters that asr.number_span takes for digits by their sound. That one asks the sound once more
before it believes them, and may have all; here 十, 时 and 室 between two digits would make 二十五 a code, 245."""
_BETWEEN = re.compile(r"[\s，,、。.\-—－呃嗯啊额]{1,3}")
_REPEATED = re.compile(r"([两二三四五六])个([零〇一幺二三四五六七八九0-9])")


_MEASURE = re.compile(
    r"[多余]?(?:[块元万亿%％年月日天点度倍米平方斤吨岁层楼栋幢室户人名位次台辆条件]|个(?!零|幺)|号[楼院线]|单元|公[里斤分]|小时|分钟)"
)


class DigitRun(msgspec.Struct, frozen=True):
    """text[start:end] reads as `digits`; guessed: how many of them were only heard as a homophone."""

    start: int
    end: int
    digits: str
    guessed: int


@lru_cache(maxsize=4096)
def digit_runs(text: str, *, least: int = 3) -> tuple[DigitRun, ...]:
    """Runs of at least `least` digits. A homophone counts only between two sure digits ('一三八要二' reads 13812)."""
    runs = []
    place = 0
    while place < len(text):
        run = _run_at(text, place)
        if run is None:
            place += 1
            continue
        if len(run.digits) >= least:
            runs.append(run)
        place = run.end
    return tuple(runs)


def is_measured(text: str, run: DigitRun) -> bool:
    """Whether the run counts or names what stands behind it (23000块, 302室, 2026年), so that it is no code."""
    return _MEASURE.match(text, run.end) is not None


def _sure_at(text: str, place: int) -> tuple[str, int] | None:
    """The digits that surely stand at `place`, and where they end; '三个八' is 888."""
    repeated = _REPEATED.match(text, place)
    if repeated:
        return _SURE[repeated[2]] * int(_SURE[repeated[1]]), repeated.end()
    digit = _SURE.get(text[place]) if place < len(text) else None
    return (digit, place + 1) if digit else None


def _run_at(text: str, start: int) -> DigitRun | None:
    first = _sure_at(text, start)
    if first is None:
        return None
    digits, end = first
    guessed = 0
    while end < len(text):
        gap = _BETWEEN.match(text, end)
        place = gap.end() if gap else end
        sure = _sure_at(text, place)
        if sure is not None:
            digits, end = digits + sure[0], sure[1]
            continue
        homophone = HOMOPHONES.get(text[place]) if place < len(text) else None
        following = _sure_at(text, place + 1) if homophone else None
        if homophone is None or following is None:
            break
        digits, end, guessed = digits + homophone + following[0], following[1], guessed + 1
    return DigitRun(start, end, digits, guessed)
