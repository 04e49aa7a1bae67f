"""What has been said in a call so far: the assistant's only input."""

from dataclasses import dataclass
from functools import cached_property

from domain.evidence import CALLER_ID, Evidence
from domain.side import Side
from domain.speech import UtteranceFinal


@dataclass(frozen=True)
class Transcript:
    """Finals of both sides in the order of their arrival, each utterance_id once.

    caller_number: from the call's signalling, "" when unknown or withheld.
    """

    call_id: str
    caller_number: str
    utterances: tuple[UtteranceFinal, ...]

    @property
    def version(self) -> int:
        return len(self.utterances)

    @cached_property
    def in_time(self) -> tuple[UtteranceFinal, ...]:
        """The utterances by the start of their sound."""
        return tuple(sorted(self.utterances, key=lambda said: (said.start_ms, said.utterance_id)))

    @cached_property
    def by_caller(self) -> tuple[UtteranceFinal, ...]:
        return tuple(said for said in self.in_time if said.side is Side.CALLER)


def quote(said: UtteranceFinal, start: int, end: int, rule: str) -> Evidence:
    """Evidence for the half-open range of characters, clipped to the text."""
    start = max(0, min(start, len(said.text)))
    end = max(start, min(end, len(said.text)))
    return Evidence(
        utterance_id=said.utterance_id,
        chars=(start, end),
        ms=(_ms_at(said, start), _ms_at(said, end)),
        quote=said.text[start:end],
        rule=rule,
    )


def quote_caller_id(number: str, rule: str) -> Evidence:
    """Evidence that the number comes from the call's signalling."""
    return Evidence(utterance_id=CALLER_ID, chars=(0, 0), ms=(0, 0), quote=number, rule=rule)


def _ms_at(said: UtteranceFinal, position: int) -> int:
    """Where the character at `position` starts; interpolated where the recogniser gave no time for it."""
    if position >= len(said.text):
        return said.end_ms
    if position < len(said.char_ms):
        return said.char_ms[position]
    return said.start_ms + (said.end_ms - said.start_ms) * position // len(said.text)
