"""Why a caller waited: found by deciding the log once more and looking at one call.

Each finding says when, what, and with which figures; `words` puts it into a sentence. Nothing is kept for this: the
log of events is enough.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from domain.acd import QueueAgent, QueuedCall
from domain.acd_event import AcdEvent, CallTaken, OfferClosed, OfferRefused, TimePassed
from domain.acd_rules import AcdRules, Strategy
from domain.agent import AgentState
from telephony.acd.actions import AcdAction, DropCall, RingPhone, SendAway, StopRinging
from telephony.acd.decision import decide
from telephony.acd.match import occupancy, reaches
from telephony.acd.state import AcdState, begun, serves

_A_MOMENT_MS = 60_000


class WhyKind(StrEnum):
    """What can be said about a call that waits."""

    ENTERED = "entered"
    PLACED = "placed"
    NOBODY_FREE = "nobody_free"
    NOBODY_SIGNED_IN = "nobody_signed_in"
    OTHERS_FIRST = "others_first"
    OTHERS_PASSED = "others_passed"
    LANGUAGE = "language"
    OVERFLOW = "overflow"
    RANG = "rang"
    OFFER_ENDED = "offer_ended"
    SILENT = "silent"
    ANSWERS_AGAIN = "answers_again"
    MOVED_UP = "moved_up"
    WANTS_CALLBACK = "wants_callback"
    HUNG_UP = "hung_up"
    NOT_REACHED = "not_reached"
    SENT_AWAY = "sent_away"
    CONNECTED = "connected"
    LEFT = "left"
    SPENT = "spent"


class Spending(StrEnum):
    """What the time of a wait was spent on."""

    NO_AGENT = "no_agent"
    RINGING = "ringing"
    PUT_OFF = "put_off"
    SILENT = "silent"
    CALLBACK = "callback"


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. at_ms: Unix time; values: what its sentence names, times in ms."""

    at_ms: int
    kind: WhyKind
    values: dict[str, str | int] = {}


def explain(events: Iterable[AcdEvent], call_id: str, rules: AcdRules) -> list[Why]:
    """Everything about this call, in order; nothing when the log does not know it.

    rules: of a log from before the rules stood in it.
    """
    state = begun(rules)
    witness = _Witness(call_id)
    for event in events:
        before = state
        state, actions = decide(state, event)
        witness.see(before, event, state, actions)
    return witness.found


