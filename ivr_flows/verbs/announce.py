"""announce: a prompt that is heard before the call is answered (early media), to its end."""

import msgspec

from ivr_flows.actions import Say
from ivr_flows.events import FlowEvent, PromptEnded
from ivr_flows.section import Section
from ivr_flows.state import FlowState, NextStep, Turn


class Announce(msgspec.Struct, frozen=True, kw_only=True):
    """text: the prompt. Only at the beginning of a flow; where it leads back there, the answered call passes it by."""

    line: int
    text: str

    @classmethod
    def read(cls, section: Section) -> "Announce":
        section.only("text")
        return cls(line=section.line, text=section.text("text"))

    def begin(self, state: FlowState, now_ms: int) -> Turn:
        if state.answered:
            return Turn(state, (), NextStep())
        token = state.serial + 1
        return Turn(msgspec.structs.replace(state, serial=token, saying=token), (Say(self.text, False, token),))

    def on_event(self, state: FlowState, event: FlowEvent, now_ms: int) -> Turn:
        if isinstance(event, PromptEnded) and event.token == state.saying:
            return Turn(msgspec.structs.replace(state, saying=0, ear=state.ear.emptied()), (), NextStep())
        return Turn(state)
