"""What happens to a call, as frozen events.

Only the switch that holds the call writes them (subject `call.<id>.event`), so `number` orders them and
`event_id` is unique; everything else in the house is derived from them.
"""

from enum import StrEnum

import msgspec

from domain.side import Side
from domain.target import Target


class CallEventBase(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """call_id; number: counts the call's events from 0; at_ms: wall clock (Unix, ms); switch_id: who holds the call."""

    call_id: str
    number: int
    at_ms: int
    switch_id: str

    @property
    def event_id(self) -> str:
        return f"{self.call_id}.{self.number}"


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


class OfferOutcome(StrEnum):
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"


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


class CallHeld(CallEventBase, frozen=True, kw_only=True, tag="held"):
    """The caller hears music."""

    agent_id: str


class CallResumed(CallEventBase, frozen=True, kw_only=True, tag="resumed"):
    """Caller and agent hear each other again."""

    agent_id: str


class Passing(StrEnum):
    """直接转接, 咨询, 加入三方, 紧急联动."""

    TRANSFER = "transfer"
    CONSULT = "consult"
    INVITE = "invite"
    HAND_OVER = "hand_over"


class ThirdCalled(CallEventBase, frozen=True, kw_only=True, tag="third_called"):
    """The agent has another's telephone rung. how: what for; agent_id: who asked for it."""

    how: Passing
    target: Target
    agent_id: str


class EmergencyHandedOver(CallEventBase, frozen=True, kw_only=True, tag="handed_over"):
    """110, 119 or 120 are being brought into the call. location: as the ticket had it at that moment.

    keyed: asked for by the keys of the agent's telephone, and not on the desk.
    """

    target: Target
    agent_id: str
    location: str
    keyed: bool = False


class ThirdAnswered(CallEventBase, frozen=True, kw_only=True, tag="third_answered"):
    target: Target


class ThirdLeft(CallEventBase, frozen=True, kw_only=True, tag="third_left"):
    """The other is out of the call again, or never came. outcome ANSWERED: they had been in it."""

    target: Target
    outcome: OfferOutcome
    sip_status: int = 0


class CallConferenced(CallEventBase, frozen=True, kw_only=True, tag="conferenced"):
    """Caller, agent and the third hear each other."""

    target: Target
    agent_id: str


class CallTransferred(CallEventBase, frozen=True, kw_only=True, tag="transferred"):
    """The call is another's from now on; an agent among them comes as CallConnected, a queue as CallQueued."""

    target: Target
    agent_id: str
    how: Passing


class AgentLeft(CallEventBase, frozen=True, kw_only=True, tag="agent_left"):
    """The agent is out of a call that goes on. reason: a short English one."""

    agent_id: str
    reason: str


class Supervision(StrEnum):
    """监听, 耳语, 强插, 接管, 退出."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE_IN = "barge_in"
    TAKE_OVER = "take_over"
    END = "end"


class CallSupervised(CallEventBase, frozen=True, kw_only=True, tag="supervised"):
    """A team leader is in the call in this way from now on."""

    leader_id: str
    how: Supervision


class TalkPhase(StrEnum):
    """Where a call is that people talk in; telephony/calls/talk.py says how one comes from one to another."""

    ALONE = "alone"
    DIALLING = "dialling"
    TALKING = "talking"
    HELD = "held"
    CALLING = "calling"
    CONSULTING = "consulting"
    SWAPPED = "swapped"
    INVITING = "inviting"
    CONFERENCE = "conference"
    TRANSFERRING = "transferring"
    HANDED_OVER = "handed_over"
    OVER = "over"


class TalkChanged(CallEventBase, frozen=True, kw_only=True, tag="talk"):
    """Who is in the call and hears whom, after each change of it: what the pages show.

    third: who is called or in it besides the agent; leader_id and supervision: "" and None without a team leader.
    """

    phase: TalkPhase
    muted: bool = False
    third: Target | None = None
    leader_id: str = ""
    supervision: Supervision | None = None


class CallFellSilent(CallEventBase, frozen=True, kw_only=True, tag="silent"):
    """For long nobody in the call has spoken: a lost line, or an agent who types; or the caller never has.

    since_at_ms: wall clock (Unix, ms) of the last voice, or of where this phase of the talk began. side: the caller's
    where they have not said a word in the whole call, whoever else speaks; None: nobody speaks.
    """

    since_at_ms: int
    side: Side | None = None


class CallSilenceEnded(CallEventBase, frozen=True, kw_only=True, tag="silence_ended"):
    """Somebody speaks, or who hears whom has changed. since_at_ms, side: as in the CallFellSilent that is over."""

    since_at_ms: int
    side: Side | None = None


class ColleagueCallBase(CallEventBase, frozen=True, kw_only=True):
    """A call between two telephones of ours, in which no citizen is: nothing counts, records or listens to it.

    extension: the one that has dialled; agent_id: who is signed in there, "" for nobody. called_…: of the other.
    """

    extension: str
    called_extension: str
    agent_id: str = ""
    called_agent_id: str = ""


class ColleagueCalled(ColleagueCallBase, frozen=True, kw_only=True, tag="colleague_called"):
    """The other's telephone is rung."""


class ColleagueAnswered(ColleagueCallBase, frozen=True, kw_only=True, tag="colleague_answered"):
    """The two hear each other."""


class ColleagueCallEnded(CallEventBase, frozen=True, kw_only=True, tag="colleague_ended"):
    """It is over. cause, sip_status: as in CallEnded."""

    cause: str
    sip_status: int = 0


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
COLLEAGUE_CALL = (ColleagueCalled, ColleagueAnswered, ColleagueCallEnded)
"""What concerns no citizen."""
