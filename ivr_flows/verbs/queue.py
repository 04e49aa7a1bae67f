"""queue: wait for a person, with a sentence, music, the position as it changes, and the way out by a call-back."""

import msgspec

from domain.call import QueuedBecause
from domain.command import TurnAwayBecause
from ivr_flows.actions import AskCallback, Enqueue, FlowAction, HangUp, PlayMusic, Say, StopSaying
from ivr_flows.events import (
    AgentGone,
    AgentRinging,
    DigitPressed,
    FlowEvent,
    PositionAnnounced,
    PromptEnded,
    TimerFired,
    TurnedAway,
)
from ivr_flows.section import Section
from ivr_flows.state import FlowStage, FlowState, Turn, Waiting
from ivr_flows.verbs.verb import cancel_timer, start_timer

BEFORE = "{before}"
MINUTES = "{minutes}"
WAIT_MINUTES = (1, 2, 3, 5, 8, 10, 15, 20, 30)
"""The waits that have a sentence; one between two of them is told as the longer one, a longer one is not told."""
PATIENCE_TIMER = "patience"
_SAME_WORTH_SAYING_MS = 30_000
"""The same position again is reassuring after so long, and a nuisance before."""
_NEXT_WORTH_SAYING_MS = 15_000
"""'You are next' is news only to one who has waited so long, or who was told another position."""
_FIELDS = [
    "name",
    "priority",
    "text",
    "position",
    "beyond",
    "next",
    "positions",
    "wait",
    "patience",
    "patience_ms",
    "callback",
    "callback_key",
    "callback_done",
    "closed",
    "too_long",
]

