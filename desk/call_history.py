"""What people did with a call, line by line, for the page. Pure."""

from collections.abc import Sequence

import msgspec

from domain.call import CallConnected, CallEvent, CallPlaced, CallQueued
from domain.talk import (
    AgentLeft,
    CallConferenced,
    CallHeld,
    CallResumed,
    CallSilenceEnded,
    CallSupervised,
    CallTransferred,
    EmergencyHandedOver,
    ThirdAnswered,
    ThirdCalled,
    ThirdLeft,
)


class CallStep(msgspec.Struct, frozen=True, kw_only=True):
    """what: the event's own tag. who: the agent's or leader's id; whom: the target's name or number; how: its manner.

    location: of an emergency that was handed over. lasted_ms: of a silence.
    """

    at_ms: int
    what: str
    who: str = ""
    whom: str = ""
    how: str = ""
    location: str = ""
    lasted_ms: int = 0


def history(events: Sequence[CallEvent]) -> list[CallStep]:
    """In the order in which it happened."""
    ordered = sorted(events, key=lambda event: event.number)
    return [line for event in ordered if (line := _line(event)) is not None]


def _line(event: CallEvent) -> CallStep | None:
    at_ms, what = event.at_ms, str(type(event).__struct_config__.tag)
    match event:
        case CallPlaced(agent_id=who, because=because):
            return CallStep(at_ms=at_ms, what=what, who=who, how=because.value)
        case CallQueued(queue=queue, because=because):
            return CallStep(at_ms=at_ms, what=what, whom=queue, how=because.value)
        case CallConnected(agent_id=who) | CallHeld(agent_id=who) | CallResumed(agent_id=who) | AgentLeft(agent_id=who):
            return CallStep(at_ms=at_ms, what=what, who=who)
        case ThirdCalled(agent_id=who, target=target, how=how) | CallTransferred(agent_id=who, target=target, how=how):
            return CallStep(at_ms=at_ms, what=what, who=who, whom=target.name or target.value, how=how.value)
        case ThirdAnswered(target=target):
            return CallStep(at_ms=at_ms, what=what, whom=target.name or target.value)
        case ThirdLeft(target=target, outcome=outcome):
            return CallStep(at_ms=at_ms, what=what, whom=target.name or target.value, how=outcome.value)
        case CallConferenced(agent_id=who, target=target):
            return CallStep(at_ms=at_ms, what=what, who=who, whom=target.name or target.value)
        case EmergencyHandedOver(agent_id=who, target=target, location=location):
            whom = target.name or target.value
            return CallStep(at_ms=at_ms, what=what, who=who, whom=whom, location=location)
        case CallSilenceEnded(since_at_ms=since_ms, side=side):
            return CallStep(at_ms=at_ms, what=what, how=side.value if side else "", lasted_ms=at_ms - since_ms)
        case CallSupervised(leader_id=who, how=how):
            return CallStep(at_ms=at_ms, what=what, who=who, how=how.value)
        case _:
            return None
