"""What of a caller's personal data each role may see. Masks keep every length, so that evidence stays in its place."""

from collections.abc import Collection

import msgspec

from desk.views import CallSummary, CallView, InspectionView, SecondTranscriptView, UtteranceView
from domain.evidence import Evidence
from domain.knowledge import Suggestion
from domain.privacy import mask_number, mask_text
from domain.speech import SpokenNumber, SpokenWords
from domain.ticket import FieldName
from storage.tickets import Ticket, TicketField
from storage.users import User, UserRole

replace = msgspec.structs.replace


def sees_numbers(user: User, agent_ids: Collection[str], full_numbers_for: tuple[str, ...]) -> bool:
    """Whether `user` sees the caller's number in full of a call of these agents: they do, and roles by settings."""
    if user.role is UserRole.AGENT:
        return bool(user.agent_id) and user.agent_id in agent_ids
    return user.role.value in full_numbers_for


def mask_summary(summary: CallSummary) -> CallSummary:
    return replace(summary, caller_number=mask_number(summary.caller_number))


def mask_call(view: CallView) -> CallView:
    return replace(
        view,
        caller_number=mask_number(view.caller_number),
        utterances=[mask_utterance(each) for each in view.utterances],
        ticket=mask_ticket(view.ticket),
        suggestions=mask_suggestions(view.suggestions),
        second_transcript=None if view.second_transcript is None else mask_second(view.second_transcript),
        inspection=None if view.inspection is None else mask_inspection(view.inspection),
    )


def mask_second(second: SecondTranscriptView) -> SecondTranscriptView:
    return replace(second, utterances=[mask_utterance(each) for each in second.utterances])


def mask_utterance(utterance: UtteranceView) -> UtteranceView:
    return replace(
        utterance,
        text=mask_text(utterance.text),
        numbers=tuple(_mask_number(number) for number in utterance.numbers),
        corrections=tuple(replace(each, original=mask_text(each.original)) for each in utterance.corrections),
        spoken=_mask_spoken(utterance),
    )


def mask_ticket(ticket: Ticket) -> Ticket:
    return replace(ticket, fields={name: _mask_field(name, field) for name, field in ticket.fields.items()})


def mask_suggestions(suggestions: tuple[Suggestion, ...]) -> tuple[Suggestion, ...]:
    return tuple(replace(each, evidence=_mask_evidence(each.evidence)) for each in suggestions)


def mask_inspection(inspection: InspectionView) -> InspectionView:
    findings = tuple(replace(each, evidence=_mask_evidence(each.evidence)) for each in inspection.findings)
    return replace(inspection, findings=findings)


def _mask_spoken(utterance: UtteranceView) -> tuple[SpokenWords, ...]:
    """Of a number that is masked the words tell no more: 一三八… is personal data as 138… is."""
    masked = mask_text(utterance.text)
    return tuple(
        replace(each, words="*" * len(each.words)) if "*" in masked[each.start : each.end] else each
        for each in utterance.spoken
    )


def _mask_number(number: SpokenNumber) -> SpokenNumber:
    """Which places are doubtful is a part of the number: who may not see it has no candidates."""
    return replace(number, digits=mask_number(number.digits), candidates=())


def _mask_field(name: str, field: TicketField) -> TicketField:
    mask = mask_number if name == FieldName.CALLBACK_NUMBER else mask_text
    return replace(
        field,
        value=mask(field.value),
        draft_value=mask(field.draft_value),
        evidence=_mask_evidence(field.evidence),
    )


def _mask_evidence(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return tuple(replace(each, quote=mask_text(each.quote)) for each in evidence)
