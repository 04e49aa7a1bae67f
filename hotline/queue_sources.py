"""From what the switch says to the events of the queue's own log."""

from domain.acd_event import (
    AcdEvent,
    AgentEngaged,
    AgentReleased,
    CallbackDialled,
    CallbackWanted,
    CallEntered,
    CallLeft,
    CallTaken,
    ColleaguesEngaged,
    LanguageNoted,
    OfferClosed,
    OfferRinging,
    PhoneSeen,
)
from domain.agent import PhoneState
from domain.call import (
    AgentLeft,
    AgentOffered,
    CallbackAsked,
    CallConnected,
    CallEnded,
    CallEvent,
    CallPlaced,
    CallQueued,
    ColleagueAnswered,
    ColleagueCalled,
    ColleagueCallEnded,
    DialBecause,
    OfferEnded,
    QueuedBecause,
    ThirdAnswered,
    ThirdCalled,
    ThirdLeft,
)
from domain.speech import LanguageHeard
from telephony.acd.state import AcdState


def event_of_call(state: AcdState, event: CallEvent, at_ms: int) -> AcdEvent | None:
    """What a call's event means for the queue; None when it means nothing. The id is derived: twice is once."""
    event_id, call_id = f"call:{event.event_id}", event.call_id
    match event:
        case CallQueued():
            return CallEntered(
                event_id=event_id,
                at_ms=at_ms,
                call_id=call_id,
                entered_at_ms=event.at_ms,
                queue=event.queue,
                priority=event.priority,
                caller_number=event.caller_number,
                called_number=event.called_number,
                transferred=event.because is QueuedBecause.TRANSFER,
            )
        case CallbackAsked():
            return CallbackWanted(event_id=event_id, at_ms=at_ms, call_id=call_id, number=event.callback_number)
        case CallPlaced():
            return _of_placed(event, event_id, at_ms)
        case AgentOffered() if event.offer_id:
            return OfferRinging(event_id=event_id, at_ms=at_ms, call_id=call_id, offer_id=event.offer_id)
        case OfferEnded() if event.offer_id:
            return OfferClosed(
                event_id=event_id,
                at_ms=at_ms,
                call_id=call_id,
                offer_id=event.offer_id,
                agent_id=event.agent_id,
                outcome=event.outcome,
            )
        case CallConnected():
            return CallTaken(
                event_id=event_id, at_ms=at_ms, call_id=call_id, offer_id=event.offer_id, agent_id=event.agent_id
            )
        case ThirdCalled(target=target) if target.agent_id:
            return _engaged(event, event_id, at_ms, target.agent_id, talking=False)
        case ThirdAnswered(target=target) if target.agent_id:
            return _engaged(event, event_id, at_ms, target.agent_id, talking=True)
        case ThirdLeft(target=target, outcome=outcome) if target.agent_id:
            return _released(event, event_id, at_ms, target.agent_id, outcome.value)
        case AgentLeft(agent_id=agent_id, reason=reason):
            return _released(event, event_id, at_ms, agent_id, reason)
        case ColleagueCalled() | ColleagueAnswered():
            return _of_colleagues(event, event_id, at_ms)
        case CallEnded() | ColleagueCallEnded() if _concerns(state, call_id):
            return CallLeft(event_id=event_id, at_ms=at_ms, call_id=call_id, reason=event.cause)
    return None


def _of_placed(event: CallPlaced, event_id: str, at_ms: int) -> AcdEvent:
    """A call that the queue asked for is one of its offers; an agent who dials is rung without one."""
    if event.because is DialBecause.CALLBACK:
        return CallbackDialled(event_id=event_id, at_ms=at_ms, call_id=event.call_id, offer_id=event.offer_id)
    return _engaged(event, event_id, at_ms, event.agent_id, talking=False)


def _of_colleagues(event: ColleagueCalled | ColleagueAnswered, event_id: str, at_ms: int) -> AcdEvent | None:
    agent_ids = tuple(filter(None, (event.agent_id, event.called_agent_id)))
    if not agent_ids:
        return None
    talking = isinstance(event, ColleagueAnswered)
    return ColleaguesEngaged(
        event_id=event_id, at_ms=at_ms, call_id=event.call_id, agent_ids=agent_ids, talking=talking
    )


def _engaged(event: CallEvent, event_id: str, at_ms: int, agent_id: str, *, talking: bool) -> AcdEvent:
    return AgentEngaged(event_id=event_id, at_ms=at_ms, call_id=event.call_id, agent_id=agent_id, talking=talking)


def _released(event: CallEvent, event_id: str, at_ms: int, agent_id: str, reason: str) -> AcdEvent:
    return AgentReleased(event_id=event_id, at_ms=at_ms, call_id=event.call_id, agent_id=agent_id, reason=reason)


def _concerns(state: AcdState, call_id: str) -> bool:
    """Most calls that end are known here; one that never came to the queue is not worth a line in its log."""
    return call_id in state.calls or call_id in state.talks or call_id in state.dials


def event_of_language(heard: LanguageHeard, at_ms: int) -> AcdEvent:
    """Once for a call, however often it is heard of."""
    return LanguageNoted(
        event_id=f"language:{heard.call_id}", at_ms=at_ms, call_id=heard.call_id, language=heard.language
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
