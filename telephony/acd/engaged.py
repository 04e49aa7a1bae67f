"""Agents who are wanted or talk without an offer of the queue: transfers, consultations, own calls, each other's.

ready, break, wrap-up ──rung──► ringing ──talks──► talking ──leaves, call over──► wrap-up
ringing ──leaves, call over──► where they came from (wrap-up counts as break)

Of a call between agents nothing is to be written up: talking in it ends like ringing.
"""

from domain.acd import QueueAgent
from domain.acd_event import AgentEngaged, AgentReleased, ColleaguesEngaged
from domain.agent import AgentState
from telephony.acd.draft import AcdDraft, replace
from telephony.acd.moves import end_offer, end_talk, make_free, move

WITH_COLLEAGUE = "with a colleague"


def agent_engaged(draft: AcdDraft, event: AgentEngaged) -> None:
    """An offer that rings at the agent gives way; one who talks with somebody else goes on doing so."""
    agent = _wanted(draft, event.agent_id, event.call_id)
    if agent is not None:
        state = AgentState.TALKING if event.talking else AgentState.RINGING
        move(draft, replace(agent, call_id=event.call_id, with_colleague=False), state, "")


def colleagues_engaged(draft: AcdDraft, event: ColleaguesEngaged) -> None:
    """They are in no caller's call, and are offered none until it is over."""
    for agent_id in event.agent_ids:
        agent = _wanted(draft, agent_id, event.call_id)
        if agent is not None:
            state = AgentState.TALKING if event.talking else AgentState.RINGING
            move(draft, replace(agent, call_id=event.call_id, with_colleague=True), state, WITH_COLLEAGUE)


def _wanted(draft: AcdDraft, agent_id: str, call_id: str) -> QueueAgent | None:
    """The agent, free of what rings there; None for one who is not there or talks in another call."""
    agent = draft.agents.get(agent_id)
    if agent is None or (agent.state is AgentState.TALKING and agent.call_id != call_id):
        return None
    if agent.offer_id:
        end_offer(draft, agent.offer_id, "the agent is called by another", stop_ringing=True)
        agent = draft.agents[agent_id]
    if agent.state in (AgentState.BREAK, AgentState.WRAP_UP):
        agent = replace(agent, break_after=agent.reason)
    return agent


def agent_released(draft: AcdDraft, event: AgentReleased) -> None:
    """The agent is out of a call that goes on, or was rung in vain."""
    agent = draft.agents.get(event.agent_id)
    if agent is not None and agent.call_id == event.call_id:
        release(draft, agent, event.reason)


def release(draft: AcdDraft, agent: QueueAgent, reason: str) -> None:
    """After a talk comes the wrap-up; who was only rung is as before."""
    if agent.state is AgentState.TALKING and not agent.with_colleague:
        end_talk(draft, agent, reason)
    elif agent.sign_out_after:
        draft.remove_agent(agent.agent_id, reason)
    elif agent.state is AgentState.TALKING or (agent.state is AgentState.RINGING and not agent.offer_id):
        if agent.break_after is not None:
            move(draft, agent, AgentState.BREAK, agent.break_after)
        else:
            make_free(draft, agent, reason, keep_turn=True)
