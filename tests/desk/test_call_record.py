"""The fold from events to a call's row."""

import random

import msgspec
import pytest

from desk.call_history import history
from desk.call_record import fold
from domain.call import AgentOffered, CallEnded, EndedBy, OfferEnded
from domain.side import Side
from domain.talk import CallFellSilent, CallSilenceEnded, Supervision, TalkChanged, TalkPhase
from domain.target import OfferOutcome
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


def silent_talk(story):
    """Both talk, and nobody has spoken since 5 s."""
    talking = TalkChanged(**BASE, number=6, at_ms=0, phase=TalkPhase.TALKING)
    return [*story.talking, talking, CallFellSilent(**BASE, number=7, at_ms=35_000, since_at_ms=5000)]


def test_a_silence_stands_in_the_row_until_it_is_over(story):
    row = fold(silent_talk(story))
    assert (row.talk.silent_since_ms, row.talk.silent_side) == (5000, None)
    ended = CallSilenceEnded(**BASE, number=8, at_ms=47_400, since_at_ms=5000)
    caller = CallFellSilent(**BASE, number=9, at_ms=47_400, since_at_ms=2000, side=Side.CALLER)
    assert fold([*silent_talk(story), ended]).talk.silent_since_ms is None
    row = fold([*silent_talk(story), ended, caller])
    assert (row.talk.silent_since_ms, row.talk.silent_side) == (2000, Side.CALLER)


def test_a_leader_who_listens_breaks_no_silence_and_a_hold_does(story):
    listened = TalkChanged(**BASE, number=8, at_ms=1, phase=TalkPhase.TALKING, supervision=Supervision.LISTEN)
    assert fold([*silent_talk(story), listened]).talk.silent_since_ms == 5000
    held = TalkChanged(**BASE, number=8, at_ms=1, phase=TalkPhase.HELD)
    assert fold([*silent_talk(story), held]).talk.silent_since_ms is None


def test_a_silence_that_is_over_is_a_step_of_the_call(story):
    ended = CallSilenceEnded(**BASE, number=8, at_ms=47_400, since_at_ms=5000, side=Side.CALLER)
    step = history([*silent_talk(story), ended])[-1]
    assert (step.what, step.how, step.lasted_ms) == ("silence_ended", "caller", 42_400)
