"""Numbers that callers read out digit by digit: which one several hearings of a clip make of it. Pure.

A recogniser of words writes 幺 as 要, 零 as 林 and loses every second of two equal digits. So the clip is heard again
with nothing but sounds of digits allowed, at several speeds; only what all hearings agree on is sure.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from asr.confidence import mean_confidence
from asr.number_span import NumberSpan, number_span, sounding_digit
from asr.recogniser import Heard, Hypothesis
from domain.speech import Correction, NumberKind, SpokenNumber

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
class Reading:
    """digits: the likeliest number; sure: all hearings agree; candidates: the likeliest ones, `digits` first."""

    digits: str
    sure: bool
    candidates: tuple[str, ...]


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


def heard_alike(kind: NumberKind, one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    """Whether two hearings have the same likeliest number."""
    best = [max((d for d in hearing if fits(kind, d)), key=hearing.__getitem__, default="") for hearing in (one, other)]
    return best[0] == best[1] != ""


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


def _best(hearing: Mapping[str, float]) -> str:
    return max(hearing, key=lambda digits: hearing[digits])


def _score(digits: str, hearings: Sequence[Mapping[str, float]]) -> float:
    """Log probability by all hearings; what one has not found costs _FLOOR there."""
    most = [max(hearing.values()) for hearing in hearings]
    return _FLATTENING * sum(
        hearing.get(digits, top + _FLOOR) - top for hearing, top in zip(hearings, most, strict=True)
    )


def _original(heard: Heard, span: NumberSpan) -> str:
    """What the engine itself wrote in this place; a correction that reaches beyond it is left as it is believed."""
    out, place = "", span.start
    for one in heard.corrections:
        if span.start <= one.start and one.end <= span.end:
            out += heard.text[place : one.start] + one.original
            place = one.end
    return out + heard.text[place : span.end]
