"""A caller who hangs up keeps the place and is called when it is their turn."""

import pytest

from domain.acd_event import (
    AgentBecameReady,
    AgentTookBreak,
    CallbackDialled,
    CallbackWanted,
    CallLeft,
    CallTaken,
    OfferClosed,
    OfferRefused,
    SwitchSilent,
)
from domain.acd_rules import AcdRules
from domain.agent import AgentState
from domain.target import OfferOutcome
from telephony.acd.actions import AcdAction, DropCall, RingPhone, SayPosition, StopRinging
from telephony.acd.time import next_deadline
from tests.telephony.acd.test_arrival import at
from tests.telephony.paper_queue import Queue, only, rung

NUMBER = "13812345678"


@pytest.fixture
def queue() -> Queue:
    queue = Queue(AcdRules())
    queue.now_ms = at("2026-11-24 10:00")
    return queue


def ask(queue: Queue, call_id: str = "c1", number: str = NUMBER) -> None:
    queue.tell(CallbackWanted, call_id=call_id, number=number)
    queue.tell(CallLeft, call_id=call_id, reason="to be called back")


def offer_of(actions: list[AcdAction]) -> RingPhone:
    (ring,) = only(actions, RingPhone)
    return ring


def test_it_is_offered_after_a_time_to_those_whose_number_is_known(queue: Queue) -> None:
    queue.enter("c1", caller_number=NUMBER)
    queue.enter("c2", caller_number="anonymous")
    told = only(queue.pass_until(queue.now_ms + 60_000), SayPosition)
    assert [(action.call_id, action.callback) for action in told] == [("c1", True)]


def test_who_asks_is_not_rung_for_while_listening_and_keeps_the_place(queue: Queue) -> None:
    for number in range(3):
        queue.enter(f"c{number}", caller_number=f"138{number}")
    queue.tell(CallbackWanted, call_id="c0", number=NUMBER)
    assert rung(queue.ready("a", "1001")) == [("c1", "a")]
    queue.tell(CallLeft, call_id="c0", reason="to be called back")
    assert queue.order() == ["c0", "c1", "c2"]
    ring = offer_of(queue.ready("b", "1002"))
    assert (ring.offer.call_id, ring.offer.callback_number, ring.offer.agent_id) == ("c0", NUMBER, "b")


def test_the_citizen_answers_and_the_queue_forgets_the_call(queue: Queue) -> None:
    queue.enter("c1", caller_number=NUMBER)
    ask(queue)
    offer = offer_of(queue.ready("a", "1001")).offer
    queue.tell(CallbackDialled, call_id="new", offer_id=offer.offer_id)
    queue.tell(OfferClosed, call_id="new", offer_id=offer.offer_id, agent_id="a", outcome=OfferOutcome.ANSWERED)
    queue.pass_until(queue.now_ms + 30_000)  # longer than a phone of ours may ring
    assert queue.agent("a")[0] is AgentState.RINGING
    queue.tell(CallTaken, call_id="new", offer_id=offer.offer_id, agent_id="a")
    assert queue.agent("a")[0] is AgentState.TALKING
    assert not queue.state.calls
    assert not queue.state.offers
    assert not queue.state.dials
    queue.tell(CallLeft, call_id="new", reason="bye")
    assert queue.agent("a")[0] is AgentState.WRAP_UP


