"""The draft ticket (工单草稿) that the assistant proposes and the agent owns."""

from enum import StrEnum

import msgspec

from domain.evidence import Evidence


class AppealType(StrEnum):
    """DB12/T 1438-2025."""

    CONSULT = "咨询"
    HELP = "求助"
    COMPLAINT = "投诉"
    REPORT = "举报"
    SUGGESTION = "建议"
    PRAISE = "表扬"


class Urgency(StrEnum):
    """The survey's four levels of feedback: 2 h, 24 h, 7 days, 15 days."""

    EMERGENCY = "特急"
    URGENT = "紧急"
    NORMAL = "一般"
    COMPLEX = "复杂"


class FieldName(StrEnum):
    APPEAL_TYPE = "appeal_type"
    TITLE = "title"
    SUMMARY = "summary"
    CATEGORY = "category"
    LOCATION = "location"
    CALLER_NAME = "caller_name"
    CALLBACK_NUMBER = "callback_number"
    URGENCY = "urgency"
    DEPARTMENT = "department"


class DraftField(msgspec.Struct, frozen=True, kw_only=True):
    """One proposed field; `evidence` is never empty. confidence: 0..1."""

    name: FieldName
    value: str
    confidence: float
    evidence: tuple[Evidence, ...]


class DraftUpdated(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="draft"):
    """The whole draft anew (subject `call.<id>.assist`): fields without evidence are absent.

    version: counts from 1 for one call, derived from the number of utterances read, so that whoever computes it agrees.
    after_utterance: the last utterance that it has read; final_at_ms: when its text was recognised (Unix, ms).
    """

    call_id: str
    version: int
    at_ms: int
    after_utterance: str
    final_at_ms: int
    fields: tuple[DraftField, ...]


class AskLocation(msgspec.Struct, frozen=True, kw_only=True):
    """Where does this call's ticket say that it happened?"""

    call_id: str


class TicketLocation(msgspec.Struct, frozen=True, kw_only=True):
    """location: as the agent has edited it, else as the draft has it; "" where it is not known (yet)."""

    location: str
