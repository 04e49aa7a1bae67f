"""Where a recognised text has a number that was read out digit by digit, and of which kind. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import lazy_pinyin

from asr.numerals import DIGITS
from asr.recogniser import Word
from domain.speech import NumberKind

_WRITTEN = {char: str(value) for value, char in enumerate(DIGITS)} | {"〇": "0", "幺": "1"}
_OF_SYLLABLE = {
    "ling": "0",
    "lin": "0",
    "yi": "1",
    "yao": "1",
    "you": "1",
    "er": "2",
    "liang": "0",
    "san": "3",
    "shan": "3",
    "si": "4",
    "shi": "4",
    "wu": "5",
    "liu": "6",
    "niu": "6",
    "qi": "7",
    "ba": "8",
    "jiu": "9",
}
"""liang: nobody reads a 2 out as 两, and Whisper writes it for 零."""
_FAINTLY = {
    syllable: digit
    for digit, syllables in {
        "0": "leng lian",
        "1": "ya ye yin yu",
        "2": "e",
        "3": "sang shang sa shen sheng",
        "4": "ci se zi",
        "5": "fu hu mu wo",
        "6": "lou lu",
        "7": "ji xi",
        "8": "bai bao bo pa pai",
        "9": "jiao ju qiu xiu",
    }.items()
    for syllable in syllables.split()
}
"""What Whisper also writes for digits when it takes a whole number for words (有散而有宝宝是8063: 132 1884 8063)."""
_NO_DIGITS = frozenset("是事以")
"""Sound like digits and mostly stand before a number."""
_IN_DATES = frozenset("年月日路条")
"""Written between digits that are no telephone number."""
_UNITS = frozenset("百千万亿")
_JOINTS = "-,， "
"""Left over behind a number whose digits stood one by one."""
_SURE_GAIN, _ALIKE_GAIN, _OTHER_LOSS = 1.0, 0.5, 1.5
_LEAST_GAIN = 5.0
_LEAST_FAINT_GAIN = 4.5
_HIDDEN_LOSS, _LEAST_HIDDEN_GAIN = 1.0, 3.5
_EDGE_S = 0.06
"""Characters that reach so little into a time were said before or behind it."""
_LENGTHS = {NumberKind.MOBILE: 11, NumberKind.LOCAL: 8, NumberKind.IDENTITY: 18, NumberKind.TICKET: 14}
_ABOUT = {NumberKind.LOCAL: range(7, 9), NumberKind.MOBILE: range(9, 15), NumberKind.IDENTITY: range(15, 22)}
_MOBILE_AT_LEAST = 10
"""So many sounds are more than a local number has."""
_FAINTLY_MANY = range(7, 15)
_TICKET_BEGINS = "20"
_ABOUT_A_TICKET = range(12, 18)
"""How many digits are heard of a number that begins with a year of ours."""


@dataclass(frozen=True)
class NumberSpan:
    """text[start:end] sounds like a number of this kind. faint: so little that only the sound itself can tell."""

    start: int
    end: int
    kind: NumberKind
    faint: bool = False

    @property
    def length(self) -> int:
        return _LENGTHS[self.kind]


@lru_cache(maxsize=65536)
def sounding_digit(char: str) -> str | None:
    """The digit that a character writes or sounds like, X for the last place of identity numbers; None for others."""
    if len(char) != 1:
        return None
    if char.isascii():
        return char.upper() if char.isdigit() or char in "xX" else None
    if char in _WRITTEN:
        return _WRITTEN[char]
    return _OF_SYLLABLE.get(lazy_pinyin(char)[0]) if "\u4e00" <= char <= "\u9fff" else None


def number_span(text: str) -> NumberSpan | None:
    """The part of a text that sounds most like a read-out number; None when nothing does enough."""
    place, gain = _likeliest([_gain(char) for char in text])
    kind = None
    if gain >= _LEAST_GAIN:
        kind = _kind("".join(sounding_digit(char) or "?" for char in text[slice(*place)] if char.isalnum()))
    if kind is None:
        return _faint_mobile(text)
    start, end = place
    if kind in (NumberKind.MOBILE, NumberKind.LOCAL) and (begins := _mobile_begins(text, start, end)) < start:
        start, kind = begins, NumberKind.MOBILE
    return NumberSpan(start, _with_joints(text, end), kind)


def may_hide_number(text: str) -> bool:
    """Whether so much of it sounds a little like digits that a number may have been taken for words."""
    return _likeliest([_hidden_gain(char) for char in text])[1] >= _LEAST_HIDDEN_GAIN


def told_by_value(text: str) -> bool:
    """Whether a number in it has units, and is not read out digit by digit."""
    return not _UNITS.isdisjoint(text)


def span_between(text: str, words: Sequence[Word], start_s: float, end_s: float, kind: NumberKind) -> NumberSpan | None:
    """The part of a text that was said in this time; None without times, and where it is a number by its value.

    words: its sounding characters, in order.
    """
    places = [place for place, char in enumerate(text) if char.isalnum()]
    if len(places) != len(words):
        return None
    said = [
        place
        for place, word in zip(places, words, strict=True)
        if start_s + _EDGE_S < word.end_s and word.start_s < end_s - _EDGE_S
    ]
    while len(said) > 1 and text[said[0]] in _NO_DIGITS:
        said.pop(0)
    if not said or told_by_value(text[said[0] : said[-1] + 1]):
        return None
    return NumberSpan(said[0], _with_joints(text, said[-1] + 1), kind)


def _mobile_begins(text: str, start: int, end: int) -> int:
    """A mobile number begins with 1: where text[start:end] does not, with faint digits before it if they help.

    So the end of one is taken for no local number where its beginning sounds so little like digits.
    """
    best, place = start, start
    sounds = sum(char.isalnum() for char in text[start:end])
    while place > 0 and sounds < _LENGTHS[NumberKind.MOBILE] and sounding_digit(text[start]) != "1":
        place -= 1
        digit = _faint_digit(text[place])
        if digit is None and text[place].isalnum():
            break
        sounds += digit is not None
        best = place if digit == "1" and sounds >= _MOBILE_AT_LEAST else best
    return best


def _faint_mobile(text: str) -> NumberSpan | None:
    """Words of which nearly every syllable sounds a little like a digit, as many as a mobile number has."""
    (start, end), gain = _likeliest([_faint_gain(char) for char in text])
    while start < end and text[start] in _NO_DIGITS and _faint_digit(text[start]) != "1":
        start += 1
    sounds = sum(char.isalnum() for char in text[start:end])
    if gain < _LEAST_FAINT_GAIN or sounds not in _FAINTLY_MANY or _faint_digit(text[start]) != "1":
        return None
    return NumberSpan(start, _with_joints(text, end), NumberKind.MOBILE, faint=True)


def _likeliest(gains: list[float | None]) -> tuple[tuple[int, int], float]:
    """The part with the greatest sum, and that; None is a sign that counts for nothing."""
    best, best_gain, start, gain = (0, 0), 0.0, 0, 0.0
    for place, one in enumerate(gains):
        if one is None:
            continue
        if gain <= 0:
            start, gain = place, 0.0
        gain += one
        if gain > best_gain:
            best, best_gain = (start, place + 1), gain
    return best, best_gain


def _with_joints(text: str, end: int) -> int:
    while end < len(text) and text[end] in _JOINTS:
        end += 1
    return end


def _kind(sounds: str) -> NumberKind | None:
    """What so many digits may be; "?" stands for what is none."""
    if sounds.startswith(_TICKET_BEGINS) and len(sounds) in _ABOUT_A_TICKET:
        return NumberKind.TICKET
    kind = next((kind for kind, counts in _ABOUT.items() if len(sounds) in counts), None)
    return NumberKind.MOBILE if kind is NumberKind.LOCAL and sounds.startswith("1") else kind


def _gain(char: str) -> float | None:
    if not char.isalnum():
        return None
    if char in _WRITTEN or (char.isascii() and char.isdigit()):
        return _SURE_GAIN
    return _ALIKE_GAIN if sounding_digit(char) and char not in _NO_DIGITS else -_OTHER_LOSS


def _faint_gain(char: str) -> float | None:
    if char in _IN_DATES:
        return -_LEAST_FAINT_GAIN
    gain = _gain(char)
    return gain if gain is None or gain > 0 else _ALIKE_GAIN if _faint_digit(char) else -_OTHER_LOSS


def _hidden_gain(char: str) -> float | None:
    gain = _gain(char)
    return gain if gain is None or gain > 0 else _ALIKE_GAIN if _faint_digit(char) else -_HIDDEN_LOSS


def _faint_digit(char: str) -> str | None:
    if not char or sounding_digit(char):
        return sounding_digit(char)
    return _FAINTLY.get(lazy_pinyin(char)[0]) if "\u4e00" <= char <= "\u9fff" else None
