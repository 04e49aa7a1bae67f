"""goto: on to another node."""

import msgspec

from ivr_flows.events import FlowEvent
from ivr_flows.state import FlowState, Turn
from ivr_flows.state import GoTo as GoToMove


class GoTo(msgspec.Struct, frozen=True, kw_only=True):
    line: int
    node: str

    def begin(self, state: FlowState, now_ms: int) -> Turn:
        return Turn(state, (), GoToMove(self.node))

    def on_event(self, state: FlowState, event: FlowEvent, now_ms: int) -> Turn:
        return self.begin(state, now_ms)
