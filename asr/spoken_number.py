"""Numbers that callers read out digit by digit: where a text has one, and which one several hearings make of it. Pure.

A recogniser of words writes 幺 as 要, 零 as 林 and loses every second of two equal digits. So the clip is heard again
with nothing but sounds of digits allowed and the length given, at several speeds; only what all hearings agree on is
sure.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from pypinyin import lazy_pinyin

from asr.confidence import mean_confidence
from asr.recogniser import Heard, Hypothesis
from domain.speech import Correction, NumberKind, SpokenNumber

_WRITTEN = {char: str(value) for value, char in enumerate("零一二三四五六七八九")} | {"〇": "0", "幺": "1"}
_OF_SYLLABLE = {
    "ling": "0",
    "lin": "0",
    "yi": "1",
    "yao": "1",
    "you": "1",
    "er": "2",
    "liang": "2",
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
_NO_DIGITS = frozenset("是事以")
"""Sound like digits and mostly stand before a number."""
_JOINTS = "-,， "
"""Left over behind a number whose digits stood one by one."""
_SURE_GAIN, _ALIKE_GAIN, _OTHER_LOSS = 1.0, 0.5, 1.5
_LEAST_GAIN = 5.0
_LENGTHS = {NumberKind.MOBILE: 11, NumberKind.LOCAL: 8, NumberKind.IDENTITY: 18, NumberKind.TICKET: 14}
_ABOUT = {NumberKind.LOCAL: range(7, 9), NumberKind.MOBILE: range(9, 15), NumberKind.IDENTITY: range(15, 22)}
_TICKET_BEGINS = "20"
_ABOUT_A_TICKET = range(12, 18)
"""How many digits are heard of a number that begins with a year of ours."""
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_PATTERNS = {
    NumberKind.MOBILE: re.compile(r"1[3-9]\d{9}"),
    NumberKind.LOCAL: re.compile(r"[2-8]\d{7}"),
    NumberKind.IDENTITY: re.compile(rf"[1-8]\d{{5}}(?:19|20)\d{{2}}{_DAY}\d{{3}}[\dX]"),
    NumberKind.TICKET: re.compile(rf"20\d{{2}}{_DAY}(?!000000)\d{{6}}"),
}
_DAY_PLACES = {NumberKind.IDENTITY: slice(6, 14), NumberKind.TICKET: slice(0, 8)}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_FLATTENING = 0.5
_FLOOR = -7.0
_MOST_CANDIDATES = 3
_SURE_CONFIDENCE = 0.98
_UNSURE_CONFIDENCE = 0.6


@dataclass(frozen=True)
class NumberSpan:
    """text[start:end] sounds like a number of this kind."""

    start: int
    end: int
    kind: NumberKind

    @property
    def length(self) -> int:
        return _LENGTHS[self.kind]


@dataclass(frozen=True)
class Reading:
    """digits: the likeliest number; sure: all hearings agree; candidates: the likeliest ones, `digits` first."""

    digits: str
    sure: bool
    candidates: tuple[str, ...]


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
    best, best_gain, start, gain = (0, 0), 0.0, 0, 0.0
    for place, char in enumerate(text):
        if not char.isalnum():
            continue
        if gain <= 0:
            start, gain = place, 0.0
        gain += _gain(char)
        if gain > best_gain:
            best, best_gain = (start, place + 1), gain
    if best_gain < _LEAST_GAIN:
        return None
    kind = _kind("".join(sounding_digit(char) or "?" for char in text[best[0] : best[1]] if char.isalnum()))
    end = best[1]
    while end < len(text) and text[end] in _JOINTS:
        end += 1
    return NumberSpan(best[0], end, kind) if kind else None


def _kind(sounds: str) -> NumberKind | None:
    """What so many digits may be; "?" stands for what is none."""
    if sounds.startswith(_TICKET_BEGINS) and len(sounds) in _ABOUT_A_TICKET:
        return NumberKind.TICKET
    kind = next((kind for kind, counts in _ABOUT.items() if len(sounds) in counts), None)
    return NumberKind.MOBILE if kind is NumberKind.LOCAL and sounds.startswith("1") else kind


def digits_of(text: str) -> str:
    """The digits that its characters write or sound like; "" when one of them is none."""
    digits = [sounding_digit(char) for char in text if char.isalnum()]
    return "".join(digit for digit in digits if digit) if all(digits) else ""


def heard_in_words(alternatives: Sequence[Hypothesis], length: int) -> dict[str, float]:
    """The numbers of this length in the engine's own hypotheses, with their log probabilities."""
    found: dict[str, float] = {}
    for one in alternatives:
        span = number_span(one.text)
        digits = digits_of(one.text[span.start : span.end]) if span else ""
        if len(digits) == length:
            found[digits] = max(found.get(digits, -math.inf), one.log_probability)
    return found


