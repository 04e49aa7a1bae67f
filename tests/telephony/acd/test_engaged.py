"""Agents who are rung or talk without an offer of the queue."""

import pytest

from domain.acd_event import (
    AgentBecameReady,
    AgentEngaged,
    AgentForced,
    AgentReleased,
    AgentTookBreak,
    CallLeft,
    CallTaken,
    ColleaguesEngaged,
    OfferClosed,
)
from domain.agent import AgentState
from domain.target import OfferOutcome
from telephony.acd.actions import StopRinging
from tests.telephony.paper_queue import Queue, only, rung


@pytest.fixture
def queue() -> Queue:
    queue = Queue()
    queue.ready("a", "1001")
    queue.now_ms += 1
    queue.ready("b", "1002")
    queue.now_ms += 1
    return queue


def talking(queue: Queue, call_id: str = "c1") -> None:
    queue.enter(call_id)
    queue.talk(call_id)


def test_a_call_that_is_transferred_frees_one_agent_and_takes_the_other(queue: Queue) -> None:
    talking(queue)
    queue.tell(AgentEngaged, call_id="c1", agent_id="b", talking=False)
    assert queue.agent("b")[0] is AgentState.RINGING
    assert rung(queue.enter("c2")) == []  # nobody is free
    queue.tell(AgentReleased, call_id="c1", agent_id="a", reason="transferred the call")
    assert queue.agent("a") == (AgentState.WRAP_UP, "transferred the call")
    queue.tell(AgentEngaged, call_id="c1", agent_id="b", talking=True)
    assert queue.agent("b")[0] is AgentState.TALKING
    queue.tell(CallLeft, call_id="c1", reason="bye")
    assert queue.agent("b") == (AgentState.WRAP_UP, "bye")


def test_a_call_that_is_transferred_to_a_queue_waits_there(queue: Queue) -> None:
    talking(queue)
    queue.tell(AgentReleased, call_id="c1", agent_id="a", reason="transferred the call")
    assert rung(queue.enter("c1")) == [("c1", "b")]


def test_both_are_released_when_a_conference_ends(queue: Queue) -> None:
    talking(queue)
    queue.tell(AgentEngaged, call_id="c1", agent_id="b", talking=True)
    queue.tell(CallLeft, call_id="c1", reason="bye")
    assert queue.agent("a")[0] is queue.agent("b")[0] is AgentState.WRAP_UP


def test_who_was_rung_in_vain_is_as_before(queue: Queue) -> None:
    queue.tell(AgentTookBreak, agent_id="b", reason="lunch")
    idle_since_ms = queue.state.agents["a"].idle_since_ms
    queue.now_ms += 5000
    for agent_id in ("a", "b"):
        queue.tell(AgentEngaged, call_id="c9", agent_id=agent_id, talking=False)
        assert queue.agent(agent_id)[0] is AgentState.RINGING
        queue.tell(AgentReleased, call_id="c9", agent_id=agent_id, reason="no answer")
    assert queue.agent("a")[0] is AgentState.READY
    assert queue.state.agents["a"].idle_since_ms == idle_since_ms
    assert queue.agent("b") == (AgentState.BREAK, "lunch")


def test_a_break_is_where_one_comes_back_to_after_a_talk_out_of_it(queue: Queue) -> None:
    queue.tell(AgentTookBreak, agent_id="b", reason="lunch")
    queue.tell(AgentEngaged, call_id="c9", agent_id="b", talking=False)
    queue.tell(AgentEngaged, call_id="c9", agent_id="b", talking=True)
    queue.tell(CallLeft, call_id="c9", reason="bye")
    assert queue.agent("b") == (AgentState.BREAK, "lunch")


