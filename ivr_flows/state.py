"""Where a call is in its flow: a value, so that a flow can be replayed, simulated and tested without a call."""

from enum import StrEnum

import msgspec

from ivr_flows.actions import FlowAction
from ivr_flows.ear import Ear, Heard
from ivr_flows.events import PositionAnnounced


class FlowStage(StrEnum):
    """NEW → MENU → WAITING → OVER; MENU and WAITING may also end in OVER at once, and NEW lead to WAITING."""

    NEW = "new"
    MENU = "menu"
    WAITING = "waiting"
    OVER = "over"


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A caller in the queue. announced: the last position told, at told_ms; pending: what the queue said since; place:
    the position that it said last.

    told_minutes: the wait as it was last told, 0 when it was not. callback: they may ask for it, and were told so.
    more: what is still to be said after the present sentence. leaving: the cause of the end that follows it, "" when
    the caller waits on.
    """

    since_ms: int
    announced: int | None = None
    told_ms: int = 0
    pending: PositionAnnounced | None = None
    place: int | None = None
    ringing: bool = False
    told_minutes: int = 0
    callback: bool = False
    more: tuple[str, ...] = ()
    leaving: str = ""


class FlowState(msgspec.Struct, frozen=True, kw_only=True):
    """node, step: the verb that has the word. serial: counts prompts and timers, so that late events are known as such.

    saying: token of the prompt being said, 0 for none. timer: the running timer of the verb, "" for none.
    heard: outcome of the last `listen`. answered: the call was taken. expecting: the listeners were told the phrases of
    a `listen` that goes on.
    """

    stage: FlowStage = FlowStage.NEW
    answered: bool = False
    node: str = ""
    step: int = 0
    serial: int = 0
    saying: int = 0
    timer: str = ""
    ear: Ear = Ear()
    heard: Heard | None = None
    expecting: bool = False
    waiting: Waiting | None = None


class Stay(msgspec.Struct, frozen=True):
    """The verb keeps the word."""


class NextStep(msgspec.Struct, frozen=True):
    """On to the next verb of the node."""


class GoTo(msgspec.Struct, frozen=True):
    """On to the first verb of another node."""

    node: str


Move = Stay | NextStep | GoTo


class Turn(msgspec.Struct, frozen=True):
    """What a verb made of an event."""

    state: FlowState
    actions: tuple[FlowAction, ...] = ()
    move: Move = Stay()
