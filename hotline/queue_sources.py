"""From what the switch says to the events of the queue's own log."""

from domain.acd import (
    AcdEvent,
    AcdState,
    AgentEngaged,
    AgentReleased,
    CallEntered,
    CallLeft,
    CallTaken,
    OfferClosed,
    OfferRinging,
    PhoneSeen,
)
from domain.agent import AgentState, PhoneState
from domain.call import (
    AgentLeft,
    AgentOffered,
    CallConnected,
    CallEnded,
    CallEvent,
    CallPlaced,
    CallQueued,
    OfferEnded,
    ThirdAnswered,
    ThirdCalled,
    ThirdLeft,
)


def event_of_call(state: AcdState, event: CallEvent, at_ms: int) -> AcdEvent | None:
    """What a call's event means for the queue; None when it means nothing. The id is derived: twice is once."""
    event_id = f"call:{event.event_id}"
    match event:
        case CallQueued():
            return CallEntered(
                event_id=event_id,
                at_ms=at_ms,
                call_id=event.call_id,
                entered_at_ms=event.at_ms,
                queue=event.queue,
                priority=event.priority,
            )
        case AgentOffered():
            return OfferRinging(event_id=event_id, at_ms=at_ms, call_id=event.call_id, offer_id=event.offer_id)
        case OfferEnded():
            return OfferClosed(
                event_id=event_id,
                at_ms=at_ms,
                call_id=event.call_id,
                offer_id=event.offer_id,
                agent_id=event.agent_id,
                outcome=event.outcome,
            )
        case CallConnected():
            return CallTaken(
                event_id=event_id,
                at_ms=at_ms,
                call_id=event.call_id,
                offer_id=event.offer_id,
                agent_id=event.agent_id,
            )
        case CallPlaced(agent_id=agent_id):
            return _engaged(event, event_id, at_ms, agent_id, talking=False)
        case ThirdCalled(target=target) if target.agent_id:
            return _engaged(event, event_id, at_ms, target.agent_id, talking=False)
        case ThirdAnswered(target=target) if target.agent_id:
            return _engaged(event, event_id, at_ms, target.agent_id, talking=True)
        case ThirdLeft(target=target, outcome=outcome) if target.agent_id:
            return _released(event, event_id, at_ms, target.agent_id, outcome.value)
        case AgentLeft(agent_id=agent_id, reason=reason):
            return _released(event, event_id, at_ms, agent_id, reason)
        case CallEnded() if _concerns(state, event.call_id):
            return CallLeft(event_id=event_id, at_ms=at_ms, call_id=event.call_id, reason=event.cause)
    return None


def _engaged(event: CallEvent, event_id: str, at_ms: int, agent_id: str, *, talking: bool) -> AcdEvent:
    return AgentEngaged(event_id=event_id, at_ms=at_ms, call_id=event.call_id, agent_id=agent_id, talking=talking)


def _released(event: CallEvent, event_id: str, at_ms: int, agent_id: str, reason: str) -> AcdEvent:
    return AgentReleased(event_id=event_id, at_ms=at_ms, call_id=event.call_id, agent_id=agent_id, reason=reason)


def _concerns(state: AcdState, call_id: str) -> bool:
    """Most calls that end are known here; one that never came to the queue is not worth a line in its log."""
    busy = (AgentState.TALKING, AgentState.RINGING)
    return call_id in state.calls or any(
        agent.call_id == call_id and agent.state in busy for agent in state.agents.values()
    )


def event_of_phone(phone: PhoneState, at_ms: int) -> AcdEvent:
    """A registration, its refresh or its end."""
    return PhoneSeen(
        event_id=f"phone:{phone.extension}:{phone.at_ms}:{int(phone.registered)}",
        at_ms=at_ms,
        extension=phone.extension,
        registered=phone.registered,
        expires_at_ms=phone.expires_at_ms,
    )
