"""A field that is words as they were said is believed no more than the recogniser believes those words. Pure."""

import msgspec

from agent_assist.transcript import Transcript
from domain.ticket import DraftField, FieldName

LITERAL = frozenset({FieldName.LOCATION, FieldName.CALLER_NAME, FieldName.CALLBACK_NUMBER})
"""Of which each character counts, and no rule would notice a wrong one."""


def weighed(field: DraftField, transcript: Transcript) -> DraftField:
    """The field with its confidence times that of the characters that it stands on, where the recogniser tells it."""
    if field.name not in LITERAL:
        return field
    told = {said.utterance_id: said.char_confidence for said in transcript.utterances}
    heard = [
        confidence
        for evidence in field.evidence
        for confidence in told.get(evidence.utterance_id, ())[slice(*evidence.chars)]
    ]
    if not heard:
        return field
    return msgspec.structs.replace(field, confidence=round(field.confidence * sum(heard) / len(heard), 2))
