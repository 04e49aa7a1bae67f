"""The queue (ACD) without I/O: who waits, who is free, who gets whom.

`decide(state, event, rules)` gives the next state and the actions; the event carries the time. The same events give the
same states, so the log of events is all that a restart needs.

Calls: waiting → ringing (one offer) → talking, or gone. The next call is the one of highest priority, then of earliest
arrival; it keeps that place whatever becomes of its offers. The next agent is the one who has been idle longest among
those who serve the call's queue. An agent is in one state:

    签出 signed out ──sign in──► 小休 break ──set ready──► 空闲 ready ──offer──► 振铃 ringing ──answer──► 通话 talking
    talking ──end──► 话后 wrap-up ──set ready, or its time──► ready        ready, wrap-up ──take break──► break
    ringing ──no answer, rejected, unreachable──► break        ringing ──caller gone, switch refused──► ready

A break that is asked for while talking begins after the call. An agent whose phone is not registered cannot be ready.
The switch's word that two people talk is the truth, whatever the queue believed; other offers of that call or to that
agent are cancelled. A call whose switch does not answer is not offered, is asked for again and again, and is dropped
after a while.
"""

from collections.abc import Callable
from typing import Any

from domain.acd import (
    AcdEvent,
    AcdState,
    AgentBecameReady,
    AgentEngaged,
    AgentForced,
    AgentReleased,
    AgentSignedIn,
    AgentSignedOut,
    AgentTookBreak,
    CallEntered,
    CallLeft,
    CallTaken,
    Offer,
    OfferClosed,
    OfferRefused,
    OfferRinging,
    Phone,
    PhoneSeen,
    QueueAgent,
    QueuedCall,
    SnapshotTaken,
    SwitchAnswered,
    SwitchSilent,
    TimePassed,
)
from domain.agent import AgentState
from domain.call import OfferOutcome
from telephony.acd_actions import AcdAction, RingPhone
from telephony.acd_draft import PHONE_GONE, AcdDraft, AcdRules, replace
from telephony.acd_engaged import agent_engaged, agent_released, release
from telephony.acd_places import announce, in_order

SEEN = 512
"""How many event ids are remembered: more than ever come twice after a restart."""

_FAULTS = {
    OfferOutcome.NO_ANSWER: "no answer",
    OfferOutcome.REJECTED: "rejected the call",
    OfferOutcome.UNREACHABLE: PHONE_GONE,
}
"""Outcomes after which the agent takes no more calls until they say so, and the reason that they see."""


def decide(state: AcdState, event: AcdEvent, rules: AcdRules) -> tuple[AcdState, list[AcdAction]]:
    """The state after `event`, and what to do about it. An event that was seen already changes nothing."""
    if isinstance(event, SnapshotTaken):
        return event.state, []
    if event.event_id in state.seen:
        return state, []
    draft = AcdDraft(state, rules, event.at_ms)
    _HANDLERS[type(event)](draft, event)
    _assign(draft)
    announce(draft)
    return draft.finish((*state.seen, event.event_id)[-SEEN:])


# -- calls -------------------------------------------------------------------------------------------------------------


def _call_entered(draft: AcdDraft, event: CallEntered) -> None:
    if event.call_id in draft.calls or draft.talker(event.call_id) is not None:
        return
    draft.calls[event.call_id] = QueuedCall(
        call_id=event.call_id,
        queue=event.queue,
        priority=event.priority,
        arrival=draft.arrivals,
        entered_at_ms=event.entered_at_ms,
    )
    draft.arrivals += 1


def _call_left(draft: AcdDraft, event: CallLeft) -> None:
    draft.drop_call(event.call_id, event.reason)
    for agent in list(draft.agents.values()):
        if agent.call_id == event.call_id:
            release(draft, agent, event.reason)


def _call_taken(draft: AcdDraft, event: CallTaken) -> None:
    call = draft.calls.pop(event.call_id, None)
    if call is not None and call.offer_id:
        if call.offer_id == event.offer_id:
            del draft.offers[call.offer_id]
        else:
            draft.end_offer(call.offer_id, "the call was taken by another", stop_ringing=True)
    agent = draft.agents.get(event.agent_id)
    if agent is None:
        return
    if agent.offer_id and agent.offer_id != event.offer_id:
        draft.end_offer(agent.offer_id, "the agent talks already", stop_ringing=True)
        agent = draft.agents[event.agent_id]
    draft.move(replace(agent, call_id=event.call_id, offer_id=""), AgentState.TALKING, "")


