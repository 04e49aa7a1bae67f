"""Agents who are wanted or talk without an offer of the queue: transfers, consultations, their own outgoing calls.

ready, break, wrap-up ──rung──► ringing ──talks──► talking ──leaves, call over──► wrap-up
ringing ──leaves, call over──► where they came from (wrap-up counts as break)
"""

from domain.acd import AgentEngaged, AgentReleased, QueueAgent
from domain.agent import AgentState
from telephony.acd_draft import AcdDraft, replace


def agent_engaged(draft: AcdDraft, event: AgentEngaged) -> None:
    """An offer that rings at the agent gives way; one who talks with somebody else goes on doing so."""
    agent = draft.agents.get(event.agent_id)
    if agent is None or (agent.state is AgentState.TALKING and agent.call_id != event.call_id):
        return
    if agent.offer_id:
        draft.end_offer(agent.offer_id, "the agent is called by another", stop_ringing=True)
        agent = draft.agents[event.agent_id]
    if agent.state in (AgentState.BREAK, AgentState.WRAP_UP):
        agent = replace(agent, break_after=agent.reason)
    state = AgentState.TALKING if event.talking else AgentState.RINGING
    draft.move(replace(agent, call_id=event.call_id), state, "")


def agent_released(draft: AcdDraft, event: AgentReleased) -> None:
    """The agent is out of a call that goes on, or was rung in vain."""
    agent = draft.agents.get(event.agent_id)
    if agent is not None and agent.call_id == event.call_id:
        release(draft, agent, event.reason)


def release(draft: AcdDraft, agent: QueueAgent, reason: str) -> None:
    """After a talk comes the wrap-up; who was only rung is as before."""
    if agent.state is AgentState.TALKING:
        draft.end_talk(agent, reason)
    elif agent.state is AgentState.RINGING and not agent.offer_id:
        if agent.break_after is not None:
            draft.move(agent, AgentState.BREAK, agent.break_after)
        else:
            draft.free(agent, reason, keep_turn=True)
