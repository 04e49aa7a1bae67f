"""The second transcript (复核) of a finished call: its whole recording, heard again when there is time."""

from enum import StrEnum

import msgspec

from domain.speech import UtteranceFinal


class TranscriptState(StrEnum):
    """How far the second transcript is. UNREADABLE: the recording is missing or damaged, and there will be none."""

    UNDER_WAY = "under_way"
    DONE = "done"
    UNREADABLE = "unreadable"


class TranscriptReached(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="state"):
    """The transcript of this version has come so far (subject `call.<id>.transcript`, stored).

    version: which recipe and engine wrote it; words of two versions are never mixed. utterances: how many it has, all
    of them said before DONE. recording_ms: its length; took_ms: how long it took, waits for live calls included.
    reason: of UNREADABLE, for the operator.
    """

    call_id: str
    version: str
    state: TranscriptState
    at_ms: int
    utterances: int = 0
    recording_ms: int = 0
    took_ms: int = 0
    reason: str = ""


class TranscriptWords(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="words"):
    """Some of its utterances (subject `call.<id>.transcript`, stored); their ids are not those of the live ones."""

    call_id: str
    version: str
    utterances: tuple[UtteranceFinal, ...]


TranscriptMessage = TranscriptReached | TranscriptWords
