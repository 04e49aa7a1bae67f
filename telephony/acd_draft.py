"""The queue's state while one event changes it, and the moves from which every decision is made."""

from dataclasses import dataclass

import msgspec

from domain.acd import AcdState, Offer, Phone, QueueAgent, QueuedCall
from domain.agent import AgentState
from telephony.acd_actions import AcdAction, DropCall, ShowAgent, StopRinging

replace = msgspec.structs.replace
PHONE_GONE = "phone unregistered"


@dataclass(frozen=True)
class AcdRules:
    """The times of the queue.

    ring_grace_ms: how much later than the switch the queue itself gives an offer up. wrap_up_limit_ms: 0 lets the agent
    decide. retry_ms: after an offer that failed without anybody's fault. lost_after_ms: how long a switch may be silent
    before its waiting call counts as gone. phone_grace_ms: how late a phone's registration may be refreshed.
    """

    ring_timeout_ms: int = 15_000
    ring_grace_ms: int = 3_000
    wrap_up_limit_ms: int = 0
    announce_every_ms: int = 20_000
    retry_ms: int = 500
    lost_after_ms: int = 30_000
    probe_every_ms: int = 2_000
    phone_grace_ms: int = 2_000


class AcdDraft:
    """Copies of the state's dicts that one event may change; `finish` gives the new state and all actions."""

    def __init__(self, state: AcdState, rules: AcdRules, now_ms: int) -> None:
        self.rules = rules
        self.now_ms = now_ms
        self.calls: dict[str, QueuedCall] = dict(state.calls)
        self.offers: dict[str, Offer] = dict(state.offers)
        self.agents: dict[str, QueueAgent] = dict(state.agents)
        self.phones: dict[str, Phone] = dict(state.phones)
        self.arrivals = state.arrivals
        self.offers_made = state.offers_made
        self.actions: list[AcdAction] = []
        self._before = state

    # -- calls and offers --------------------------------------------------------------------------------------------

    def drop_call(self, call_id: str, reason: str) -> None:
        """The call waits no longer; its ringing offer is cancelled."""
        call = self.calls.pop(call_id, None)
        if call is None:
            return
        if call.offer_id:
            self.end_offer(call.offer_id, reason, stop_ringing=True)
        self.actions.append(DropCall(call_id=call_id, reason=reason))

    def end_offer(self, offer_id: str, reason: str, *, agent_break: str = "", stop_ringing: bool = False) -> None:
        """The call, if it still waits, is offered anew from its old place; the agent is free, or at fault and on break.

        stop_ringing: the switch does not know yet; the next offer then waits until it does.
        """
        offer = self.offers.pop(offer_id)
        if stop_ringing:
            self.actions.append(StopRinging(call_id=offer.call_id, offer_id=offer_id, reason=reason))
        call = self.calls.get(offer.call_id)
        if call is not None and call.offer_id == offer_id:
            retry_at_ms = self.now_ms + self.rules.retry_ms if stop_ringing else 0
            self.calls[call.call_id] = replace(call, offer_id="", retry_at_ms=retry_at_ms)
        agent = self.agents.get(offer.agent_id)
        if agent is None or agent.offer_id != offer_id:
            return
        agent = replace(agent, offer_id="", call_id="")
        if agent_break:
            self.move(agent, AgentState.BREAK, agent_break)
        else:
            self.free(agent, reason, keep_turn=True)

    # -- agents ------------------------------------------------------------------------------------------------------

    def move(self, agent: QueueAgent, to: AgentState, reason: str) -> None:
        """The agent is in this state from now on."""
        since_ms = agent.since_ms if agent.state is to else self.now_ms
        self.agents[agent.agent_id] = replace(
            agent,
            state=to,
            since_ms=since_ms,
            reason=reason,
            call_id=agent.call_id if to in (AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP) else "",
            wrap_up_ends_ms=agent.wrap_up_ends_ms if to is AgentState.WRAP_UP else 0,
            break_after=agent.break_after if to in (AgentState.TALKING, AgentState.RINGING) else None,
            sign_out_after=agent.sign_out_after and to is AgentState.TALKING,
        )

    def free(self, agent: QueueAgent, reason: str, *, keep_turn: bool) -> None:
        """Ready for calls, or on break when the phone is gone. keep_turn: at the old place among those who wait."""
        if not self.registered(agent.extension):
            self.move(agent, AgentState.BREAK, PHONE_GONE)
            return
        idle_since_ms = agent.idle_since_ms if keep_turn else self.now_ms
        self.move(replace(agent, idle_since_ms=idle_since_ms), AgentState.READY, reason)

    def end_talk(self, agent: QueueAgent, reason: str) -> None:
        """After the call: what was asked for meanwhile, or the time to write things down."""
        if agent.sign_out_after:
            del self.agents[agent.agent_id]
            return
        if agent.break_after is not None:
            self.move(agent, AgentState.BREAK, agent.break_after)
            return
        limit_ms = self.rules.wrap_up_limit_ms
        ends_ms = self.now_ms + limit_ms if limit_ms else 0
        self.move(replace(agent, wrap_up_ends_ms=ends_ms), AgentState.WRAP_UP, reason)

    def talker(self, call_id: str) -> QueueAgent | None:
        """Who talks with this caller."""
        for agent in self.agents.values():
            if agent.call_id == call_id and agent.state is AgentState.TALKING:
                return agent
        return None

    # -- phones ------------------------------------------------------------------------------------------------------

    def registered(self, extension: str) -> bool:
        phone = self.phones.get(extension)
        return phone is not None and phone.registered

    def set_phone(self, phone: Phone) -> None:
        """A phone came or went; a free agent whose phone is gone takes no calls."""
        self.phones[phone.extension] = phone
        if phone.registered:
            return
        for agent in list(self.agents.values()):
            if agent.extension == phone.extension and agent.state is AgentState.READY:
                self.move(agent, AgentState.BREAK, PHONE_GONE)

    # -- the end -----------------------------------------------------------------------------------------------------

    def finish(self, seen: tuple[str, ...]) -> tuple[AcdState, list[AcdAction]]:
        """The new state, and the actions agents first: the page pops before the phone rings."""
        state = AcdState(
            calls=self.calls,
            offers=self.offers,
            agents=self.agents,
            phones=self.phones,
            arrivals=self.arrivals,
            offers_made=self.offers_made,
            seen=seen,
        )
        return state, [*self._shown(), *self.actions]

    def _shown(self) -> list[AcdAction]:
        shown: list[AcdAction] = []
        for agent_id in sorted(self._before.agents.keys() | self.agents.keys()):
            before, after = self._before.agents.get(agent_id), self.agents.get(agent_id)
            agent = after
            if agent is None and before is not None:
                agent = replace(
                    before, state=AgentState.SIGNED_OUT, since_ms=self.now_ms, reason="signed out", call_id=""
                )
            if agent is None:
                continue
            registered = self.registered(agent.extension)
            if before != after or registered != _was_registered(self._before, agent.extension):
                shown.append(ShowAgent(agent=agent, phone_registered=registered, reason=agent.reason))
        return shown


def _was_registered(state: AcdState, extension: str) -> bool:
    phone = state.phones.get(extension)
    return phone is not None and phone.registered