replace = msgspec.structs.replace


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """The caller is queued first and told then, so that no prompt delays the 15 seconds.

    text: said at once. position: with {before} in it, for 1 … positions; beyond: for more; next: for none before.
    wait: with {minutes} in it, after a position, when the queue knows it. patience: said every patience_ms to one who
    waits on. callback: the offer to be called back, by callback_key; callback_done: said to one who took it. closed,
    too_long: said to one whom the queue turns away. An empty text is not said, and without `callback` none is offered.
    """

    line: int
    name: str
    priority: int = 0
    text: str = ""
    position: str = ""
    beyond: str = ""
    next: str = ""
    positions: int = 20
    wait: str = ""
    patience: str = ""
    patience_ms: int = 45_000
    callback: str = ""
    callback_key: str = "1"
    callback_done: str = ""
    closed: str = ""
    too_long: str = ""

    @classmethod
    def read(cls, section: Section) -> "Queue":
        section.only(*_FIELDS)
        return cls(
            line=section.line,
            name=section.text("name"),
            priority=section.whole("priority", 0, 0, 9),
            text=section.text("text", ""),
            position=_with_number(section, "position", BEFORE),
            beyond=section.text("beyond", ""),
            next=section.text("next", ""),
            positions=section.whole("positions", 20, 1, 99),
            wait=_with_number(section, "wait", MINUTES),
            patience=section.text("patience", ""),
            patience_ms=section.whole("patience_ms", 45_000, 10_000, 600_000),
            callback=section.text("callback", ""),
            callback_key=_key(section),
            callback_done=section.text("callback_done", ""),
            closed=section.text("closed", ""),
            too_long=section.text("too_long", ""),
        )

    def prompts(self) -> tuple[str, ...]:
        """Every text that it may say, the first ones first."""
        told = tuple(self.position.replace(BEFORE, str(before)) for before in range(1, self.positions + 1))
        waits = tuple(self.wait.replace(MINUTES, str(minutes)) for minutes in WAIT_MINUTES)
        way_out = (self.callback, self.callback_done, self.closed, self.too_long)
        texts = (self.text, self.next, *told, self.beyond, self.patience, *way_out, *waits)
        return tuple(dict.fromkeys(text for text in texts if text))

    def begin(self, state: FlowState, now_ms: int) -> Turn:
        because = state.heard.because if state.heard is not None else QueuedBecause.FLOW
        waits = self.await_person(state, now_ms)
        return Turn(waits.state, (Enqueue(self.name, because, self.priority), *waits.actions))

    def await_person(self, state: FlowState, now_ms: int) -> Turn:
        """What one hears who has just been queued, by this verb or by an agent."""
        queued = replace(state, stage=FlowStage.WAITING, ear=state.ear.emptied(), waiting=Waiting(since_ms=now_ms))
        actions: list[FlowAction] = [PlayMusic()]
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
        if waiting.leaving:
            ended = isinstance(event, PromptEnded) and event.token == state.saying
            return Turn(replace(state, saying=0), (HangUp(waiting.leaving),)) if ended else Turn(state)
        match event:
            case PromptEnded(token) if token == state.saying:
                return self._tell(replace(state, saying=0), waiting, now_ms)
            case PositionAnnounced(before):
                return self._tell(state, replace(waiting, pending=event, place=before), now_ms)
            case AgentRinging():
                return Turn(_waiting(state, replace(waiting, ringing=True)))
            case AgentGone():
                return self._tell(state, _rang_in_vain(waiting), now_ms)
            case TimerFired(name) if name == state.timer:
                return self._soothe(state, waiting)
            case DigitPressed(digit) if digit == self.callback_key and waiting.callback and not waiting.ringing:
                return self._leave(state, waiting, self.callback_done, "to be called back", AskCallback())
            case TurnedAway(because):
                text = self.closed if because is TurnAwayBecause.CLOSED else self.too_long
                return self._leave(state, waiting, text, f"turned away: {because.value}")
        return Turn(state)

    def _tell(self, state: FlowState, waiting: Waiting, now_ms: int) -> Turn:
        """Say what is to be said, unless something is being said or an agent's phone rings already."""
        if state.saying or waiting.ringing:
            return Turn(_waiting(state, waiting))
        if waiting.pending is not None:
            waiting = self._take_up(waiting, waiting.pending, now_ms)
        if not waiting.more:
            return Turn(_waiting(state, waiting))
        saying, say = _say(_waiting(state, replace(waiting, more=waiting.more[1:])), waiting.more[0])
        return Turn(saying, (say,))

    def _take_up(self, waiting: Waiting, pending: PositionAnnounced, now_ms: int) -> Waiting:
        """The sentences that this news is worth: the position, the wait, and once the offer to be called back."""
        texts = list(waiting.more)
        position = self._position_text(waiting, pending.before, now_ms)
        minutes = _minutes(pending.wait_s)
        if position:
            texts.append(position)
            waiting = replace(waiting, announced=pending.before, told_ms=now_ms)
        if self.wait and minutes and pending.before > 0 and (position or minutes != waiting.told_minutes):
            texts.append(self.wait.replace(MINUTES, str(minutes)))
            waiting = replace(waiting, told_minutes=minutes)
        if self.callback and pending.callback and not waiting.callback:
            texts.append(self.callback)
            waiting = replace(waiting, callback=True)
        return replace(waiting, pending=None, more=tuple(texts))

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

    def _leave(self, state: FlowState, waiting: Waiting, text: str, cause: str, *first: FlowAction) -> Turn:
        """Say a last sentence in place of the present one, and end the call after it."""
        silenced: tuple[FlowAction, ...] = (StopSaying(),) if state.saying else ()
        state, cancelled = cancel_timer(_waiting(state, replace(waiting, leaving=cause, more=(), pending=None)))
        actions = (*first, *silenced, *cancelled)
        if not text:
            return Turn(replace(state, saying=0), (*actions, HangUp(cause)))
        saying, say = _say(state, text)
        return Turn(saying, (*actions, say))


def _with_number(section: Section, name: str, place: str) -> str:
    text = section.text(name, "")
    if text and place not in text:
        raise section.error(f"'{name}' lacks {place}", f"write {place} where the number belongs", section.values[name])
    return text


def _key(section: Section) -> str:
    key = section.text("callback_key", "1")
    if key not in {*"0123456789*#"}:
        raise section.error(
            f"'callback_key' is '{key}'", "write one key of a telephone", section.values["callback_key"]
        )
    return key


def _minutes(wait_s: int | None) -> int:
    """The wait as it is told, 0 when it is not."""
    if wait_s is None:
        return 0
    return next((minutes for minutes in WAIT_MINUTES if wait_s <= minutes * 60), 0)


def _rang_in_vain(waiting: Waiting) -> Waiting:
    """The place is worth saying again; how long it will take has to be told anew by the queue."""
    pending = waiting.pending
    if pending is None and waiting.place is not None:
        pending = PositionAnnounced(waiting.place)
    return replace(waiting, ringing=False, pending=pending)


def _say(state: FlowState, text: str) -> tuple[FlowState, FlowAction]:
    token = state.serial + 1
    return replace(state, serial=token, saying=token), Say(text, False, token)


def _waiting(state: FlowState, waiting: Waiting) -> FlowState:
    return replace(state, waiting=waiting)
