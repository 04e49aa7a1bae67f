"""What the inspector (质检) says of one call."""

import msgspec

from domain.evidence import Evidence


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One rule that was met or broken. points: added to the score, negative for a deduction; evidence is never empty
    for a deduction that rests on words; rules about what is missing name the span that was searched."""

    rule: str
    title: str
    points: int
    evidence: tuple[Evidence, ...]


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """The inspection of one recording (subject `call.<id>.inspection`). score: 0..100.

    transcribed_ms: how much sound had not been heard live and was transcribed from the recording.
    scorecard: name of the editable default that was applied; no national rule prescribes one.
    transcript: the version of the second transcript that was scored; "": what was heard live.
    """

    call_id: str
    at_ms: int
    score: int
    findings: tuple[Finding, ...]
    transcribed_ms: int
    scorecard: str
    transcript: str = ""
