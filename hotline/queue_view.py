"""What others see of the queue."""

from collections import Counter

from domain.acd import QueueAgent
from domain.agent import AgentState, AgentStatus
from domain.queueing import QueueSnapshot, WaitingCall
from hotline.queue_metrics import AGENTS, CALLBACKS, WAITING
from telephony.acd.state import AcdState


def status_of(agent: QueueAgent, *, phone_registered: bool, at_ms: int) -> AgentStatus:
    """The agent as the desk shows them; it has no call to show of one who speaks with a colleague."""
    return AgentStatus(
        agent_id=agent.agent_id,
        name=agent.name,
        extension=agent.extension,
        state=agent.state,
        since_ms=agent.since_ms,
        at_ms=at_ms,
        call_id="" if agent.with_colleague else agent.call_id,
        reason=agent.reason,
        phone_registered=phone_registered,
    )


def agent_status(state: AcdState, agent_id: str, at_ms: int) -> AgentStatus | None:
    """The status of one agent; None when they are signed out."""
    agent = state.agents.get(agent_id)
    if agent is None:
        return None
    phone = state.phones.get(agent.extension)
    return status_of(agent, phone_registered=phone is not None and phone.registered, at_ms=at_ms)


def snapshot_of(state: AcdState, at_ms: int) -> QueueSnapshot:
    """Everyone who waits, in order, with the place in their own queue, and every agent who is signed in."""
    places: Counter[str] = Counter()
    waiting = []
    for call in state.in_order():
        places[call.queue] += 1
        offer = state.offers.get(call.offer_id)
        waiting.append(
            WaitingCall(
                call_id=call.call_id,
                queue=call.queue,
                since_ms=call.entered_at_ms,
                position=places[call.queue],
                offered_to=offer.agent_id if offer is not None else "",
                line=call.line,
                callback=call.hung_up,
            )
        )
    agents = [agent_status(state, agent_id, at_ms) for agent_id in sorted(state.agents)]
    return QueueSnapshot(
        at_ms=at_ms, waiting=tuple(waiting), agents=tuple(status for status in agents if status is not None)
    )


def count(state: AcdState) -> None:
    """Set the gauges."""
    callbacks = sum(call.hung_up for call in state.calls.values())
    WAITING.set(len(state.calls) - callbacks)
    CALLBACKS.set(callbacks)
    states = Counter(agent.state for agent in state.agents.values())
    for agent_state in AgentState:
        if agent_state is not AgentState.SIGNED_OUT:
            AGENTS.labels(agent_state.value).set(states[agent_state])


def longest_wait_s(state: AcdState, now_ms: int) -> float:
    """How long the one who has waited longest waits, in seconds; 0 when nobody does."""
    return max(((now_ms - call.entered_at_ms) / 1000 for call in state.calls.values() if not call.hung_up), default=0.0)
