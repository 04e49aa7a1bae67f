"""The recogniser's doubt becomes the draft's."""

import msgspec
import pytest

from agent_assist.draft import Drafter
from agent_assist.heard_surely import weighed
from agent_assist.transcript import Transcript, quote
from domain.side import Side
from domain.ticket import DraftField, FieldName
from tests.recordings.test_inspection import said

TEXT = "在人民路28号，灯坏了。"


def call(*confidence: float) -> Transcript:
    final = msgspec.structs.replace(said(Side.CALLER, 0, 0, TEXT), char_confidence=confidence)
    return Transcript("c", "", (final,))


def field(transcript: Transcript, name: FieldName = FieldName.LOCATION) -> DraftField:
    evidence = (quote(transcript.utterances[0], 1, 7, "r"),)
    return DraftField(name=name, value="人民路28号", confidence=0.8, evidence=evidence)


def test_a_place_is_believed_as_its_characters_are() -> None:
    transcript = call(0.1, *(0.5,) * 6, *(0.1,) * (len(TEXT) - 7))
    assert weighed(field(transcript), transcript).confidence == pytest.approx(0.4)


def test_what_is_not_written_as_it_was_said_and_engines_that_tell_nothing_change_nothing() -> None:
    doubted, silent = call(*(0.5,) * len(TEXT)), call()
    assert weighed(field(doubted, FieldName.TITLE), doubted).confidence == 0.8
    assert weighed(field(silent), silent).confidence == 0.8


def test_the_draft_says_it() -> None:
    def location(transcript: Transcript) -> float:
        fields = Drafter().fields(transcript)
        return next(each.confidence for each in fields if each.name is FieldName.LOCATION)

    assert location(call(*(0.4,) * len(TEXT))) < 0.5 * location(call(*(0.95,) * len(TEXT)))