# -- offers ------------------------------------------------------------------------------------------------------------


def _offer_ringing(draft: AcdDraft, event: OfferRinging) -> None:
    offer = draft.offers.get(event.offer_id)
    if offer is not None:
        draft.offers[event.offer_id] = replace(offer, ringing=True)


def _offer_closed(draft: AcdDraft, event: OfferClosed) -> None:
    if event.offer_id not in draft.offers or event.outcome is OfferOutcome.ANSWERED:
        return  # given up already, or CallTaken follows
    fault = _FAULTS.get(event.outcome, "")
    draft.end_offer(event.offer_id, fault or "the offer was cancelled", agent_break=fault)


def _offer_refused(draft: AcdDraft, event: OfferRefused) -> None:
    if event.offer_id in draft.offers:
        draft.end_offer(event.offer_id, f"the switch refused: {event.reason}", stop_ringing=True)


def _switch_silent(draft: AcdDraft, event: SwitchSilent) -> None:
    call = draft.calls.get(event.call_id)
    if call is None:
        return
    since_ms = call.silent_since_ms or event.at_ms
    if event.at_ms - since_ms >= draft.rules.lost_after_ms:
        draft.drop_call(event.call_id, "its switch is gone")
        return
    if call.offer_id:
        draft.end_offer(call.offer_id, "the switch does not answer")
    probe_at_ms = event.at_ms + draft.rules.probe_every_ms
    draft.calls[event.call_id] = replace(
        draft.calls[event.call_id], silent_since_ms=since_ms, probe_at_ms=probe_at_ms, announced=-1
    )


def _switch_answered(draft: AcdDraft, event: SwitchAnswered) -> None:
    call = draft.calls.get(event.call_id)
    if call is not None:
        draft.calls[event.call_id] = replace(call, silent_since_ms=0, probe_at_ms=0)


# -- agents and phones -------------------------------------------------------------------------------------------------


def _agent_signed_in(draft: AcdDraft, event: AgentSignedIn) -> None:
    agent = draft.agents.get(event.agent_id)
    if agent is None:
        agent = QueueAgent(
            agent_id=event.agent_id,
            name=event.name,
            extension=event.extension,
            queues=event.queues,
            state=AgentState.BREAK,
            since_ms=event.at_ms,
            reason="signed in",
        )
    agent = replace(agent, name=event.name, extension=event.extension, queues=event.queues)
    draft.agents[event.agent_id] = agent
    if agent.state is AgentState.READY:
        draft.free(agent, agent.reason, keep_turn=True)  # at another phone, which may not be registered


def _agent_became_ready(draft: AcdDraft, event: AgentBecameReady | AgentForced) -> None:
    agent = draft.agents.get(event.agent_id)
    if agent is None or agent.state in (AgentState.RINGING, AgentState.READY):
        return
    if agent.state is AgentState.TALKING:
        draft.agents[event.agent_id] = replace(agent, break_after=None, sign_out_after=False)
        return
    draft.free(agent, "", keep_turn=False)


def _agent_took_break(draft: AcdDraft, event: AgentTookBreak) -> None:
    agent = draft.agents.get(event.agent_id)
    if agent is not None:
        _take_break(draft, agent, event.reason)


def _take_break(draft: AcdDraft, agent: QueueAgent, reason: str) -> None:
    if agent.state is AgentState.TALKING:
        draft.agents[agent.agent_id] = replace(agent, break_after=reason)
        return
    if agent.offer_id:
        draft.end_offer(agent.offer_id, "the agent took a break", stop_ringing=True)
    draft.move(draft.agents[agent.agent_id], AgentState.BREAK, reason)


def _agent_signed_out(draft: AcdDraft, event: AgentSignedOut) -> None:
    agent = draft.agents.get(event.agent_id)
    if agent is not None and agent.state is not AgentState.TALKING:
        _sign_out(draft, agent, "the agent signed out")


def _sign_out(draft: AcdDraft, agent: QueueAgent, reason: str) -> None:
    if agent.offer_id:
        draft.end_offer(agent.offer_id, reason, stop_ringing=True)
    del draft.agents[agent.agent_id]


