"""The queue's decisions, one rule at a time."""

import pytest

from domain.acd_event import (
    AgentBecameReady,
    AgentForced,
    AgentSignedIn,
    AgentSignedOut,
    AgentTookBreak,
    CallEntered,
    CallLeft,
    CallTaken,
    OfferClosed,
    OfferRefused,
    OfferRinging,
    PhoneSeen,
    SnapshotTaken,
    SwitchAnswered,
    SwitchSilent,
)
from domain.acd_rules import AcdRules
from domain.agent import AgentState, SetReady, SignIn, SignOut, TakeBreak
from domain.errors import RefusedError
from domain.target import OfferOutcome
from telephony.acd.actions import DropCall, RingPhone, SayPosition, ShowAgent, StopRinging
from telephony.acd.commands import event_of_command
from telephony.acd.decision import decide
from telephony.acd.moves import PHONE_GONE
from telephony.acd.state import AcdState, snapshot_parts
from telephony.acd.time import next_deadline
from tests.telephony.paper_queue import FAR_MS, Queue, only, rung, said


@pytest.fixture
def queue() -> Queue:
    return Queue()


def test_first_come_first_served_by_the_agent_who_is_idle_longest(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.now_ms += 1
    queue.ready("b", "1002")
    queue.now_ms += 5000
    actions = queue.enter("c1")
    assert rung(actions) == [("c1", "a")]
    assert only(actions, RingPhone)[0].offer.expires_at_ms == queue.now_ms + 15_000
    assert said(actions) == []
    assert rung(queue.enter("c2")) == [("c2", "b")]
    queue.enter("c3")
    queue.enter("c4")
    queue.talk("c1")
    queue.tell(CallLeft, call_id="c1", reason="bye")
    assert queue.agent("a") == (AgentState.WRAP_UP, "bye")
    assert rung(queue.tell(AgentBecameReady, agent_id="a")) == [("c3", "a")]


def test_priority_goes_before_arrival_and_queues_have_their_own_agents(queue: Queue) -> None:
    queue.enter("c1")
    queue.enter("c2", priority=5)
    queue.enter("c3", queue="english", priority=9)
    assert rung(queue.ready("a", "1001")) == [("c2", "a")]
    assert rung(queue.ready("b", "1002", ("english", "default"))) == [("c3", "b")]


def test_the_page_pops_before_the_phone_rings_and_every_action_has_a_reason(queue: Queue) -> None:
    queue.enter("c1")
    actions = queue.ready("a", "1001")
    assert [type(action) for action in actions] == [ShowAgent, RingPhone]
    assert only(actions, RingPhone)[0].reason
    assert only(actions, ShowAgent)[0].agent.call_id == "c1"


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (OfferOutcome.NO_ANSWER, "no answer"),
        (OfferOutcome.REJECTED, "rejected the call"),
        (OfferOutcome.UNREACHABLE, PHONE_GONE),
    ],
)
def test_an_agent_who_does_not_take_the_call_is_put_on_break_and_the_next_is_rung(
    queue: Queue, outcome: OfferOutcome, reason: str
) -> None:
    queue.ready("a", "1001")
    queue.ready("b", "1002")
    queue.enter("c1")
    queue.enter("c2")
    queue.tell(AgentTookBreak, agent_id="b", reason="")
    queue.tell(AgentBecameReady, agent_id="b")
    offer = queue.state.calls["c1"].offer_id
    actions = queue.tell(OfferClosed, call_id="c1", offer_id=offer, agent_id="a", outcome=outcome)
    assert queue.agent("a") == (AgentState.BREAK, reason)
    queue.tell(AgentSignedOut, agent_id="b")
    actions = queue.pass_time(1000) + queue.ready("d", "1004")
    assert rung(actions) == [("c1", "d")]  # c1 kept its place before c2


