"""What the events of agents and their telephones do to the queue."""

from domain.acd import Phone, QueueAgent
from domain.acd_event import (
    AgentBecameReady,
    AgentForced,
    AgentSignedIn,
    AgentSignedOut,
    AgentTookBreak,
    PhoneSeen,
)
from domain.agent import AgentState
from telephony.acd.draft import AcdDraft, replace
from telephony.acd.moves import end_offer, make_free, move, set_phone


def agent_signed_in(draft: AcdDraft, event: AgentSignedIn) -> None:
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
    agent = replace(
        agent,
        name=event.name,
        extension=event.extension,
        queues=event.queues,
        skills=event.skills,
        auto_answer=event.auto_answer,
    )
    draft.set_agent(agent)
    if agent.state is AgentState.READY:
        make_free(draft, agent, agent.reason, keep_turn=True)  # at another phone, which may not be registered


def agent_became_ready(draft: AcdDraft, event: AgentBecameReady | AgentForced) -> None:
    agent = draft.agents.get(event.agent_id)
    if agent is None or agent.state in (AgentState.RINGING, AgentState.READY):
        return
    if agent.state is AgentState.TALKING:
        draft.set_agent(replace(agent, break_after=None, sign_out_after=False))
        return
    make_free(draft, agent, "", keep_turn=False)


def agent_took_break(draft: AcdDraft, event: AgentTookBreak) -> None:
    agent = draft.agents.get(event.agent_id)
    if agent is not None:
        _take_break(draft, agent, event.reason)


def agent_signed_out(draft: AcdDraft, event: AgentSignedOut) -> None:
    agent = draft.agents.get(event.agent_id)
    if agent is not None and agent.state is not AgentState.TALKING:
        _sign_out(draft, agent, "signed out")


def agent_forced(draft: AcdDraft, event: AgentForced) -> None:
    """As if the agent had asked, but for the reason that everybody reads; one who talks comes to it after the call."""
    agent = draft.agents.get(event.agent_id)
    if agent is None:
        return
    reason = f"forced by {event.by}: {event.reason}"
    match event.state:
        case "ready":
            agent_became_ready(draft, event)
        case "break":
            _take_break(draft, agent, reason)
        case "signed_out" if agent.state is AgentState.TALKING:
            draft.set_agent(replace(agent, sign_out_after=True))
        case "signed_out":
            _sign_out(draft, agent, reason)


def phone_seen(draft: AcdDraft, event: PhoneSeen) -> None:
    registered = event.registered and event.expires_at_ms + draft.rules.phone_grace_ms > event.at_ms
    set_phone(draft, Phone(extension=event.extension, registered=registered, expires_at_ms=event.expires_at_ms))


def _take_break(draft: AcdDraft, agent: QueueAgent, reason: str) -> None:
    if agent.state is AgentState.TALKING:
        draft.set_agent(replace(agent, break_after=reason))
        return
    if agent.offer_id:
        end_offer(draft, agent.offer_id, "the agent took a break", stop_ringing=True)
    move(draft, draft.agents[agent.agent_id], AgentState.BREAK, reason)


def _sign_out(draft: AcdDraft, agent: QueueAgent, reason: str) -> None:
    if agent.offer_id:
        end_offer(draft, agent.offer_id, "the agent signed out", stop_ringing=True)
    draft.remove_agent(agent.agent_id, reason)
