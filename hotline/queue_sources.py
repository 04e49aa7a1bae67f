"""From what the switch says to the events of the queue's own log."""

from domain.acd import AcdEvent, AcdState, CallEntered, CallLeft, CallTaken, OfferClosed, OfferRinging, PhoneSeen
from domain.agent import AgentState, PhoneState
from domain.call import AgentOffered, CallConnected, CallEnded, CallEvent, CallQueued, OfferEnded


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
        case CallEnded() if _concerns(state, event.call_id):
            return CallLeft(event_id=event_id, at_ms=at_ms, call_id=event.call_id, reason=event.cause)
    return None


def _concerns(state: AcdState, call_id: str) -> bool:
    """Most calls that end are known here; one that never came to the queue is not worth a line in its log."""
    return call_id in state.calls or any(
        agent.call_id == call_id and agent.state is AgentState.TALKING for agent in state.agents.values()
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