def test_an_offer_that_rings_gives_way_to_the_agents_own_call(queue: Queue) -> None:
    queue.enter("c1")
    offer = queue.state.calls["c1"].offer_id
    actions = queue.tell(AgentEngaged, call_id="out", agent_id="a", talking=False)
    assert [action.offer_id for action in only(actions, StopRinging)] == [offer]
    assert queue.agent("a")[0] is AgentState.RINGING
    queue.tell(OfferClosed, call_id="c1", offer_id=offer, agent_id="a", outcome=OfferOutcome.CANCELLED)
    assert rung(queue.pass_time(500)) == [("c1", "b")]
    queue.tell(CallLeft, call_id="out", reason="no answer")
    assert queue.agent("a")[0] is AgentState.READY


def test_one_who_talks_elsewhere_is_not_taken_away(queue: Queue) -> None:
    talking(queue)
    queue.tell(AgentEngaged, call_id="c9", agent_id="a", talking=True)
    assert queue.state.agents["a"].call_id == "c1"
    queue.tell(AgentReleased, call_id="c9", agent_id="a", reason="x")
    assert queue.agent("a")[0] is AgentState.TALKING


def colleagues(queue: Queue, *, talking: bool, call_id: str = "c9") -> None:
    queue.tell(ColleaguesEngaged, call_id=call_id, agent_ids=("a", "b", "nobody"), talking=talking)


def test_agents_who_call_each_other_are_offered_no_caller_and_have_nothing_to_write_up(queue: Queue) -> None:
    turns = {agent_id: queue.state.agents[agent_id].idle_since_ms for agent_id in ("a", "b")}
    colleagues(queue, talking=False)
    assert queue.agent("a") == queue.agent("b") == (AgentState.RINGING, "with a colleague")
    assert rung(queue.enter("c1")) == []
    colleagues(queue, talking=True)
    assert queue.agent("a") == queue.agent("b") == (AgentState.TALKING, "with a colleague")
    queue.now_ms += 60_000
    actions = queue.tell(CallLeft, call_id="c9", reason="bye")
    assert rung(actions) == [("c1", "a")]
    assert queue.agent("b")[0] is AgentState.READY
    assert {agent_id: queue.state.agents[agent_id].idle_since_ms for agent_id in ("a", "b")} == turns


def test_who_was_on_a_break_or_asks_for_one_meanwhile_has_it_after_the_colleague(queue: Queue) -> None:
    queue.tell(AgentTookBreak, agent_id="a", reason="lunch")
    colleagues(queue, talking=True)
    queue.tell(AgentTookBreak, agent_id="b", reason="tea")
    queue.tell(CallLeft, call_id="c9", reason="bye")
    assert (queue.agent("a"), queue.agent("b")) == ((AgentState.BREAK, "lunch"), (AgentState.BREAK, "tea"))
    colleagues(queue, talking=True, call_id="c10")
    queue.tell(AgentBecameReady, agent_id="a")
    queue.tell(AgentForced, agent_id="b", state="signed_out", by="陈", reason="下班")
    queue.tell(CallLeft, call_id="c10", reason="bye")
    assert queue.agent("a")[0] is AgentState.READY
    assert "b" not in queue.state.agents


def test_a_caller_whom_the_switch_connects_after_a_colleague_is_written_up_again(queue: Queue) -> None:
    colleagues(queue, talking=False)
    queue.enter("c1")
    queue.tell(CallTaken, call_id="c1", offer_id="", agent_id="a")
    queue.tell(CallLeft, call_id="c9", reason="bye")
    assert (queue.agent("a")[0], queue.agent("b")[0]) == (AgentState.TALKING, AgentState.READY)
    queue.tell(CallLeft, call_id="c1", reason="bye")
    assert queue.agent("a") == (AgentState.WRAP_UP, "bye")


def test_one_who_talks_with_a_caller_goes_on_doing_so(queue: Queue) -> None:
    talking(queue)
    colleagues(queue, talking=False)
    assert queue.agent("a") == (AgentState.TALKING, "")
    queue.tell(CallLeft, call_id="c9", reason="busy")
    assert queue.agent("a")[0] is AgentState.TALKING
