"""The queue's promises under any sequence of events."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.acd_event import (
    AcdEvent,
    AgentBecameReady,
    AgentEngaged,
    AgentForced,
    AgentReleased,
    AgentSignedIn,
    AgentSignedOut,
    AgentTookBreak,
    CallbackDialled,
    CallbackWanted,
    CallEntered,
    CallLeft,
    CallTaken,
    OfferClosed,
    OfferRefused,
    PhoneSeen,
    RulesSet,
    SnapshotTaken,
    SwitchAnswered,
    SwitchSilent,
    TimePassed,
)
from domain.acd_rules import AcdRules, Line, Overflow, QueueRules, Strategy
from domain.agent import AgentState
from domain.target import OfferOutcome
from telephony.acd.actions import DropCall, RingPhone, SendAway, ShowAgent, StopRinging
from telephony.acd.decision import decide
from telephony.acd.match import reaches
from telephony.acd.state import begun, restored, serves, snapshot_parts
from telephony.acd.time import next_deadline

RULES = AcdRules(
    wrap_up_limit_ms=30_000,
    callback_retry_ms=20_000,
    callback_after_ms=10_000,
    redial_ms=60_000,
    queues={
        "skilled": QueueRules(
            skill="skill", level=2, max_wait_ms=90_000, overflow=(Overflow(after_ms=15_000, to="default"),)
        ),
        "idle": QueueRules(strategy=Strategy.LEAST_OCCUPIED, priority=1),
    },
    lines=(Line(name="line", callers=("1*",), emergency=True),),
)
AGENTS = st.sampled_from([f"a{number}" for number in range(4)])
CALLS = st.sampled_from([f"c{number}" for number in range(6)])
QUEUES = st.sampled_from(["default", "english"])
ALL_QUEUES = st.sampled_from(["default", "english", "skilled", "idle"])
NUMBERS = st.sampled_from(["", "1", "2", "3"])
SKILLS = st.dictionaries(st.just("skill"), st.integers(1, 3))
FAILED = st.sampled_from(
    [OfferOutcome.NO_ANSWER, OfferOutcome.REJECTED, OfferOutcome.UNREACHABLE, OfferOutcome.CANCELLED]
)


class QueueMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.state = begun(RULES)
        self.now_ms = 1_000_000
        self.log: list[AcdEvent] = []
        self.waiting: set[str] = set()
        self.ringing: dict[str, str] = {}
        """By offer the call that the switch was told to ring for."""
        self.hung_up: set[str] = set()
        """Calls whose caller is to be called back."""
        self.sent_away: set[str] = set()

    def tell(self, of: Callable[..., AcdEvent], **fields: object) -> None:
        event = of(event_id=f"e{len(self.log)}", at_ms=self.now_ms, **fields)
        self.log.append(event)
        self.state, actions = decide(self.state, event)
        for action in actions:
            assert isinstance(action, ShowAgent) or action.reason
            if isinstance(action, RingPhone):
                offer = action.offer
                assert offer.call_id not in self.ringing.values(), "one phone at a time rings for a call"
                assert bool(offer.callback_number) == (offer.call_id in self.hung_up)
                assert offer.call_id not in self.sent_away, "nobody is rung for one who was turned away"
                self.ringing[offer.offer_id] = offer.call_id
            elif isinstance(action, StopRinging):
                self.ringing.pop(action.offer_id, None)
            elif isinstance(action, DropCall):
                self.waiting.discard(action.call_id)
                self.hung_up.discard(action.call_id)
            elif isinstance(action, SendAway):
                self.sent_away.add(action.call_id)

    @initialize(agents=st.integers(1, 4))
    def open_shop(self, agents: int) -> None:
        """Most days begin with people at work."""
        for number in range(agents):
            self.tell(PhoneSeen, extension=f"1a{number}", registered=True, expires_at_ms=self.now_ms + 3_600_000)
            self.sign_in(f"a{number}", {"default", "english"}, {})
            self.ready(f"a{number}")

    @rule(
        call_ids=st.lists(CALLS, min_size=1, max_size=6, unique=True),
        queue=ALL_QUEUES,
        priority=st.integers(0, 2),
        number=NUMBERS,
        transferred=st.booleans(),
    )
    def enter(self, call_ids: list[str], queue: str, priority: int, number: str, transferred: bool) -> None:
        for call_id in call_ids:
            if transferred or call_id not in self.state.talks:
                self.waiting.add(call_id)
                self.sent_away -= {call_id} - set(self.state.calls)
            self.tell(
                CallEntered,
                call_id=call_id,
                queue=queue,
                priority=priority,
                entered_at_ms=self.now_ms,
                caller_number=number,
                transferred=transferred,
            )

    @rule(call_id=CALLS)
    def leave(self, call_id: str) -> None:
        call = self.state.calls.get(call_id)
        if call is not None and call.callback_number and not call.away_because:
            self.hung_up.add(call_id)
        else:
            self.waiting.discard(call_id)
        self.tell(CallLeft, call_id=call_id, reason="bye")

    @rule(call_id=CALLS)
    def ask_callback(self, call_id: str) -> None:
        self.tell(CallbackWanted, call_id=call_id, number="7")

    @rule(data=st.data(), answered=st.booleans())
    def dial(self, data: st.DataObject, answered: bool) -> None:
        """A switch takes the order to call back; the agent answers, or not yet."""
        for offer_id in self._some_offer(data):
            kept = self.state.offers[offer_id]
            if kept.callback_number:
                self.tell(CallbackDialled, call_id=f"d{offer_id}", offer_id=offer_id)
                if answered:
                    names = {"call_id": f"d{offer_id}", "offer_id": offer_id, "agent_id": kept.agent_id}
                    self.tell(OfferClosed, outcome=OfferOutcome.ANSWERED, **names)

    @rule(data=st.data())
    def not_reached(self, data: st.DataObject) -> None:
        for offer_id in self._some_offer(data):
            if self.state.offers[offer_id].dialled:
                self.ringing.pop(offer_id, None)
                self.tell(CallLeft, call_id=self.state.offers[offer_id].dialled, reason="no answer")

    @rule(agent_id=AGENTS, queues=st.sets(QUEUES, min_size=1), skills=SKILLS)
    def sign_in(self, agent_id: str, queues: set[str], skills: dict[str, int]) -> None:
        self.tell(
            AgentSignedIn,
            agent_id=agent_id,
            name="",
            extension=f"1{agent_id}",
            queues=tuple(sorted(queues)),
            skills=skills,
        )

    @rule(agent_id=AGENTS, state=st.sampled_from(["ready", "break", "signed_out"]))
    def force(self, agent_id: str, state: str) -> None:
        agent = self.state.agents.get(agent_id)
        phone = self.state.phones.get(agent.extension) if agent is not None else None
        if state != "ready" or (phone is not None and phone.registered):
            self.tell(AgentForced, agent_id=agent_id, state=state, by="leader", reason="")

    @rule(agent_id=AGENTS)
    def leave_the_talk(self, agent_id: str) -> None:
        agent = self.state.agents.get(agent_id)
        if agent is not None:
            self.tell(AgentReleased, call_id=agent.call_id, agent_id=agent_id, reason="transferred")

    @rule(agent_id=AGENTS, call_id=st.sampled_from(["own", "talk"]), talking=st.booleans())
    def engage(self, agent_id: str, call_id: str, talking: bool) -> None:
        """A transfer, a consultation, the agent's own call."""
        self.tell(AgentEngaged, call_id=call_id, agent_id=agent_id, talking=talking)

    @rule(call_id=st.sampled_from(["own", "talk"]))
    def end_of_own(self, call_id: str) -> None:
        self.tell(CallLeft, call_id=call_id, reason="bye")

    @rule(after_ms=st.integers(0, 30_000))
    def change_rules(self, after_ms: int) -> None:
        skilled = QueueRules(skill="skill", overflow=(Overflow(after_ms=after_ms, to="default"),))
        queues = {**RULES.queues, "skilled": skilled}
        self.tell(RulesSet, rules=msgspec.structs.replace(RULES, queues=queues))

    @rule(agent_id=AGENTS)
    def ready(self, agent_id: str) -> None:
        self.tell(AgentBecameReady, agent_id=agent_id)

    @rule(agent_id=AGENTS)
    def take_break(self, agent_id: str) -> None:
        self.tell(AgentTookBreak, agent_id=agent_id, reason="tea")

    @rule(agent_id=AGENTS)
    def sign_out(self, agent_id: str) -> None:
        self.tell(AgentSignedOut, agent_id=agent_id)

    @rule(agent_id=AGENTS, registered=st.booleans(), seconds=st.integers(1, 300))
    def phone(self, agent_id: str, registered: bool, seconds: int) -> None:
        expires_at_ms = self.now_ms + seconds * 1000
        self.tell(PhoneSeen, extension=f"1{agent_id}", registered=registered, expires_at_ms=expires_at_ms)

    @rule(data=st.data(), outcome=FAILED)
    def fail(self, data: st.DataObject, outcome: OfferOutcome) -> None:
        for offer in self._some_offer(data):
            self.ringing.pop(offer, None)
            kept = self.state.offers[offer]
            self.tell(OfferClosed, call_id=kept.call_id, offer_id=offer, agent_id=kept.agent_id, outcome=outcome)

    @rule(data=st.data())
    def refuse(self, data: st.DataObject) -> None:
        for offer in self._some_offer(data):
            self.tell(OfferRefused, call_id=self.state.offers[offer].call_id, offer_id=offer, reason="no port")

    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        for offer in self._some_offer(data):
            kept = self.state.offers[offer]
            self.ringing.pop(offer, None)
            self.waiting.discard(kept.call_id)
            self.hung_up.discard(kept.call_id)
            self.tell(CallTaken, call_id=kept.call_id, offer_id=offer, agent_id=kept.agent_id)

    @rule(data=st.data())
    def answer_late(self, data: st.DataObject) -> None:
        """The switch connected an offer that we had given up."""
        free = sorted(a.agent_id for a in self.state.agents.values() if a.state is not AgentState.TALKING)
        calls = sorted(call.call_id for call in self.state.calls.values() if not call.hung_up)
        if calls and free:
            call_id, agent_id = data.draw(st.sampled_from(calls)), data.draw(st.sampled_from(free))
            self.waiting.discard(call_id)
            self.tell(CallTaken, call_id=call_id, offer_id="given-up", agent_id=agent_id)

    @rule(call_id=CALLS)
    def silent(self, call_id: str) -> None:
        call = self.state.calls.get(call_id)
        if call is not None and not call.hung_up:
            self.ringing.pop(call.offer_id, None)
            lost = call.silent_since_ms and self.now_ms - call.silent_since_ms >= RULES.lost_after_ms
            if lost and call.callback_number:
                self.hung_up.add(call_id)
        self.tell(SwitchSilent, call_id=call_id)

    @rule(call_id=CALLS)
    def speaks(self, call_id: str) -> None:
        self.tell(SwitchAnswered, call_id=call_id)

    @rule(seconds=st.integers(0, 40))
    def wait(self, seconds: int) -> None:
        """As the role does: at each deadline on the way, then no deadline is left in the past."""
        until_ms = self.now_ms + seconds * 1000
        for _ in range(100):
            deadline = next_deadline(self.state)
            if deadline is None or deadline > until_ms:
                break
            self.now_ms = max(self.now_ms, deadline)
            self.tell(TimePassed)
        else:
            raise AssertionError("the clock never comes to rest")
        self.now_ms = until_ms

    def _some_offer(self, data: st.DataObject) -> list[str]:
        offers = sorted(self.state.offers)
        return [data.draw(st.sampled_from(offers))] if offers else []

    @invariant()
    def nobody_is_lost(self) -> None:
        assert set(self.state.calls) == self.waiting

    @invariant()
    def one_call_one_agent(self) -> None:
        state = self.state
        offered = [offer.call_id for offer in state.offers.values()]
        assert len(offered) == len(set(offered)), "a call is offered to one agent at a time"
        agents = [offer.agent_id for offer in state.offers.values()]
        assert len(agents) == len(set(agents)), "an agent is offered one call at a time"
        for offer_id, offer in state.offers.items():
            assert state.calls[offer.call_id].offer_id == offer_id
            agent = state.agents[offer.agent_id]
            assert (agent.state, agent.offer_id, agent.call_id) == (AgentState.RINGING, offer_id, offer.call_id)
        for call in state.calls.values():
            assert not call.offer_id or call.offer_id in state.offers
        for agent in state.agents.values():
            assert agent.state is AgentState.RINGING or not agent.offer_id
            if agent.state is AgentState.TALKING:
                assert agent.call_id
                assert agent.call_id not in state.calls

    @invariant()
    def the_orders_are_those_of_the_facts(self) -> None:
        parts = snapshot_parts(self.state)
        state = self.state
        for number, part in enumerate(parts):
            state = restored(part, state, number)
        assert state == self.state

    @invariant()
    def nobody_waits_while_an_agent_is_ready(self) -> None:
        for call in self.state.calls.values():
            if not call.offerable:
                continue
            for agent in self.state.agents.values():
                fits = serves(agent, call.queue, self.state.rules) or reaches(agent, call, self.state.rules)
                assert agent.state is not AgentState.READY or not fits

    @invariant()
    def whoever_is_put_off_has_a_deadline(self) -> None:
        for call in self.state.calls.values():
            if call.retry_at_ms or call.silent_since_ms or call.offer_id:
                assert next_deadline(self.state) is not None

    @invariant()
    def a_ready_agent_has_a_phone(self) -> None:
        for agent in self.state.agents.values():
            if agent.state is AgentState.READY:
                assert self.state.phones[agent.extension].registered

    def teardown(self) -> None:
        """The log, as it is stored, gives the identical state; so does a snapshot and what follows."""
        stored = msgspec.json.decode(msgspec.json.encode(self.log), type=list[AcdEvent])
        replayed, middle = begun(RULES), begun(RULES)
        for number, event in enumerate(stored):
            replayed, _ = decide(replayed, event)
            if number == len(stored) // 2:
                for part, state in enumerate(snapshot_parts(replayed)):
                    snapshot = SnapshotTaken(event_id="s", at_ms=event.at_ms, state=state, part=part)
                    kept = msgspec.json.decode(msgspec.json.encode(snapshot), type=AcdEvent)
                    middle, _ = decide(middle, kept)
            elif number > len(stored) // 2:
                middle, _ = decide(middle, event)
        assert replayed == self.state
        assert middle == self.state


TestQueueMachine = pytest.mark.slow(QueueMachine.TestCase)
TestQueueMachine.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