def fits(kind: NumberKind, digits: str) -> bool:
    """Whether it is a number of this kind: with a day that there is, and an identity number's check digit that of
    GB 11643-1999. A mobile number may begin with any segment that may be given out, 13 to 19."""
    if not _PATTERNS[kind].fullmatch(digits):
        return False
    if kind in _DAY_PLACES and not _is_a_day(digits[_DAY_PLACES[kind]]):
        return False
    if kind is not NumberKind.IDENTITY:
        return True
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return digits[-1] == _CHECK[total % 11]


def _is_a_day(digits: str) -> bool:
    try:
        date.fromisoformat(digits)
    except ValueError:
        return False
    return True


def agreed(kind: NumberKind, hearings: Sequence[Mapping[str, float]]) -> Reading | None:
    """What several hearings of one clip say together; None when no number of this kind was heard.

    hearings: for each the digit strings of the right length that it found, with their log probabilities. One that has
    found none says nothing, but nothing is sure then.
    """
    told = [hearing for hearing in hearings if hearing]
    known = {digits for hearing in told for digits in hearing if fits(kind, digits)}
    if not known:
        return None
    ranked = sorted(known, key=lambda digits: (-_score(digits, told), digits))
    sure = len(told) == len(hearings) and all(_best(hearing) == ranked[0] for hearing in told)
    return Reading(ranked[0], sure, tuple(ranked[:_MOST_CANDIDATES]))


def with_number(heard: Heard, span: NumberSpan, reading: Reading) -> Heard:
    """The words with the number in digits; what the engine wrote in its place stays as a correction."""
    text = heard.text[: span.start] + reading.digits + heard.text[span.end :]
    sure = reading.sure and not _may_be_a_rest(heard.text, span)
    shift = len(reading.digits) - (span.end - span.start)
    before = [one for one in heard.corrections if one.end <= span.start]
    after = [_moved(one, shift) for one in heard.corrections if one.start >= span.end]
    original = _original(heard, span)
    own = [Correction(span.start, span.start + len(reading.digits), original)] if original != reading.digits else []
    confidence: tuple[float, ...] = ()
    if heard.char_confidence:
        each = _SURE_CONFIDENCE if sure else _UNSURE_CONFIDENCE
        given = heard.char_confidence
        confidence = (*given[: span.start], *(each for _ in reading.digits), *given[span.end :])
    return replace(
        heard,
        text=text,
        corrections=(*before, *own, *after),
        char_confidence=confidence,
        confidence=mean_confidence(text, confidence) if confidence else heard.confidence,
        words=(),
        numbers=(
            SpokenNumber(
                start=span.start,
                end=span.start + len(reading.digits),
                kind=span.kind,
                digits=reading.digits,
                sure=sure,
                candidates=reading.candidates,
            ),
        ),
    )


def _may_be_a_rest(text: str, span: NumberSpan) -> bool:
    """Eight digits behind other words may be what is left of a mobile number whose beginning was heard as words."""
    return span.kind is NumberKind.LOCAL and any(char.isalnum() for char in text[: span.start])


def _moved(one: Correction, shift: int) -> Correction:
    """The same correction, so many characters further on."""
    return Correction(one.start + shift, one.end + shift, one.original)


def _gain(char: str) -> float:
    if char in _WRITTEN or (char.isascii() and char.isdigit()):
        return _SURE_GAIN
    return _ALIKE_GAIN if sounding_digit(char) and char not in _NO_DIGITS else -_OTHER_LOSS


def _best(hearing: Mapping[str, float]) -> str:
    return max(hearing, key=lambda digits: hearing[digits])


def _score(digits: str, hearings: Sequence[Mapping[str, float]]) -> float:
    """Log probability by all hearings; what one has not found costs no more than _FLOOR there."""
    return _FLATTENING * sum(
        max(hearing.get(digits, -math.inf) - max(hearing.values()), _FLOOR) for hearing in hearings
    )


def _original(heard: Heard, span: NumberSpan) -> str:
    """What the engine itself wrote in this place; a correction that reaches beyond it is left as it is believed."""
    out, place = "", span.start
    for one in heard.corrections:
        if span.start <= one.start and one.end <= span.end:
            out += heard.text[place : one.start] + one.original
            place = one.end
    return out + heard.text[place : span.end]
