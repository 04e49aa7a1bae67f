"""The moves of offers and agents that several events share."""

from domain.acd import Phone, QueueAgent
from domain.agent import AgentState
from telephony.acd.actions import StopRinging
from telephony.acd.draft import AcdDraft, replace

PHONE_GONE = "phone unregistered"
_BUSY = (AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP)


def end_offer(
    draft: AcdDraft, offer_id: str, reason: str, *, agent_break: str = "", stop_ringing: bool = False
) -> None:
    """The call, if it still waits, is offered anew from its old place; the agent is free, or at fault and on break.

    stop_ringing: the switch does not know yet; the next offer then waits until it does.
    """
    offer = draft.remove_offer(offer_id)
    if stop_ringing:
        told = offer.dialled or offer.call_id
        draft.actions.append(StopRinging(call_id=told, offer_id=offer_id, reason=reason))
    call = draft.calls.get(offer.call_id)
    if call is not None and call.offer_id == offer_id:
        retry_at_ms = draft.now_ms + draft.rules.retry_ms if stop_ringing else 0
        draft.set_call(replace(call, offer_id="", retry_at_ms=retry_at_ms))
    agent = draft.agents.get(offer.agent_id)
    if agent is None or agent.offer_id != offer_id:
        return
    agent = replace(agent, offer_id="", call_id="")
    if agent_break:
        move(draft, agent, AgentState.BREAK, agent_break)
    else:
        make_free(draft, agent, reason, keep_turn=True)


def move(draft: AcdDraft, agent: QueueAgent, to: AgentState, reason: str) -> None:
    """The agent is in this state from now on; agent: with what else changes about them."""
    stays = agent.state is to
    lasted_ms = 0 if stays else draft.now_ms - agent.since_ms
    draft.set_agent(
        replace(
            agent,
            state=to,
            since_ms=agent.since_ms if stays else draft.now_ms,
            reason=reason,
            call_id=agent.call_id if to in _BUSY else "",
            queue=agent.queue if to in _BUSY else "",
            wrap_up_ends_ms=agent.wrap_up_ends_ms if to is AgentState.WRAP_UP else 0,
            break_after=agent.break_after if to in (AgentState.TALKING, AgentState.RINGING) else None,
            sign_out_after=agent.sign_out_after and to is AgentState.TALKING,
            with_colleague=agent.with_colleague and to in (AgentState.TALKING, AgentState.RINGING),
            idle_ms=agent.idle_ms + (lasted_ms if agent.state is AgentState.READY else 0),
            busy_ms=agent.busy_ms + (lasted_ms if agent.state in _BUSY else 0),
        )
    )


def make_free(draft: AcdDraft, agent: QueueAgent, reason: str, *, keep_turn: bool) -> None:
    """Ready for calls, or on break when the phone is gone. keep_turn: at the old place among those who wait."""
    if not draft.registered(agent.extension):
        move(draft, agent, AgentState.BREAK, PHONE_GONE)
        return
    idle_since_ms = agent.idle_since_ms if keep_turn else draft.now_ms
    move(draft, replace(agent, idle_since_ms=idle_since_ms), AgentState.READY, reason)


def end_talk(draft: AcdDraft, agent: QueueAgent, reason: str) -> None:
    """After the call: what was asked for meanwhile, or the time to write things down."""
    if agent.sign_out_after:
        draft.remove_agent(agent.agent_id, reason)
        return
    if agent.break_after is not None:
        move(draft, agent, AgentState.BREAK, agent.break_after)
        return
    own_ms = draft.rules.of(agent.queue).wrap_up_limit_ms
    limit_ms = draft.rules.wrap_up_limit_ms if own_ms is None else own_ms
    ends_ms = draft.now_ms + limit_ms if limit_ms else 0
    move(draft, replace(agent, wrap_up_ends_ms=ends_ms), AgentState.WRAP_UP, reason)


def set_phone(draft: AcdDraft, phone: Phone) -> None:
    """A phone came or went; a free agent whose phone is gone takes no calls."""
    draft.set_phone(phone)
    agent = draft.agents.get(draft.desks.get(phone.extension, ""))
    if not phone.registered and agent is not None and agent.state is AgentState.READY:
        move(draft, agent, AgentState.BREAK, PHONE_GONE)
