"""What happens to a call while a person talks with the citizen: hold, others in it, transfers, silence."""

from enum import StrEnum

from domain.call_event import CallEventBase
from domain.side import Side
from domain.target import OfferOutcome, Target


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
