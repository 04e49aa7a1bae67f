"""queue: wait for a person, with a sentence, music, and the position as it changes."""

import msgspec

from domain.call import QueuedBecause
from ivr_flows.actions import Enqueue, FlowAction, PlayMusic, Say
from ivr_flows.events import AgentGone, AgentRinging, FlowEvent, PositionAnnounced, PromptEnded, TimerFired
from ivr_flows.section import Section
from ivr_flows.state import FlowStage, FlowState, Turn, Waiting
from ivr_flows.verbs.verb import start_timer

BEFORE = "{before}"
PATIENCE_TIMER = "patience"
_SAME_WORTH_SAYING_MS = 30_000
"""The same position again is reassuring after so long, and a nuisance before."""
_NEXT_WORTH_SAYING_MS = 15_000
"""'You are next' is news only to one who has waited so long, or who was told another position."""


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """The caller is queued first and told then, so that no prompt delays the 15 seconds.

    text: said at once. position: with {before} in it, for 1 … positions; beyond: for more; next: for none before.
    patience: said every patience_ms to one who waits on. An empty text is not said.
    """

    line: int
    name: str
    priority: int = 0
    text: str = ""
    position: str = ""
    beyond: str = ""
    next: str = ""
    positions: int = 20
    patience: str = ""
    patience_ms: int = 45_000

    @classmethod
    def read(cls, section: Section) -> "Queue":
        section.only("name", "priority", "text", "position", "beyond", "next", "positions", "patience", "patience_ms")
        position = section.text("position", "")
        if position and BEFORE not in position:
            raise section.error(
                f"'position' lacks {BEFORE}", f"write {BEFORE} where the number belongs", section.values["position"]
            )
        return cls(
            line=section.line,
            name=section.text("name"),
            priority=section.whole("priority", 0, 0, 9),
            text=section.text("text", ""),
            position=position,
            beyond=section.text("beyond", ""),
            next=section.text("next", ""),
            positions=section.whole("positions", 20, 1, 99),
            patience=section.text("patience", ""),
            patience_ms=section.whole("patience_ms", 45_000, 10_000, 600_000),
        )

    def prompts(self) -> tuple[str, ...]:
        """Every text that it may say, the first ones first."""
        told = tuple(self.position.replace(BEFORE, str(before)) for before in range(1, self.positions + 1))
        return tuple(text for text in (self.text, self.next, *told, self.beyond, self.patience) if text)

    def begin(self, state: FlowState, now_ms: int) -> Turn:
        because = state.heard.because if state.heard is not None else QueuedBecause.FLOW
        queued = msgspec.structs.replace(
            state, stage=FlowStage.WAITING, ear=state.ear.emptied(), waiting=Waiting(since_ms=now_ms)
        )
        actions: list[FlowAction] = [Enqueue(self.name, because, self.priority), PlayMusic()]
        if self.text:
            queued, say = _say(queued, self.text)
            actions.append(say)
        if self.patience:
            queued, start = start_timer(queued, PATIENCE_TIMER, self.patience_ms)
            actions.append(start)
        return Turn(queued, tuple(actions))

    def on_event(self, state: FlowState, event: FlowEvent, now_ms: int) -> Turn:
        waiting = state.waiting
        if waiting is None:
            return Turn(state)
        match event:
            case PromptEnded(token) if token == state.saying:
                return self._tell(msgspec.structs.replace(state, saying=0), waiting, now_ms)
            case PositionAnnounced(before):
                return self._tell(state, msgspec.structs.replace(waiting, pending=before), now_ms)
            case AgentRinging():
                return Turn(_waiting(state, msgspec.structs.replace(waiting, ringing=True)))
            case AgentGone():
                return self._tell(state, msgspec.structs.replace(waiting, ringing=False), now_ms)
            case TimerFired(name) if name == state.timer:
                return self._soothe(state, waiting)
        return Turn(state)

    def _tell(self, state: FlowState, waiting: Waiting, now_ms: int) -> Turn:
        """Say the pending position, unless something is being said or an agent's phone rings already."""
        if waiting.pending is None or state.saying or waiting.ringing:
            return Turn(_waiting(state, waiting))
        text = self._position_text(waiting, waiting.pending, now_ms)
        if not text:
            return Turn(_waiting(state, msgspec.structs.replace(waiting, pending=None)))
        told = msgspec.structs.replace(waiting, announced=waiting.pending, told_ms=now_ms, pending=None)
        saying, say = _say(_waiting(state, told), text)
        return Turn(saying, (say,))

    def _position_text(self, waiting: Waiting, before: int, now_ms: int) -> str:
        """What to say of this position; "" when it is no news."""
        if before == waiting.announced and now_ms - waiting.told_ms < _SAME_WORTH_SAYING_MS:
            return ""
        if before == 0:
            news = waiting.announced is not None or now_ms - waiting.since_ms >= _NEXT_WORTH_SAYING_MS
            return self.next if news else ""
        if before > self.positions:
            return self.beyond
        return self.position.replace(BEFORE, str(before))

    def _soothe(self, state: FlowState, waiting: Waiting) -> Turn:
        again, start = start_timer(state, PATIENCE_TIMER, self.patience_ms)
        if state.saying or waiting.ringing:
            return Turn(again, (start,))
        saying, say = _say(again, self.patience)
        return Turn(saying, (say, start))


def _say(state: FlowState, text: str) -> tuple[FlowState, FlowAction]:
    token = state.serial + 1
    return msgspec.structs.replace(state, serial=token, saying=token), Say(text, False, token)


def _waiting(state: FlowState, waiting: Waiting) -> FlowState:
    return msgspec.structs.replace(state, waiting=waiting)