def _agent_forced(draft: AcdDraft, event: AgentForced) -> None:
    """As if the agent had asked, but for the reason that everybody reads; one who talks comes to it after the call."""
    agent = draft.agents.get(event.agent_id)
    if agent is None:
        return
    reason = f"{event.by}: {event.reason}" if event.reason else f"{event.by}: "
    match event.state:
        case "ready":
            _agent_became_ready(draft, event)
        case "break":
            _take_break(draft, agent, reason)
        case "signed_out" if agent.state is AgentState.TALKING:
            draft.agents[event.agent_id] = replace(agent, sign_out_after=True)
        case "signed_out":
            _sign_out(draft, agent, reason)


def _phone_seen(draft: AcdDraft, event: PhoneSeen) -> None:
    registered = event.registered and event.expires_at_ms + draft.rules.phone_grace_ms > event.at_ms
    draft.set_phone(Phone(extension=event.extension, registered=registered, expires_at_ms=event.expires_at_ms))


# -- time --------------------------------------------------------------------------------------------------------------


def _time_passed(draft: AcdDraft, event: TimePassed) -> None:
    now_ms = event.at_ms
    for offer in list(draft.offers.values()):
        if offer.expires_at_ms + draft.rules.ring_grace_ms <= now_ms:
            draft.end_offer(offer.offer_id, "no answer in time", agent_break="no answer", stop_ringing=True)
    for phone in list(draft.phones.values()):
        if phone.registered and phone.expires_at_ms + draft.rules.phone_grace_ms <= now_ms:
            draft.set_phone(replace(phone, registered=False))
    for agent in list(draft.agents.values()):
        if agent.wrap_up_ends_ms and agent.wrap_up_ends_ms <= now_ms:
            draft.free(agent, "wrap-up time is over", keep_turn=False)
    for call in list(draft.calls.values()):
        if call.retry_at_ms and call.retry_at_ms <= now_ms:
            draft.calls[call.call_id] = replace(call, retry_at_ms=0)


# -- who gets whom -----------------------------------------------------------------------------------------------------


def _assign(draft: AcdDraft) -> None:
    """Offer calls, first come first, to the agents who have been idle longest, until one side is exhausted."""
    ready = [agent for agent in draft.agents.values() if agent.state is AgentState.READY]
    ready.sort(key=lambda agent: (agent.idle_since_ms, agent.agent_id))
    if not ready:
        return
    for call in in_order(draft.calls.values()):
        if call.offer_id or call.retry_at_ms or call.silent_since_ms:
            continue
        agent = next((agent for agent in ready if call.queue in agent.queues), None)
        if agent is None:
            continue
        ready.remove(agent)
        _offer(draft, call, agent)
        if not ready:
            return


def _offer(draft: AcdDraft, call: QueuedCall, agent: QueueAgent) -> None:
    now_ms = draft.now_ms
    offer = Offer(
        offer_id=f"{call.call_id}-{draft.offers_made}",
        call_id=call.call_id,
        agent_id=agent.agent_id,
        extension=agent.extension,
        queue=call.queue,
        waited_ms=now_ms - call.entered_at_ms,
        made_at_ms=now_ms,
        expires_at_ms=now_ms + draft.rules.ring_timeout_ms,
    )
    draft.offers_made += 1
    draft.offers[offer.offer_id] = offer
    draft.calls[call.call_id] = replace(call, offer_id=offer.offer_id)
    draft.move(replace(agent, offer_id=offer.offer_id, call_id=call.call_id), AgentState.RINGING, "")
    idle_s = (now_ms - agent.idle_since_ms) / 1000
    draft.actions.append(RingPhone(offer=offer, reason=f"first in {call.queue}, agent idle longest ({idle_s:.1f} s)"))


_HANDLERS: dict[type[Any], Callable[[AcdDraft, Any], None]] = {
    CallEntered: _call_entered,
    CallLeft: _call_left,
    CallTaken: _call_taken,
    AgentEngaged: agent_engaged,
    AgentReleased: agent_released,
    OfferRinging: _offer_ringing,
    OfferClosed: _offer_closed,
    OfferRefused: _offer_refused,
    SwitchSilent: _switch_silent,
    SwitchAnswered: _switch_answered,
    AgentSignedIn: _agent_signed_in,
    AgentBecameReady: _agent_became_ready,
    AgentTookBreak: _agent_took_break,
    AgentSignedOut: _agent_signed_out,
    AgentForced: _agent_forced,
    PhoneSeen: _phone_seen,
    TimePassed: _time_passed,
}
