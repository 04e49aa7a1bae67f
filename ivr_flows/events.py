"""What happens to a call, as far as its flow cares."""

import msgspec

from domain.command import TurnAwayBecause


class Started(msgspec.Struct, frozen=True, tag_field="type", tag="started"):
    """The call has arrived, or (waiting_in) comes back from an agent into this queue; the first event, once."""

    waiting_in: str = ""


class PromptEnded(msgspec.Struct, frozen=True, tag_field="type", tag="prompt_ended"):
    """The `Say` with this token was played to its end (at once when there is no sound for it)."""

    token: int


class DigitPressed(msgspec.Struct, frozen=True, tag_field="type", tag="digit"):
    """0–9, * or #."""

    digit: str


class SpeechBegan(msgspec.Struct, frozen=True, tag_field="type", tag="speech_began"):
    """The caller began to make a sound that may be speech; words may follow."""


class SpeechHeard(msgspec.Struct, frozen=True, tag_field="type", tag="speech"):
    """What the caller has said so far, or (final) the whole utterance."""

    text: str
    final: bool


class SpeechUnavailable(msgspec.Struct, frozen=True, tag_field="type", tag="speech_unavailable"):
    """Nobody recognises this caller's speech now."""


class TimerFired(msgspec.Struct, frozen=True, tag_field="type", tag="timer"):
    """The timer of this name, started by `StartTimer`, has run out."""

    name: str


class PositionAnnounced(msgspec.Struct, frozen=True, tag_field="type", tag="position"):
    """The queue says how many wait before this caller (0: they are next).

    wait_s: how long they will still wait, None when nobody can know. callback: they may ask to be called back.
    """

    before: int
    wait_s: int | None = None
    callback: bool = False


class TurnedAway(msgspec.Struct, frozen=True, tag_field="type", tag="turned_away"):
    """Nobody will come to this caller."""

    because: TurnAwayBecause


class AgentRinging(msgspec.Struct, frozen=True, tag_field="type", tag="agent_ringing"):
    """An agent's phone rings for this caller."""


class AgentGone(msgspec.Struct, frozen=True, tag_field="type", tag="agent_gone"):
    """The agent did not answer; the caller waits on."""


class AgentConnected(msgspec.Struct, frozen=True, tag_field="type", tag="agent_connected"):
    """A person answered; the flow is over."""


class CallerGone(msgspec.Struct, frozen=True, tag_field="type", tag="caller_gone"):
    """The call ended; the flow is over."""


FlowEvent = (
    Started
    | PromptEnded
    | DigitPressed
    | SpeechBegan
    | SpeechHeard
    | SpeechUnavailable
    | TimerFired
    | PositionAnnounced
    | TurnedAway
    | AgentRinging
    | AgentGone
    | AgentConnected
    | CallerGone
)
