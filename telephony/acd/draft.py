"""The queue's state while one event changes it: every fact is set here, so that the orders follow."""

from collections.abc import Iterable

import msgspec
from immutables import Map

from domain.acd import Departed, Offer, Pace, Phone, QueueAgent, QueuedCall
from domain.agent import AgentState
from telephony.acd.actions import AcdAction, ShowAgent
from telephony.acd.state import (
    AcdState,
    Due,
    call_due,
    is_party,
    offer_due,
    phone_due,
    put,
    rank_of,
    serves,
    take,
)

replace = msgspec.structs.replace
SEEN = 512
"""How many event ids are remembered at least: more than ever come twice after a restart."""


class AcdDraft:
    """fresh_calls, fresh_agents: who may be offered, or take calls, since this event. places_changed: callers may have
    to be told another place. left: by queue how many left it who had waited.
    """

    def __init__(self, state: AcdState, now_ms: int) -> None:
        self.rules = state.rules
        self.now_ms = now_ms
        self.calls = state.calls
        self.offers = state.offers
        self.agents = state.agents
        self.phones = state.phones
        self.departed = state.departed
        self.paces = state.paces
        self.hours = state.hours
        self.arrivals = state.arrivals
        self.offers_made = state.offers_made
        self.order = state.order
        self.free = state.free
        self.agenda = state.agenda
        self.phone_agenda = state.phone_agenda
        self.talks = state.talks
        self.desks = state.desks
        self.dials = state.dials
        self.staff = state.staff
        self.actions: list[AcdAction] = []
        self.fresh_calls: set[str] = set()
        self.fresh_agents: set[str] = set()
        self.places_changed = False
        self.left: dict[str, int] = {}
        self._before = state
        self._touched: set[str] = set()
        self._gone: dict[str, str] = {}

    # -- calls -------------------------------------------------------------------------------------------------------

    def set_call(self, call: QueuedCall) -> None:
        """Add the call, or put it in place of the one with its id."""
        before = self.calls.get(call.call_id)
        self.calls = self.calls.set(call.call_id, call)
        rank = rank_of(call, self.rules)
        if before is None:
            self.order = put(self.order, rank)
            self.places_changed = True
        elif (was := rank_of(before, self.rules)) != rank:
            self.order = put(take(self.order, was), rank)
            self.places_changed = True
        self._plan(call_due(before) if before is not None else 0, call_due(call), "call", call.call_id)
        if call.offerable and (before is None or not before.offerable or before.reach != call.reach):
            self.fresh_calls.add(call.call_id)
        if before is not None and (before.offer_id != call.offer_id or before.hung_up != call.hung_up):
            self.places_changed = True

    def remove_call(self, call_id: str) -> QueuedCall | None:
        """The call that waits no longer; None when it did not."""
        call = self.calls.get(call_id)
        if call is None:
            return None
        self.calls = self.calls.delete(call_id)
        self.order = take(self.order, rank_of(call, self.rules))
        self._plan(call_due(call), 0, "call", call_id)
        if call.announced >= 0:  # one who was offered at once did not wait
            self.left[call.queue] = self.left.get(call.queue, 0) + 1
        self.places_changed = True
        self.fresh_calls.discard(call_id)
        return call

    def waiting_from(self, number: str) -> list[QueuedCall]:
        """Whoever waits and calls from this number, the next one first."""
        if not number:
            return []
        return [call for rank in self.order if (call := self.calls[rank[-1]]).caller_number == number]

    # -- offers ------------------------------------------------------------------------------------------------------

    def set_offer(self, offer: Offer) -> None:
        before = self.offers.get(offer.offer_id)
        self.offers = self.offers.set(offer.offer_id, offer)
        due_ms = offer_due(offer, self.rules)[0]
        self._plan(offer_due(before, self.rules)[0] if before is not None else 0, due_ms, "offer", offer.offer_id)
        if offer.dialled and (before is None or before.dialled != offer.dialled):
            self.dials = self.dials.set(offer.dialled, offer.offer_id)

    def remove_offer(self, offer_id: str) -> Offer:
        offer = self.offers[offer_id]
        self.offers = self.offers.delete(offer_id)
        self._plan(offer_due(offer, self.rules)[0], 0, "offer", offer_id)
        if offer.dialled:
            self.dials = self.dials.delete(offer.dialled)
        return offer

    # -- agents and phones -------------------------------------------------------------------------------------------

    def set_agent(self, agent: QueueAgent) -> None:
        """Add the agent, or put them in place of the one with their id."""
        before = self.agents.get(agent.agent_id)
        self._unlist(before)
        self.agents = self.agents.set(agent.agent_id, agent)
        self._touched.add(agent.agent_id)
        if before is None or before.extension != agent.extension:
            self.desks = self.desks.set(agent.extension, agent.agent_id)
        if before is None or (before.skills, before.queues) != (agent.skills, agent.queues):
            self._count_staff(before, agent)
        if agent.wrap_up_ends_ms:
            self.agenda = put(self.agenda, (agent.wrap_up_ends_ms, "agent", agent.agent_id))
        if agent.state is AgentState.READY:
            self.free = put(self.free, (agent.idle_since_ms, agent.agent_id))
            self.fresh_agents.add(agent.agent_id)
        elif is_party(agent):
            parties = (*self.talks.get(agent.call_id, ()), agent.agent_id)
            self.talks = self.talks.set(agent.call_id, tuple(sorted(parties)))

    def remove_agent(self, agent_id: str, reason: str) -> None:
        """Sign the agent out; reason: as others read it."""
        before = self.agents[agent_id]
        self._gone[agent_id] = reason
        self._unlist(before)
        self.agents = self.agents.delete(agent_id)
        self._touched.add(agent_id)
        if self.desks.get(before.extension) == agent_id:
            self.desks = self.desks.delete(before.extension)
        self._count_staff(before, None)

    def parties(self, call_id: str) -> list[QueueAgent]:
        """Who talks in this call, or is rung for it without an offer."""
        return [self.agents[agent_id] for agent_id in self.talks.get(call_id, ())]

    def registered(self, extension: str) -> bool:
        phone = self.phones.get(extension)
        return phone is not None and phone.registered

    def set_phone(self, phone: Phone) -> None:
        before = self.phones.get(phone.extension)
        was = phone_due(before, self.rules) if before is not None else (0, "", "")
        due = phone_due(phone, self.rules)
        self.phones = self.phones.set(phone.extension, phone)
        if was != due:
            if was[0]:
                self.phone_agenda = take(self.phone_agenda, was)
            if due[0]:
                self.phone_agenda = put(self.phone_agenda, due)
        agent_id = self.desks.get(phone.extension)
        if agent_id is not None and (before is None or before.registered != phone.registered):
            self._touched.add(agent_id)

    def _unlist(self, agent: QueueAgent | None) -> None:
        if agent is None:
            return
        if agent.wrap_up_ends_ms:
            self.agenda = take(self.agenda, (agent.wrap_up_ends_ms, "agent", agent.agent_id))
        if agent.state is AgentState.READY:
            self.free = take(self.free, (agent.idle_since_ms, agent.agent_id))
            self.fresh_agents.discard(agent.agent_id)
        elif is_party(agent):
            left = tuple(other for other in self.talks[agent.call_id] if other != agent.agent_id)
            self.talks = self.talks.set(agent.call_id, left) if left else self.talks.delete(agent.call_id)

    def _count_staff(self, before: QueueAgent | None, after: QueueAgent | None) -> None:
        for queue, count in list(self.staff.items()):
            less = before is not None and serves(before, queue, self.rules)
            more = after is not None and serves(after, queue, self.rules)
            if less != more:
                self.staff = self.staff.set(queue, count + more - less)

    # -- who left, and how fast --------------------------------------------------------------------------------------

    def set_departed(self, gone: Departed) -> None:
        before = self.departed.get(gone.number)
        self.departed = self.departed.set(gone.number, gone)
        self._plan(before.forget_at_ms if before is not None else 0, gone.forget_at_ms, "departed", gone.number)

    def remove_departed(self, number: str) -> Departed | None:
        gone = self.departed.get(number)
        if gone is not None:
            self.departed = self.departed.delete(number)
            self._plan(gone.forget_at_ms, 0, "departed", number)
        return gone

    def set_pace(self, queue: str, pace: Pace) -> None:
        self.paces = self.paces.set(queue, pace)

    # -- time --------------------------------------------------------------------------------------------------------

    def _plan(self, before_ms: int, due_ms: int, kind: str, key: str) -> None:
        """Move a thing's deadline; 0 is none."""
        if before_ms != due_ms:
            if before_ms:
                self.agenda = take(self.agenda, (before_ms, kind, key))
            if due_ms:
                self.agenda = put(self.agenda, (due_ms, kind, key))

    def due(self) -> list[Due]:
        """What has come due by now."""
        return [*_until(self.agenda, self.now_ms), *_until(self.phone_agenda, self.now_ms)]

    # -- the end -----------------------------------------------------------------------------------------------------

    def finish(self, event_id: str) -> tuple[AcdState, list[AcdAction]]:
        """The new state, and the actions agents first: the page pops before the phone rings."""
        seen, seen_before = self._before.seen, self._before.seen_before
        if len(seen) >= SEEN:
            seen, seen_before = Map(), seen
        state = AcdState(
            rules=self.rules,
            calls=self.calls,
            offers=self.offers,
            agents=self.agents,
            phones=self.phones,
            departed=self.departed,
            paces=self.paces,
            hours=self.hours,
            arrivals=self.arrivals,
            offers_made=self.offers_made,
            seen=seen.set(event_id, True),
            seen_before=seen_before,
            order=self.order,
            free=self.free,
            agenda=self.agenda,
            phone_agenda=self.phone_agenda,
            talks=self.talks,
            desks=self.desks,
            dials=self.dials,
            staff=self.staff,
        )
        return state, [*self._shown(), *self.actions]

    def _shown(self) -> list[AcdAction]:
        shown: list[AcdAction] = []
        for agent_id in sorted(self._touched):
            before, agent = self._before.agents.get(agent_id), self.agents.get(agent_id)
            if agent is None and before is not None:
                reason = self._gone[agent_id]
                agent = replace(before, state=AgentState.SIGNED_OUT, since_ms=self.now_ms, reason=reason, call_id="")
            if agent is None:
                continue
            registered = self.registered(agent.extension)
            if before != agent or registered != _was_registered(self._before, agent.extension):
                shown.append(ShowAgent(agent=agent, phone_registered=registered, reason=agent.reason))
        return shown


def _was_registered(state: AcdState, extension: str) -> bool:
    phone = state.phones.get(extension)
    return phone is not None and phone.registered


def _until(agenda: Iterable[Due], now_ms: int) -> list[Due]:
    due = []
    for item in agenda:
        if item[0] > now_ms:
            break
        due.append(item)
    return due
