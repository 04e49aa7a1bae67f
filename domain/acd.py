"""What the queue (ACD) remembers, and the events of its own log (`acd.log`), from which its state is rebuilt.

Only the leading queue role writes them. `event_id` is derived from what caused the event, so that the same cause heard
twice counts once. All times are wall clock (Unix, ms).
"""

import msgspec

from domain.agent import AgentState, ForcedState
from domain.call import OfferOutcome


class QueuedCall(msgspec.Struct, frozen=True, kw_only=True):
    """A caller who waits.

    arrival: counts who came when. retry_at_ms: not offered before. silent_since_ms: since when its switch does not
    answer, 0 while it does; probe_at_ms: when to ask it again. announced: callers before them as they were last told.
    """

    call_id: str
    queue: str
    priority: int
    arrival: int
    entered_at_ms: int
    offer_id: str = ""
    retry_at_ms: int = 0
    silent_since_ms: int = 0
    probe_at_ms: int = 0
    announced: int = -1
    announced_at_ms: int = 0


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A call that rings at an agent. ringing: the switch said that the phone was sent an INVITE."""

    offer_id: str
    call_id: str
    agent_id: str
    extension: str
    queue: str
    waited_ms: int
    made_at_ms: int
    expires_at_ms: int
    ringing: bool = False


class QueueAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent as the queue sees them.

    idle_since_ms: orders who is next; an offer that the caller gave up does not change it. wrap_up_ends_ms: 0 when the
    agent decides. break_after: the reason of the break that begins when the talk ends, None without; sign_out_after:
    the agent is signed out then instead.
    """

    agent_id: str
    name: str
    extension: str
    queues: tuple[str, ...]
    state: AgentState
    since_ms: int
    idle_since_ms: int = 0
    call_id: str = ""
    offer_id: str = ""
    reason: str = ""
    wrap_up_ends_ms: int = 0
    break_after: str | None = None
    sign_out_after: bool = False


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    extension: str
    registered: bool
    expires_at_ms: int


class AcdState(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the queue knows. The dicts are never changed in place.

    calls: waiting callers by id. arrivals, offers_made: counters. seen: the ids of the latest events, newest last.
    """

    calls: dict[str, QueuedCall] = {}
    offers: dict[str, Offer] = {}
    agents: dict[str, QueueAgent] = {}
    phones: dict[str, Phone] = {}
    arrivals: int = 0
    offers_made: int = 0
    seen: tuple[str, ...] = ()


class AcdEventBase(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    event_id: str
    at_ms: int


class CallEntered(AcdEventBase, frozen=True, kw_only=True, tag="call_entered"):
    """entered_at_ms: when the caller came to the queue, which may be earlier than when the queue heard of it."""

    call_id: str
    entered_at_ms: int
    queue: str
    priority: int


class CallLeft(AcdEventBase, frozen=True, kw_only=True, tag="call_left"):
    """The call is over, wherever it was: waiting, ringing or talking."""

    call_id: str
    reason: str


class OfferRinging(AcdEventBase, frozen=True, kw_only=True, tag="offer_ringing"):
    """The switch sent the INVITE of this offer."""

    call_id: str
    offer_id: str


class OfferClosed(AcdEventBase, frozen=True, kw_only=True, tag="offer_closed"):
    """The switch says how an offer ended."""

    call_id: str
    offer_id: str
    agent_id: str
    outcome: OfferOutcome


class OfferRefused(AcdEventBase, frozen=True, kw_only=True, tag="offer_refused"):
    """The switch did not take up the ringing; the agent is not to blame. reason: its own words."""

    call_id: str
    offer_id: str
    reason: str


class CallTaken(AcdEventBase, frozen=True, kw_only=True, tag="call_taken"):
    """Caller and agent talk: the switch's word is the truth, whatever the queue believed."""

    call_id: str
    offer_id: str
    agent_id: str


class AgentEngaged(AcdEventBase, frozen=True, kw_only=True, tag="agent_engaged"):
    """Without an offer of the queue an agent is rung for a call (transfer, consultation, own), or talks in it."""

    call_id: str
    agent_id: str
    talking: bool


class AgentReleased(AcdEventBase, frozen=True, kw_only=True, tag="agent_released"):
    """The agent is out of a call that goes on, or was rung for it in vain."""

    call_id: str
    agent_id: str
    reason: str


class SwitchSilent(AcdEventBase, frozen=True, kw_only=True, tag="switch_silent"):
    """Nobody serves the commands of this call."""

    call_id: str


class SwitchAnswered(AcdEventBase, frozen=True, kw_only=True, tag="switch_answered"):
    """The switch of a call that was silent answers again."""

    call_id: str


class AgentSignedIn(AcdEventBase, frozen=True, kw_only=True, tag="agent_signed_in"):
    agent_id: str
    name: str
    extension: str
    queues: tuple[str, ...]


class AgentBecameReady(AcdEventBase, frozen=True, kw_only=True, tag="agent_ready"):
    agent_id: str


class AgentTookBreak(AcdEventBase, frozen=True, kw_only=True, tag="agent_break"):
    agent_id: str
    reason: str


class AgentSignedOut(AcdEventBase, frozen=True, kw_only=True, tag="agent_signed_out"):
    agent_id: str


class AgentForced(AcdEventBase, frozen=True, kw_only=True, tag="agent_forced"):
    """The team leader `by` put the agent into this state."""

    agent_id: str
    state: ForcedState
    by: str
    reason: str


class PhoneSeen(AcdEventBase, frozen=True, kw_only=True, tag="phone_seen"):
    extension: str
    registered: bool
    expires_at_ms: int


class TimePassed(AcdEventBase, frozen=True, kw_only=True, tag="time_passed"):
    """A deadline came (an offer's, a wrap-up's, a phone's, a probe's, an announcement's)."""


class SnapshotTaken(AcdEventBase, frozen=True, kw_only=True, tag="snapshot"):
    """The whole state so far: a replay may begin here."""

    state: AcdState


class SnapshotPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where in the log the latest SnapshotTaken is (subject `acd.snapshot`, the last one is kept)."""

    sequence: int
    at_ms: int


AcdEvent = (
    CallEntered
    | CallLeft
    | OfferRinging
    | OfferClosed
    | OfferRefused
    | CallTaken
    | AgentEngaged
    | AgentReleased
    | SwitchSilent
    | SwitchAnswered
    | AgentSignedIn
    | AgentBecameReady
    | AgentTookBreak
    | AgentSignedOut
    | AgentForced
    | PhoneSeen
    | TimePassed
    | SnapshotTaken
)
