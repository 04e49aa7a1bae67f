"""What happens to a call, as frozen events.

Only the switch that holds the call writes them (subject `call.<id>.event`), so `number` orders them and
`event_id` is unique; everything else in the house is derived from them.
"""

from enum import StrEnum

from domain.call_event import CallEventBase
from domain.colleague_call import ColleagueAnswered, ColleagueCalled, ColleagueCallEnded
from domain.talk import (
    AgentLeft,
    CallConferenced,
    CallFellSilent,
    CallHeld,
    CallResumed,
    CallSilenceEnded,
    CallSupervised,
    CallTransferred,
    EmergencyHandedOver,
    TalkChanged,
    ThirdAnswered,
    ThirdCalled,
    ThirdLeft,
)
from domain.target import OfferOutcome


class CallArrived(CallEventBase, frozen=True, kw_only=True, tag="arrived"):
    """The INVITE was received: the first clock of the 15-second standard starts.

    diverted_from: the number that the caller had dialled before it was forwarded to the hotline, or "".
    """

    caller_number: str
    called_number: str
    trunk: str
    diverted_from: str = ""


class DialBecause(StrEnum):
    """点击外呼, 排队回拨, 话机外呼."""

    CLICK = "click"
    CALLBACK = "callback"
    PHONE = "phone"


class CallPlaced(CallEventBase, frozen=True, kw_only=True, tag="placed"):
    """We call a citizen: the first event of an outgoing call, which no clock of the 15-second standard counts.

    citizen_number: whom we call; shown_number: the one that they see; offer_id: the queue's, when it asked for this.
    """

    citizen_number: str
    shown_number: str
    agent_id: str
    extension: str
    because: DialBecause
    offer_id: str = ""


class CallAnswered(CallEventBase, frozen=True, kw_only=True, tag="answered"):
    """200 OK was sent, or came when we called; media_ms 0 of the call."""


class PromptEnding(StrEnum):
    PLAYED = "played"
    BARGED_IN = "barged_in"
    STOPPED = "stopped"


class PromptPlayed(CallEventBase, frozen=True, kw_only=True, tag="prompt"):
    """A prompt was played to the caller, to its end or not. at_ms is its end."""

    prompt: str
    started_at_ms: int
    ending: PromptEnding


class DigitSource(StrEnum):
    RFC4733 = "rfc4733"
    INFO = "info"
    INBAND = "inband"


class KeyPressed(CallEventBase, frozen=True, kw_only=True, tag="key"):
    digit: str
    source: DigitSource


class QueuedBecause(StrEnum):
    SPEECH = "speech"
    KEY = "key"
    SILENCE = "silence"
    FAULT = "fault"
    FLOW = "flow"
    TRANSFER = "transfer"


class CallQueued(CallEventBase, frozen=True, kw_only=True, tag="queued"):
    """The caller waits for a person. menu_ended_at_ms: end of the last prompt or input of the flow.

    caller_number, called_number: as in CallArrived; "" from switches that did not say so yet.
    """

    queue: str
    because: QueuedBecause
    menu_ended_at_ms: int
    priority: int = 0
    caller_number: str = ""
    called_number: str = ""


class CallbackAsked(CallEventBase, frozen=True, kw_only=True, tag="callback_asked"):
    """The waiting caller hangs up and wants to be called back at `callback_number` when it is their turn."""

    callback_number: str


class AgentOffered(CallEventBase, frozen=True, kw_only=True, tag="offered"):
    """The agent's phone was sent an INVITE."""

    offer_id: str
    agent_id: str
    extension: str


class OfferEnded(CallEventBase, frozen=True, kw_only=True, tag="offer_ended"):
    offer_id: str
    agent_id: str
    outcome: OfferOutcome
    sip_status: int = 0


class CallConnected(CallEventBase, frozen=True, kw_only=True, tag="connected"):
    """Caller and agent hear each other: the clocks of the 15-second standard stop."""

    offer_id: str
    agent_id: str
    extension: str


class EndedBy(StrEnum):
    CALLER = "caller"
    AGENT = "agent"
    SYSTEM = "system"


class CallEnded(CallEventBase, frozen=True, kw_only=True, tag="ended"):
    """The call is over. cause: a short English reason such as 'bye', 'switch stopped', 'no common codec'."""

    by: EndedBy
    cause: str
    sip_status: int = 0


class RecordingFinished(CallEventBase, frozen=True, kw_only=True, tag="recorded"):
    """The recording is closed. path is relative to the data directory's `recordings`."""

    path: str
    duration_ms: int
    sha256: str


CallEvent = (
    CallArrived
    | CallPlaced
    | CallAnswered
    | PromptPlayed
    | KeyPressed
    | CallQueued
    | CallbackAsked
    | AgentOffered
    | OfferEnded
    | CallConnected
    | CallHeld
    | CallResumed
    | ThirdCalled
    | EmergencyHandedOver
    | ThirdAnswered
    | ThirdLeft
    | CallConferenced
    | CallTransferred
    | AgentLeft
    | CallSupervised
    | TalkChanged
    | CallFellSilent
    | CallSilenceEnded
    | CallEnded
    | RecordingFinished
    | ColleagueCalled
    | ColleagueAnswered
    | ColleagueCallEnded
)