class _Witness:
    def __init__(self, call_id: str) -> None:
        self.found: list[Why] = []
        self._call_id = call_id
        self._since_ms = 0
        self._entered_ms = 0
        self._spent: Counter[Spending] = Counter()
        self._first: int = 0
        self._passed: int = 0

    def see(self, before: AcdState, event: AcdEvent, after: AcdState, actions: list[AcdAction]) -> None:
        was, is_now = before.calls.get(self._call_id), after.calls.get(self._call_id)
        if was is None and is_now is None:
            return
        if was is None and is_now is not None:
            self._enter(event.at_ms, is_now, before, after)
        elif was is not None:
            self._spent[_spending(was)] += event.at_ms - self._since_ms
            self._since_ms = event.at_ms
            self._others(was, before, actions)
            if is_now is None:
                self._end(event, was, after, actions)
                return
            self._changed(event, was, is_now, before, actions)
        self._offered(event.at_ms, was, before, after, actions)

    # -- beginning and end -------------------------------------------------------------------------------------------

    def _enter(self, at_ms: int, call: QueuedCall, before: AcdState, after: AcdState) -> None:
        self._since_ms, self._entered_ms = at_ms, call.entered_at_ms
        place = sum(other.queue == call.queue for other in _before(call, after))
        self._say(at_ms, WhyKind.ENTERED, queue=call.queue, before=place)
        reasons: dict[str, str | int] = {
            "priority": call.priority,
            "line": call.line,
            "emergency": int(call.emergency),
            "repeat": int(call.repeat),
            "kept_ms": call.entered_at_ms - call.place_ms if call.place_ms else 0,
        }
        if any(reasons.values()):
            self._say(at_ms, WhyKind.PLACED, **reasons)
        if call.reach:
            self._say_overflow(at_ms, call, after)

    def _end(self, event: AcdEvent, call: QueuedCall, after: AcdState, actions: list[AcdAction]) -> None:
        self._tell_others(event.at_ms)
        if isinstance(event, CallTaken):
            agent = after.agents.get(event.agent_id)
            name = agent.name if agent is not None else ""
            waited_ms = event.at_ms - self._entered_ms
            self._say(event.at_ms, WhyKind.CONNECTED, agent=event.agent_id, name=name, waited_ms=waited_ms)
        else:
            drops = (action.reason for action in actions if isinstance(action, DropCall))
            waited_ms = event.at_ms - self._entered_ms
            self._say(event.at_ms, WhyKind.LEFT, reason=next(drops, ""), waited_ms=waited_ms)
        spent = {kind.value: ms for kind, ms in self._spent.items() if ms > 0}
        if spent:
            self._say(event.at_ms, WhyKind.SPENT, **spent)
        self._spent.clear()

    # -- while it waits ----------------------------------------------------------------------------------------------

    def _changed(
        self, event: AcdEvent, was: QueuedCall, call: QueuedCall, before: AcdState, actions: list[AcdAction]
    ) -> None:
        at_ms = event.at_ms
        if was.offer_id and not call.offer_id:
            self._offer_ended(event, was, before, actions)
        if call.queue != was.queue:
            self._tell_others(at_ms)
            self._say(at_ms, WhyKind.LANGUAGE, queue=call.queue)
        if call.reach > was.reach:
            self._tell_others(at_ms)
            self._say_overflow(at_ms, call, before)
        if call.silent_since_ms and not was.silent_since_ms:
            self._say(at_ms, WhyKind.SILENT)
        if was.silent_since_ms and not call.silent_since_ms and not call.hung_up:
            self._say(at_ms, WhyKind.ANSWERS_AGAIN, silent_ms=at_ms - was.silent_since_ms)
        if call.since_ms < was.since_ms:
            self._say(at_ms, WhyKind.MOVED_UP, by_ms=was.since_ms - call.since_ms)
        if call.callback_number and not was.callback_number:
            self._tell_others(at_ms)
            self._say(at_ms, WhyKind.WANTS_CALLBACK)
        if call.hung_up and not was.hung_up:
            later = call.retry_at_ms - at_ms > _A_MOMENT_MS
            self._say(at_ms, WhyKind.HUNG_UP, until_ms=call.retry_at_ms if later else 0)
        if call.tries > was.tries:
            self._say(at_ms, WhyKind.NOT_REACHED, tries=call.tries, until_ms=call.retry_at_ms)
        for action in actions:
            if isinstance(action, SendAway) and action.call_id == self._call_id and not was.away_because:
                self._tell_others(at_ms)
                self._say(at_ms, WhyKind.SENT_AWAY, because=action.because.value)

    def _offer_ended(self, event: AcdEvent, was: QueuedCall, before: AcdState, actions: list[AcdAction]) -> None:
        offer = before.offers[was.offer_id]
        stopped = (each.reason for each in actions if isinstance(each, StopRinging) and each.offer_id == offer.offer_id)
        match event:
            case OfferClosed(outcome=outcome):
                reason = outcome.value
            case OfferRefused(reason=words):
                reason = f"refused: {words}"
            case TimePassed():
                reason = "no_answer"
            case _:
                reason = next(stopped, "given up")
        rang_ms = event.at_ms - offer.made_at_ms
        agent = before.agents.get(offer.agent_id)
        name = agent.name if agent is not None else ""
        self._say(event.at_ms, WhyKind.OFFER_ENDED, agent=offer.agent_id, name=name, reason=reason, rang_ms=rang_ms)

    def _offered(
        self, at_ms: int, was: QueuedCall | None, before: AcdState, after: AcdState, actions: list[AcdAction]
    ) -> None:
        call = after.calls[self._call_id]
        for action in actions:
            if isinstance(action, RingPhone) and action.offer.call_id == self._call_id:
                self._tell_others(at_ms)
                self._rang(at_ms, action, call, before)
                return
        newly = was is None or not was.offerable
        if newly and call.offerable:
            self._nobody_free(at_ms, call, after)

    def _rang(self, at_ms: int, action: RingPhone, call: QueuedCall, before: AcdState) -> None:
        offer = action.offer
        agent = before.agents[offer.agent_id]
        rules = before.rules.of(call.queue)
        free = agent.state is AgentState.READY
        values: dict[str, str | int] = {
            "agent": agent.agent_id,
            "name": agent.name,
            "strategy": rules.strategy.value,
            "overflow": int(not serves(agent, call.queue, before.rules)),
            "waited_ms": offer.waited_ms,
            "idle_ms": at_ms - agent.idle_since_ms if free else 0,
            "level": agent.skills.get(rules.skill, 0),
        }
        if rules.strategy is Strategy.LEAST_OCCUPIED and free:
            values["occupied_percent"] = round(occupancy(agent, at_ms) * 100)
        self._say(at_ms, WhyKind.RANG, **values)

    def _nobody_free(self, at_ms: int, call: QueuedCall, after: AcdState) -> None:
        states = Counter(agent.state.value for agent in after.agents.values() if _may_take(agent, call, after.rules))
        if not states:
            self._say(at_ms, WhyKind.NOBODY_SIGNED_IN, queue=call.queue)
            return
        ahead = sum(other.offerable for other in _before(call, after))
        self._say(at_ms, WhyKind.NOBODY_FREE, queue=call.queue, ahead=ahead, total=states.total(), **states)

    def _say_overflow(self, at_ms: int, call: QueuedCall, state: AcdState) -> None:
        steps = state.rules.of(call.queue).overflow[: call.reach]
        names = "、".join(step.to or "*" for step in steps)
        self._say(at_ms, WhyKind.OVERFLOW, to=names, waited_ms=at_ms - call.entered_at_ms)

    # -- others ------------------------------------------------------------------------------------------------------

    def _others(self, call: QueuedCall, before: AcdState, actions: list[AcdAction]) -> None:
        """Count who was offered to an agent while this call was not."""
        if not call.offerable:
            return
        ahead = {other.call_id for other in _before(call, before)}
        for action in actions:
            if isinstance(action, RingPhone) and action.offer.call_id != self._call_id:
                agent = before.agents.get(action.offer.agent_id)
                fits = agent is not None and _may_take(agent, call, before.rules)
                self._first += fits or action.offer.call_id in ahead
                self._passed += not fits and action.offer.call_id not in ahead

    def _tell_others(self, at_ms: int) -> None:
        if self._first:
            self._say(at_ms, WhyKind.OTHERS_FIRST, count=self._first)
        if self._passed:
            self._say(at_ms, WhyKind.OTHERS_PASSED, count=self._passed)
        self._first = self._passed = 0

    def _say(self, at_ms: int, kind: WhyKind, **values: str | int) -> None:
        self.found.append(Why(at_ms=at_ms, kind=kind, values=values))


def _before(call: QueuedCall, state: AcdState) -> list[QueuedCall]:
    """Who waits before this call."""
    found: list[QueuedCall] = []
    for other in state.in_order():
        if other.call_id == call.call_id:
            break
        found.append(other)
    return found


def _may_take(agent: QueueAgent, call: QueuedCall, rules: AcdRules) -> bool:
    return serves(agent, call.queue, rules) or reaches(agent, call, rules)


def _spending(call: QueuedCall) -> Spending:
    if call.offer_id:
        return Spending.RINGING
    if call.silent_since_ms:
        return Spending.SILENT
    if call.callback_number:
        return Spending.CALLBACK
    return Spending.NO_AGENT if call.offerable else Spending.PUT_OFF
