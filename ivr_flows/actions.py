"""What a flow asks of the call that it steers."""

import msgspec

from domain.call import QueuedBecause


class Answer(msgspec.Struct, frozen=True):
    """Take the call; what was said before was heard as early media. Once, and before everything but `announce`."""


class Say(msgspec.Struct, frozen=True):
    """Play the prompt of this text instead of what is being said; PromptEnded(token) must follow at its end.

    barge_in: the caller may interrupt (the flow itself says StopSaying then; this is for the log).
    """

    text: str
    barge_in: bool
    token: int


class StopSaying(msgspec.Struct, frozen=True):
    """Break the prompt off; its end is not reported."""


class PlayMusic(msgspec.Struct, frozen=True):
    """Music whenever nothing is said, until StopMusic."""


class StopMusic(msgspec.Struct, frozen=True):
    """No more music."""


class StartTimer(msgspec.Struct, frozen=True):
    """Send TimerFired(name) in `ms`. Every name is started once only."""

    name: str
    ms: int


class CancelTimer(msgspec.Struct, frozen=True):
    """Forget this timer; harmless when it has fired."""

    name: str


class Expect(msgspec.Struct, frozen=True):
    """From now on these phrases are likely to be said; () for nothing special. only: nothing else counts."""

    phrases: tuple[str, ...]
    only: bool


class Enqueue(msgspec.Struct, frozen=True):
    """Let the caller wait for a person of this queue. priority: higher is sooner."""

    queue: str
    because: QueuedBecause
    priority: int


class AskCallback(msgspec.Struct, frozen=True):
    """The waiting caller wants to be called back, and keeps their place."""


class HangUp(msgspec.Struct, frozen=True):
    """End the call. cause: a short English reason."""

    cause: str


FlowAction = (
    Answer
    | Say
    | StopSaying
    | PlayMusic
    | StopMusic
    | StartTimer
    | CancelTimer
    | Expect
    | Enqueue
    | AskCallback
    | HangUp
)