def test_a_citizen_who_does_not_answer_is_tried_three_times_ten_minutes_apart(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.tell(AgentTookBreak, agent_id="a", reason="")
    queue.enter("c1", caller_number=NUMBER)
    ask(queue)
    actions = queue.tell(AgentBecameReady, agent_id="a")
    for number in range(3):
        offer = offer_of(actions).offer
        queue.tell(CallbackDialled, call_id=f"new{number}", offer_id=offer.offer_id)
        queue.tell(OfferClosed, call_id="n", offer_id=offer.offer_id, agent_id="a", outcome=OfferOutcome.ANSWERED)
        ended = queue.tell(CallLeft, call_id=f"new{number}", reason="no answer")
        assert queue.agent("a") == (AgentState.READY, "the citizen did not answer")
        actions = queue.pass_until(queue.now_ms + 600_000)
    assert [drop.reason for drop in only(ended, DropCall)] == ["not reached by call-back, 3 tries"]
    assert rung(actions) == []
    assert not queue.state.calls


def test_an_agent_who_does_not_answer_is_no_try_of_the_citizen(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.tell(AgentTookBreak, agent_id="a", reason="")
    queue.enter("c1", caller_number=NUMBER)
    ask(queue)
    offer = offer_of(queue.tell(AgentBecameReady, agent_id="a")).offer
    queue.tell(CallbackDialled, call_id="new", offer_id=offer.offer_id)
    queue.tell(OfferClosed, call_id="new", offer_id=offer.offer_id, agent_id="a", outcome=OfferOutcome.NO_ANSWER)
    assert queue.agent("a") == (AgentState.BREAK, "no answer")
    queue.tell(CallLeft, call_id="new", reason="the agent did not answer")
    assert queue.state.calls["c1"].tries == 0
    assert rung(queue.ready("b", "1002")) == [("c1", "b")]


def test_a_switch_that_cannot_dial_is_not_asked_at_once_again(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.enter("c0")
    queue.enter("c1", caller_number=NUMBER)
    ask(queue)
    queue.talk("c0")
    queue.tell(CallLeft, call_id="c0", reason="bye")
    offer = offer_of(queue.tell(AgentBecameReady, agent_id="a")).offer
    queue.tell(OfferRefused, call_id="c1", offer_id=offer.offer_id, reason="no trunk dials out")
    assert queue.agent("a")[0] is AgentState.READY
    assert rung(queue.pass_until(queue.now_ms + 599_000)) == []
    assert rung(queue.pass_until(queue.now_ms + 1000)) == [("c1", "a")]


def test_a_citizen_whose_telephone_rings_for_a_minute_is_given_up(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.tell(AgentTookBreak, agent_id="a", reason="")
    queue.enter("c1", caller_number=NUMBER)
    ask(queue)
    offer = offer_of(queue.tell(AgentBecameReady, agent_id="a")).offer
    queue.tell(CallbackDialled, call_id="new", offer_id=offer.offer_id)
    queue.tell(OfferClosed, call_id="new", offer_id=offer.offer_id, agent_id="a", outcome=OfferOutcome.ANSWERED)
    stopped = only(queue.pass_until(queue.now_ms + 63_000), StopRinging)
    assert [(action.call_id, action.offer_id) for action in stopped] == [("new", offer.offer_id)]
    assert queue.state.calls["c1"].tries == 1


def test_nobody_is_called_at_night(queue: Queue) -> None:
    queue.now_ms = at("2026-11-24 21:30")
    queue.enter("c1", caller_number=NUMBER)
    ask(queue)
    assert rung(queue.ready("a", "1001")) == []
    assert next_deadline(queue.state) == at("2026-11-25 08:00")
    assert rung(queue.pass_until(at("2026-11-25 08:00"))) == [("c1", "a")]


def test_who_was_queued_in_the_evening_is_not_called_after_the_hours_are_over(queue: Queue) -> None:
    queue.now_ms = at("2026-11-24 20:59")
    queue.enter("c1", caller_number=NUMBER)
    ask(queue)
    queue.now_ms = at("2026-11-24 21:01")
    assert rung(queue.ready("a", "1001")) == []
    assert rung(queue.pass_until(at("2026-11-25 08:00"))) == [("c1", "a")]


def test_a_citizen_who_calls_again_has_the_place_and_is_not_called_back(queue: Queue) -> None:
    queue.enter("c1", caller_number=NUMBER)
    ask(queue)
    queue.now_ms += 60_000
    queue.enter("c2", caller_number="139")
    queue.enter("c3", caller_number=NUMBER)
    assert queue.order() == ["c3", "c2"]


def test_who_asks_while_a_phone_rings_is_called_all_the_same(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.enter("c1", caller_number=NUMBER)
    assert only(queue.tell(CallbackWanted, call_id="c1", number=NUMBER), StopRinging)
    queue.tell(CallLeft, call_id="c1", reason="to be called back")
    assert rung(queue.pass_until(queue.now_ms + 500)) == [("c1", "a")]


def test_the_wish_outlives_the_switch_that_heard_it(queue: Queue) -> None:
    queue.enter("c1", caller_number=NUMBER)
    queue.tell(CallbackWanted, call_id="c1", number=NUMBER)
    queue.tell(SwitchSilent, call_id="c1")
    queue.now_ms += 30_000
    queue.tell(SwitchSilent, call_id="c1")
    assert rung(queue.ready("a", "1001")) == [("c1", "a")]


def test_a_citizen_who_answers_after_we_gave_up_is_not_called_again(queue: Queue) -> None:
    queue.enter("c1", caller_number=NUMBER)
    ask(queue)
    offer = offer_of(queue.ready("a", "1001")).offer
    queue.pass_until(queue.now_ms + 18_000)
    queue.tell(CallTaken, call_id="new", offer_id=offer.offer_id, agent_id="a")
    assert not queue.state.calls
