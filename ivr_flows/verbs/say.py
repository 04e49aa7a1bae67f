"""say: a prompt, to its end or until the caller interrupts."""

from enum import StrEnum

import msgspec

from ivr_flows.actions import Say as SayAction
from ivr_flows.actions import StopSaying
from ivr_flows.ear import Ear
from ivr_flows.events import FlowEvent, PromptEnded
from ivr_flows.section import Section
from ivr_flows.state import FlowState, NextStep, Turn


class BargeIn(StrEnum):
    """What interrupts a prompt."""

    NONE = "none"
    KEYS = "keys"
    ANY = "any"


class Say(msgspec.Struct, frozen=True, kw_only=True):
    """text: the prompt. What interrupts it is left in the ear, for the `listen` that follows."""

    line: int
    text: str
    barge_in: BargeIn = BargeIn.ANY

    @classmethod
    def read(cls, section: Section) -> "Say":
        section.only("text", "barge_in")
        return cls(
            line=section.line,
            text=section.text("text"),
            barge_in=section.choice("barge_in", BargeIn, BargeIn.ANY),
        )

    def begin(self, state: FlowState, now_ms: int) -> Turn:
        token = state.serial + 1
        begun = msgspec.structs.replace(state, serial=token, saying=token, ear=state.ear.emptied())
        return Turn(begun, (SayAction(self.text, self.barge_in is not BargeIn.NONE, token),))

    def on_event(self, state: FlowState, event: FlowEvent, now_ms: int) -> Turn:
        silent = msgspec.structs.replace(state, saying=0)
        if isinstance(event, PromptEnded) and event.token == state.saying:
            ear = state.ear if self.barge_in is not BargeIn.NONE else state.ear.emptied()
            return Turn(msgspec.structs.replace(silent, ear=ear), (), NextStep())
        if self._interrupts(state.ear):
            return Turn(silent, (StopSaying(),), NextStep())
        return Turn(state)

    def _interrupts(self, ear: Ear) -> bool:
        match self.barge_in:
            case BargeIn.ANY:
                return bool(ear.key) or ear.began
            case BargeIn.KEYS:
                return bool(ear.key)
            case BargeIn.NONE:
                return False
