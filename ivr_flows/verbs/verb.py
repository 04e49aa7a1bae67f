"""What every verb of the flow language does."""

from typing import Protocol

import msgspec

from ivr_flows.actions import CancelTimer, Expect, FlowAction, StartTimer
from ivr_flows.events import FlowEvent
from ivr_flows.state import FlowState, Turn


class Verb(Protocol):
    """One step of a node; a frozen value. The engine has already let `state.ear` hear the event."""

    line: int
    """Its line in the flow file."""

    def begin(self, state: FlowState, now_ms: int) -> Turn:
        """The verb has the word."""

    def on_event(self, state: FlowState, event: FlowEvent, now_ms: int) -> Turn:
        """Something happened while it has the word."""


def start_timer(state: FlowState, name: str, ms: int) -> tuple[FlowState, FlowAction]:
    """The state with this timer running under a name of its own, and the action that starts it."""
    serial = state.serial + 1
    unique = f"{name}.{serial}"
    return msgspec.structs.replace(state, serial=serial, timer=unique), StartTimer(unique, ms)


def expect_nothing(state: FlowState) -> tuple[FlowState, tuple[FlowAction, ...]]:
    """The state in which nothing special is expected to be said, and the actions for that."""
    if not state.expecting:
        return state, ()
    return msgspec.structs.replace(state, expecting=False), (Expect((), only=False),)


def cancel_timer(state: FlowState) -> tuple[FlowState, tuple[FlowAction, ...]]:
    """The state without its timer, and the actions for that."""
    if not state.timer:
        return state, ()
    return msgspec.structs.replace(state, timer=""), (CancelTimer(state.timer),)