def test_an_offer_that_nobody_reports_on_times_out_by_itself(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.ready("b", "1002")
    queue.enter("c1")
    first = queue.state.calls["c1"].offer_id
    assert next_deadline(queue.state) == queue.now_ms + 18_000
    actions = queue.pass_time(18_000)
    assert [action.offer_id for action in only(actions, StopRinging)] == [first]
    assert rung(actions) == []  # the switch needs a moment to stop ringing
    assert rung(queue.pass_time(500)) == [("c1", "b")]
    assert queue.agent("a") == (AgentState.BREAK, "no answer")
    late = queue.tell(OfferClosed, call_id="c1", offer_id=first, agent_id="a", outcome=OfferOutcome.CANCELLED)
    assert late == []


def test_a_caller_who_hangs_up_leaves_and_the_phone_stops_ringing(queue: Queue) -> None:
    queue.ready("a", "1001")
    idle_since_ms = queue.now_ms
    queue.now_ms += 1000
    queue.enter("c1")
    actions = queue.tell(CallLeft, call_id="c1", reason="bye")
    assert [action.call_id for action in only(actions, StopRinging)] == ["c1"]
    assert [action.reason for action in only(actions, DropCall)] == ["bye"]
    assert queue.agent("a") == (AgentState.READY, "bye")
    assert queue.state.agents["a"].idle_since_ms == idle_since_ms
    assert not queue.state.calls
    assert not queue.state.offers


def test_answered_becomes_talking_and_then_wrap_up_without_limit(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.enter("c1")
    offer = queue.state.calls["c1"].offer_id
    queue.tell(OfferRinging, call_id="c1", offer_id=offer)
    assert queue.state.offers[offer].ringing
    queue.tell(OfferClosed, call_id="c1", offer_id=offer, agent_id="a", outcome=OfferOutcome.ANSWERED)
    queue.tell(CallTaken, call_id="c1", offer_id=offer, agent_id="a")
    assert queue.agent("a")[0] is AgentState.TALKING
    assert not queue.state.calls
    queue.tell(CallLeft, call_id="c1", reason="bye")
    assert queue.agent("a")[0] is AgentState.WRAP_UP
    assert queue.state.agents["a"].call_id == "c1"
    assert next_deadline(queue.state) == FAR_MS + queue.rules.phone_grace_ms


def test_wrap_up_with_a_limit_ends_by_itself() -> None:
    queue = Queue(AcdRules(wrap_up_limit_ms=60_000))
    queue.ready("a", "1001")
    queue.enter("c1")
    queue.talk("c1")
    queue.tell(CallLeft, call_id="c1", reason="bye")
    queue.enter("c2")
    assert next_deadline(queue.state) == queue.now_ms + 60_000
    assert rung(queue.pass_time(60_000)) == [("c2", "a")]


def test_a_break_while_talking_begins_after_the_call_and_can_be_taken_back(queue: Queue) -> None:
    queue.ready("a", "1001")
    for call_id, taken_back in (("c1", False), ("c2", True)):
        queue.enter(call_id)
        queue.talk(call_id)
        queue.tell(AgentTookBreak, agent_id="a", reason="lunch")
        assert queue.agent("a")[0] is AgentState.TALKING
        if taken_back:
            queue.tell(AgentBecameReady, agent_id="a")
        queue.tell(CallLeft, call_id=call_id, reason="bye")
        assert queue.agent("a") == ((AgentState.WRAP_UP, "bye") if taken_back else (AgentState.BREAK, "lunch"))
        queue.tell(AgentBecameReady, agent_id="a")


def test_a_break_while_ringing_passes_the_call_on(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.ready("b", "1002")
    queue.enter("c1")
    assert only(queue.tell(AgentTookBreak, agent_id="a", reason="cough"), StopRinging)
    assert queue.agent("a") == (AgentState.BREAK, "cough")
    assert rung(queue.pass_time(500)) == [("c1", "b")]


def test_a_phone_that_goes_or_expires_takes_its_agent_out(queue: Queue) -> None:
    queue.ready("a", "1001")
    actions = queue.tell(PhoneSeen, extension="1001", registered=False, expires_at_ms=0)
    assert queue.agent("a") == (AgentState.BREAK, PHONE_GONE)
    assert only(actions, ShowAgent)[0].phone_registered is False
    queue.tell(PhoneSeen, extension="1001", registered=True, expires_at_ms=queue.now_ms + 60_000)
    queue.tell(AgentBecameReady, agent_id="a")
    assert queue.agent("a")[0] is AgentState.READY
    queue.pass_time(60_000)
    assert queue.agent("a")[0] is AgentState.READY  # a refresh may be late
    queue.pass_time(queue.rules.phone_grace_ms)
    assert queue.agent("a") == (AgentState.BREAK, PHONE_GONE)


def test_positions_are_told_on_entering_and_when_they_change_but_not_more_often_than_every_20_s(queue: Queue) -> None:
    assert said(queue.enter("c1")) == [("c1", 0)]
    assert said(queue.enter("c2")) == [("c2", 1)]
    queue.now_ms += 5000
    assert said(queue.tell(CallLeft, call_id="c1", reason="bye")) == []
    assert next_deadline(queue.state) == queue.now_ms + 15_000
    assert said(queue.pass_time(15_000)) == [("c2", 0)]
    assert next_deadline(queue.state) is None


def test_a_switch_that_refuses_is_asked_again_and_the_agent_keeps_the_turn(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.enter("c1")
    offer = queue.state.calls["c1"].offer_id
    queue.tell(OfferRefused, call_id="c1", offer_id=offer, reason="no free port")
    assert queue.agent("a") == (AgentState.READY, "the switch refused: no free port")
    assert rung(queue.pass_time(500)) == [("c1", "a")]


def test_a_call_of_a_silent_switch_is_not_offered_is_probed_and_dropped_after_30_s(queue: Queue) -> None:
    queue.enter("c1")
    queue.tell(SwitchSilent, call_id="c1")
    assert rung(queue.ready("a", "1001")) == []
    assert rung(queue.enter("c2")) == [("c2", "a")]
    for _ in range(14):
        probes = [action.call_id for action in only(queue.pass_time(2000), SayPosition) if action.probe]
        assert probes == ["c1"]
        queue.tell(SwitchSilent, call_id="c1")
    queue.pass_time(2000)
    assert [action.call_id for action in only(queue.tell(SwitchSilent, call_id="c1"), DropCall)] == ["c1"]


def test_a_switch_that_answers_again_has_its_callers_offered_from_their_old_place(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.enter("c1")
    queue.enter("c2")
    queue.tell(SwitchSilent, call_id="c1")  # while ringing
    assert queue.state.calls["c2"].offer_id
    queue.tell(AgentTookBreak, agent_id="a", reason="")
    queue.tell(SwitchAnswered, call_id="c1")
    queue.pass_time(500)
    assert rung(queue.tell(AgentBecameReady, agent_id="a")) == [("c1", "a")]


def test_who_talks_is_what_the_switch_says_even_after_the_queue_gave_the_offer_up(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.ready("b", "1002")
    queue.enter("c1")
    old = queue.state.calls["c1"].offer_id
    queue.pass_time(18_000)
    assert rung(queue.pass_time(500)) == [("c1", "b")]
    actions = queue.tell(CallTaken, call_id="c1", offer_id=old, agent_id="a")
    assert queue.agent("a")[0] is AgentState.TALKING
    assert queue.agent("b")[0] is AgentState.READY
    assert len(only(actions, StopRinging)) == 1


def test_an_agent_who_talks_already_rings_for_nobody_else(queue: Queue) -> None:
    queue.enter("c1")
    queue.enter("c2")
    queue.ready("a", "1001")
    ringing = queue.state.calls["c1"].offer_id
    actions = queue.tell(CallTaken, call_id="c2", offer_id="given-up", agent_id="a")
    assert [action.offer_id for action in only(actions, StopRinging)] == [ringing]
    assert queue.agent("a")[0] is AgentState.TALKING
    assert list(queue.state.calls) == ["c1"]
    assert not queue.state.offers


def test_the_same_event_twice_counts_once(queue: Queue) -> None:
    event = CallEntered(event_id="call:c1.3", at_ms=1, call_id="c1", queue="default", priority=0, entered_at_ms=1)
    state, _ = decide(AcdState(), event)
    state, _ = decide(state, CallLeft(event_id="call:c1.9", at_ms=2, call_id="c1", reason="bye"))
    again, actions = decide(state, event)
    assert again is state
    assert actions == []


def test_a_snapshot_replaces_what_was_before(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.enter("c1")
    snapshot = SnapshotTaken(event_id="s", at_ms=queue.now_ms, state=snapshot_parts(queue.state)[0])
    assert decide(AcdState(), snapshot) == (queue.state, [])


def test_commands_are_refused_with_a_reason(queue: Queue) -> None:
    def ask(agent_id: str, command: SignIn | SetReady | TakeBreak | SignOut) -> str:
        try:
            event_of_command(queue.state, agent_id, command, "x", queue.now_ms)
        except RefusedError as error:
            return error.what
        return ""

    assert ask("a", SetReady()) == "not signed in"
    queue.tell(AgentSignedIn, agent_id="a", name="王", extension="1001", queues=("default",))
    assert ask("b", SignIn(name="李", extension="1001")) == "phone 1001 is used by 王"
    assert ask("a", SignIn(name="王", extension="1001")) == ""
    assert ask("a", SetReady()) == "phone 1001 is not registered"
    queue.ready("a", "1001")
    queue.enter("c1")
    assert ask("a", SetReady()) == "a call is ringing"
    assert ask("a", SignIn(name="王", extension="1002")) == "busy at phone 1001 (ringing)"
    queue.talk("c1")
    assert ask("a", SignOut()) == "still talking"
    assert ask("a", TakeBreak(reason="tea")) == ""
    queue.tell(CallLeft, call_id="c1", reason="bye")
    assert ask("a", SignOut()) == ""
    assert only(queue.tell(AgentSignedOut, agent_id="a"), ShowAgent)[0].agent.state is AgentState.SIGNED_OUT


def test_a_team_leader_forces_states_and_the_agent_reads_who_and_why(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.tell(AgentForced, agent_id="a", state="break", by="陈班长", reason="开会")
    assert queue.agent("a") == (AgentState.BREAK, "forced by 陈班长: 开会")
    queue.enter("c1")
    assert rung(queue.tell(AgentForced, agent_id="a", state="ready", by="陈班长", reason="")) == [("c1", "a")]
    queue.talk("c1")
    queue.tell(AgentForced, agent_id="a", state="signed_out", by="陈班长", reason="下班")
    assert queue.agent("a")[0] is AgentState.TALKING
    shown = only(queue.tell(CallLeft, call_id="c1", reason="bye"), ShowAgent)
    assert [action.agent.state for action in shown] == [AgentState.SIGNED_OUT]
    assert "a" not in queue.state.agents


def test_a_forced_sign_out_after_the_call_can_be_taken_back(queue: Queue) -> None:
    queue.ready("a", "1001")
    queue.enter("c1")
    queue.talk("c1")
    queue.tell(AgentForced, agent_id="a", state="signed_out", by="陈班长", reason="")
    queue.tell(AgentForced, agent_id="a", state="ready", by="陈班长", reason="")
    queue.tell(CallLeft, call_id="c1", reason="bye")
    assert queue.agent("a")[0] is AgentState.WRAP_UP
