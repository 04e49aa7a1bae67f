"""The fold from events to a call's row."""

import random

import msgspec
import pytest

from desk.call_record import fold
from domain.call import AgentOffered, CallEnded, EndedBy, OfferEnded, OfferOutcome
from storage.calls import CallStatus

BASE = {"call_id": "call1", "switch_id": "switch-1"}


def test_the_status_follows_the_call(story):
    folded = [fold(story.events[: count + 1]) for count in range(len(story.events))]
    assert [row.status for row in folded] == [
        CallStatus.IVR,
        CallStatus.IVR,
        CallStatus.WAITING,
        CallStatus.RINGING,
        CallStatus.RINGING,
        CallStatus.TALKING,
        CallStatus.ENDED,
        CallStatus.ENDED,
    ]
    assert [row.agent_id for row in folded] == ["", "", "", "8001", "8001", "8001", "8001", "8001"]
    assert folded[-1].recording.path == "call1.wav"


def test_whatever_the_order_the_row_is_the_same(story):
    expected = fold(story.events)
    shuffled = list(story.events)
    for seed in range(50):
        random.Random(seed).shuffle(shuffled)
        assert fold(shuffled) == expected


@pytest.mark.parametrize("outcome", [outcome for outcome in OfferOutcome if outcome is not OfferOutcome.ANSWERED])
def test_an_offer_that_failed_gives_the_call_back_to_the_queue(story, outcome):
    failed = OfferEnded(**BASE, number=4, at_ms=0, offer_id="offer-1", agent_id="8001", outcome=outcome)
    row = fold([*story.ringing, failed])
    assert (row.status, row.agent_id) == (CallStatus.WAITING, "")
    second = AgentOffered(**BASE, number=5, at_ms=0, offer_id="offer-2", agent_id="8002", extension="8002")
    late = OfferEnded(**BASE, number=6, at_ms=0, offer_id="offer-1", agent_id="8001", outcome=outcome)
    row = fold([*story.ringing, failed, second, late])
    assert (row.status, row.agent_id) == (CallStatus.RINGING, "8002")


def test_who_hung_up_while_it_rang_belongs_to_no_agent(story):
    ended = CallEnded(**BASE, number=4, at_ms=0, by=EndedBy.CALLER, cause="cancel")
    row = fold([*story.ringing, ended])
    assert (row.status, row.agent_id) == (CallStatus.ENDED, "")


def test_a_number_that_is_no_text_is_made_one(story):
    odd = msgspec.structs.replace(story.events[0], caller_number="1\x002")
    assert fold([odd]).caller_number == "12"
