"""What happens to a call, as frozen events.

Only the switch that holds the call writes them (subject `call.<id>.event`), so `number` orders them and
`event_id` is unique; everything else in the house is derived from them.
"""

from enum import StrEnum

import msgspec


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
    """The INVITE was received: the first clock of the 15-second standard starts."""

    caller_number: str
    called_number: str
    trunk: str


class CallAnswered(CallEventBase, frozen=True, kw_only=True, tag="answered"):
    """200 OK was sent; media_ms 0 of the call."""


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


class CallQueued(CallEventBase, frozen=True, kw_only=True, tag="queued"):
    """The caller waits for a person. menu_ended_at_ms: end of the last prompt or input of the flow."""

    queue: str
    because: QueuedBecause
    menu_ended_at_ms: int
    priority: int = 0


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
    | CallAnswered
    | PromptPlayed
    | KeyPressed
    | CallQueued
    | AgentOffered
    | OfferEnded
    | CallConnected
    | CallEnded
    | RecordingFinished
)
