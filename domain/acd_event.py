"""The events of the queue's own log (`acd.log`), from which its state is rebuilt.

Only the leading queue role writes them. `event_id` is derived from what caused the event, so that the same cause heard
twice counts once. All times are wall clock (Unix, ms).
"""

import msgspec

from domain.acd import AcdSnapshot
from domain.acd_rules import AcdRules
from domain.agent import ForcedState
from domain.target import OfferOutcome


class AcdEventBase(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    event_id: str
    at_ms: int


class CallEntered(AcdEventBase, frozen=True, kw_only=True, tag="call_entered"):
    """entered_at_ms: when the caller came to the queue, which may be earlier than when the queue heard of it.

    transferred: an agent who had the call put it here.
    """

    call_id: str
    entered_at_ms: int
    queue: str
    priority: int
    caller_number: str = ""
    called_number: str = ""
    transferred: bool = False


class CallLeft(AcdEventBase, frozen=True, kw_only=True, tag="call_left"):
    """The call is over, wherever it was: waiting, ringing or talking."""

    call_id: str
    reason: str


class LanguageNoted(AcdEventBase, frozen=True, kw_only=True, tag="language"):
    """The caller speaks `language` (ISO 639-1) rather than Mandarin."""

    call_id: str
    language: str


class CallbackWanted(AcdEventBase, frozen=True, kw_only=True, tag="callback_wanted"):
    """The caller hangs up and wants to be called at `number` when it is their turn."""

    call_id: str
    number: str


class CallbackDialled(AcdEventBase, frozen=True, kw_only=True, tag="callback_dialled"):
    """A switch has begun the call `call_id` that this offer asked for."""

    call_id: str
    offer_id: str


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


class ColleaguesEngaged(AcdEventBase, frozen=True, kw_only=True, tag="colleagues_engaged"):
    """Agents call each other, no caller with them: the telephone of one is rung by the other, or they talk."""

    call_id: str
    agent_ids: tuple[str, ...]
    talking: bool


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
    skills: dict[str, int] = {}
    auto_answer: bool = False


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


class RulesSet(AcdEventBase, frozen=True, kw_only=True, tag="rules"):
    """By these rules is decided from now on."""

    rules: AcdRules


class SnapshotTaken(AcdEventBase, frozen=True, kw_only=True, tag="snapshot"):
    """The whole state so far: a replay may begin here. A large one comes in several parts, one right after the other.

    part: from 0; the first forgets everything before it, the others add to it.
    """

    state: AcdSnapshot
    part: int = 0


AcdEvent = (
    CallEntered
    | CallLeft
    | LanguageNoted
    | CallbackWanted
    | CallbackDialled
    | OfferRinging
    | OfferClosed
    | OfferRefused
    | CallTaken
    | AgentEngaged
    | AgentReleased
    | ColleaguesEngaged
    | SwitchSilent
    | SwitchAnswered
    | AgentSignedIn
    | AgentBecameReady
    | AgentTookBreak
    | AgentSignedOut
    | AgentForced
    | PhoneSeen
    | TimePassed
    | RulesSet
    | SnapshotTaken
)
