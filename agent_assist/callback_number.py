"""The number to call back: read out by the caller, read back by the agent, or the one that the call came from."""

import re

import msgspec

from agent_assist.digits import DigitRun, digit_runs, is_measured
from agent_assist.transcript import Transcript, quote, quote_caller_id
from domain.evidence import Evidence
from domain.side import Side
from domain.speech import UtteranceFinal
from domain.ticket import DraftField, FieldName

_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}[2-8]\d{6,7}|[2-8]\d{6,7}")
_THIS_NUMBER = re.compile(
    r"(?:就|用)?(?:打|留|是|用|记|联系)?(?:我)?(?:现在)?(?:的)?这个(?:电话|号码|手机|号)|本机|来电(?:号码|电话|显示)|这个号就行|打过来的(?:电话|号码)|正在(?:打|用)的"
)
_OTHER_NUMBER = re.compile(r"(?:不是|不要|别|不用|换)(?:打|用|留)?(?:我)?(?:现在)?这个")
_MOST_GAP_MS = 6000
_UNSURE = 0.45
"""Less than the caller's own number has: somebody has to confirm it."""


class _Candidate(msgspec.Struct, frozen=True):
    number: str
    confidence: float
    evidence: tuple[Evidence, ...]


def find_callback_number(transcript: Transcript) -> DraftField | None:
    """A number that was said beats 'this number', which beats the caller's number alone."""
    spoken = max(
        _spoken_numbers(transcript), key=lambda candidate: (candidate.confidence, candidate.number), default=None
    )
    if spoken is not None:
        return _field(spoken.number, spoken.confidence, spoken.evidence)
    if not transcript.caller_number:
        return None
    caller_id = quote_caller_id(transcript.caller_number, "callback.caller_id")
    agreed = _agreed_on_this_number(transcript)
    if agreed is not None:
        return _field(transcript.caller_number, 0.9, (agreed, caller_id))
    return _field(transcript.caller_number, 0.5, (caller_id,))


def _field(number: str, confidence: float, evidence: tuple[Evidence, ...]) -> DraftField:
    return DraftField(name=FieldName.CALLBACK_NUMBER, value=number, confidence=confidence, evidence=evidence)


def _agreed_on_this_number(transcript: Transcript) -> Evidence | None:
    for said in reversed(transcript.by_caller):
        match = _THIS_NUMBER.search(said.text)
        if match and not _OTHER_NUMBER.search(said.text):
            return quote(said, match.start(), match.end(), "callback.this_number")
    return None


def _spoken_numbers(transcript: Transcript) -> list[_Candidate]:
    """Whole numbers of each side, joined over pauses; said by both sides counts most, the later before the earlier."""
    candidates: dict[str, _Candidate] = {}
    for side in (Side.CALLER, Side.AGENT):
        parts: list[tuple[UtteranceFinal, DigitRun]] = []
        for said in transcript.in_time:
            if said.side is not side:
                continue
            runs = [run for run in digit_runs(said.text) if not is_measured(said.text, run)]
            if runs and parts and said.start_ms - parts[-1][0].end_ms > _MOST_GAP_MS:
                parts = []
            for run in runs:
                parts.append((said, run))
                found = _whole_number(parts)
                if found is not None:
                    earlier = candidates.get(found.number)
                    candidates.pop(found.number, None)
                    candidates[found.number] = _confirmed(earlier, found) if earlier else found
    order = {number: place for place, number in enumerate(candidates)}
    return [
        msgspec.structs.replace(candidate, confidence=round(candidate.confidence + 0.001 * order[number], 3))
        for number, candidate in candidates.items()
    ]


def _confirmed(earlier: _Candidate, later: _Candidate) -> _Candidate:
    confidence = min(0.98, max(earlier.confidence, later.confidence) + 0.1)
    return _Candidate(later.number, confidence, (*earlier.evidence, *later.evidence)[:4])


def _whole_number(parts: list[tuple[UtteranceFinal, DigitRun]]) -> _Candidate | None:
    """A telephone number that the last one to four runs make together."""
    for count in range(1, min(4, len(parts)) + 1):
        last = parts[-count:]
        digits = "".join(run.digits for _, run in last)
        digits = digits[2:] if digits.startswith("86") and _MOBILE.fullmatch(digits[2:]) else digits
        mobile = _MOBILE.fullmatch(digits) is not None
        if not mobile and not (count <= 2 and _LANDLINE.fullmatch(digits)):
            continue
        guessed = sum(run.guessed for _, run in last)
        evidence = tuple(quote(said, run.start, run.end, "callback.digits") for said, run in last)
        confidence = (0.85 if mobile else 0.6) - 0.1 * min(guessed, 3) - 0.03 * (count - 1)
        if not all(_is_sure(said, run) for said, run in last):
            confidence = min(confidence, _UNSURE)
        return _Candidate(digits, round(confidence, 2), evidence)
    return None


def _is_sure(said: UtteranceFinal, run: DigitRun) -> bool:
    """Whether the listener has no doubt about these digits, or has not looked at them as a number."""
    return all(number.sure or number.end <= run.start or run.end <= number.start for number in said.numbers)
