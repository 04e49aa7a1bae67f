"""hangup: end the call, after a last word if there is one."""

import msgspec

from ivr_flows.actions import FlowAction, Say
from ivr_flows.actions import HangUp as HangUpAction
from ivr_flows.events import FlowEvent, PromptEnded
from ivr_flows.section import Section
from ivr_flows.state import FlowStage, FlowState, Turn


class HangUp(msgspec.Struct, frozen=True, kw_only=True):
    """cause: a short English reason for the record; text: what is said first, "" for nothing."""

    line: int
    cause: str
    text: str = ""

    @classmethod
    def read(cls, section: Section) -> "HangUp":
        section.only("cause", "text")
        return cls(line=section.line, cause=section.text("cause", "end of flow"), text=section.text("text", ""))

    def begin(self, state: FlowState, now_ms: int) -> Turn:
        if not self.text:
            return self._end(state)
        token = state.serial + 1
        saying = msgspec.structs.replace(state, serial=token, saying=token)
        return Turn(saying, (Say(self.text, False, token),))

    def on_event(self, state: FlowState, event: FlowEvent, now_ms: int) -> Turn:
        if isinstance(event, PromptEnded) and event.token == state.saying:
            return self._end(state)
        return Turn(state)

    def _end(self, state: FlowState) -> Turn:
        actions: tuple[FlowAction, ...] = (HangUpAction(self.cause),)
        return Turn(msgspec.structs.replace(state, stage=FlowStage.OVER, saying=0), actions)
