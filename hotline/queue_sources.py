"""From what the switch says to the events of the queue's own log."""

from collections.abc import Callable
from functools import partial

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
    AgentOffered,
    CallbackAsked,
    CallConnected,
    CallEnded,
    CallEvent,
    CallPlaced,
    CallQueued,
    DialBecause,
    OfferEnded,
    QueuedBecause,
)
from domain.colleague_call import ColleagueAnswered, ColleagueCalled, ColleagueCallEnded
from domain.speech import LanguageHeard
from domain.talk import AgentLeft, ThirdAnswered, ThirdCalled, ThirdLeft
from telephony.acd.state import AcdState


def event_of_call(state: AcdState, event: CallEvent, at_ms: int) -> AcdEvent | None:
    """What a call's event means for the queue; None when it means nothing. The id is derived: twice is once."""
    said = partial(_said, event, at_ms)
    match event:
        case CallQueued():
            return said(
                CallEntered,
                entered_at_ms=event.at_ms,
                queue=event.queue,
                priority=event.priority,
                caller_number=event.caller_number,
                called_number=event.called_number,
                transferred=event.because is QueuedBecause.TRANSFER,
            )
        case CallbackAsked(callback_number=number):
            return said(CallbackWanted, number=number)
        case CallPlaced(because=DialBecause.CALLBACK, offer_id=offer_id):
            return said(CallbackDialled, offer_id=offer_id)
        case CallPlaced(agent_id=agent_id):
            return said(AgentEngaged, agent_id=agent_id, talking=False)
        case AgentOffered(offer_id=offer_id) if offer_id:
            return said(OfferRinging, offer_id=offer_id)
        case OfferEnded(offer_id=offer_id, agent_id=agent_id, outcome=outcome) if offer_id:
            return said(OfferClosed, offer_id=offer_id, agent_id=agent_id, outcome=outcome)
        case CallConnected(offer_id=offer_id, agent_id=agent_id):
            return said(CallTaken, offer_id=offer_id, agent_id=agent_id)
        case ThirdCalled(target=target) | ThirdAnswered(target=target) if target.agent_id:
            return said(AgentEngaged, agent_id=target.agent_id, talking=isinstance(event, ThirdAnswered))
        case ThirdLeft(target=target, outcome=outcome) if target.agent_id:
            return said(AgentReleased, agent_id=target.agent_id, reason=outcome.value)
        case AgentLeft(agent_id=agent_id, reason=reason):
            return said(AgentReleased, agent_id=agent_id, reason=reason)
        case ColleagueCalled() | ColleagueAnswered() if agent_ids := _colleagues(event):
            return said(ColleaguesEngaged, agent_ids=agent_ids, talking=isinstance(event, ColleagueAnswered))
        case CallEnded(cause=cause) | ColleagueCallEnded(cause=cause) if _concerns(state, event.call_id):
            return said(CallLeft, reason=cause)
    return None


def _said(event: CallEvent, at_ms: int, kind: Callable[..., AcdEvent], **more: object) -> AcdEvent:
    """An event of the queue's about the same call."""
    return kind(event_id=f"call:{event.event_id}", at_ms=at_ms, call_id=event.call_id, **more)


def _colleagues(event: ColleagueCalled | ColleagueAnswered) -> tuple[str, ...]:
    """The agents among the two: nobody may be signed in at either telephone."""
    return tuple(filter(None, (event.agent_id, event.called_agent_id)))


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
