"""The flow engine: (flow, state, event, now) → (state, actions). No clock, no sound, no call; it never raises.

    NEW ──Started──► MENU ──queue──► WAITING ──AgentConnected──► OVER
     │                 └──hangup───────────────────────────────►  ▲
     └──Started(waiting_in)────────► WAITING                      │
    every stage ───────────────CallerGone─────────────────────────┘

Whatever goes wrong in MENU (a limit of time, a ring without end) leads to the flow's person. The call is answered
before the first verb that is no `announce`.
"""

import msgspec

from ivr_flows.actions import Answer, CancelTimer, FlowAction, StartTimer, StopMusic, StopSaying
from ivr_flows.ear import Heard, HeardKind
from ivr_flows.events import AgentConnected, CallerGone, FlowEvent, Started, TimerFired
from ivr_flows.flow import Flow, Step
from ivr_flows.flow_file import default_flow_path, load_flow
from ivr_flows.state import FlowStage, FlowState, GoTo, Move, NextStep, Stay
from ivr_flows.verbs.announce import Announce
from ivr_flows.verbs.verb import expect_nothing

__all__ = ["FlowRun", "default_flow_path", "load_flow", "step"]

LIMIT_TIMER = "limit"
_MOST_MOVES = 64
"""Verbs that one event may pass; the linter refuses rings in which nothing takes time, this is the net below."""

Outcome = tuple[FlowState, tuple[FlowAction, ...]]


def step(flow: Flow, state: FlowState, event: FlowEvent, now_ms: int) -> Outcome:
    """The state after `event` and what is to be done, in order. now_ms: any clock that only rises."""
    if state.stage is FlowStage.OVER:
        return state, ()
    if isinstance(event, CallerGone | AgentConnected):
        return _leave(state)
    if state.stage is FlowStage.NEW:
        return _start(flow, state, event, now_ms) if isinstance(event, Started) else (state, ())
    if state.stage is FlowStage.MENU:
        if isinstance(event, TimerFired) and event.name == LIMIT_TIMER:
            return _to_person(flow, state, now_ms)
        state = msgspec.structs.replace(state, ear=state.ear.hears(event))
    turn = _verb(flow, state).on_event(state, event, now_ms)
    return _follow(flow, turn.state, turn.actions, turn.move, now_ms)


def _verb(flow: Flow, state: FlowState) -> Step:
    return flow.nodes[state.node].steps[state.step]


def _start(flow: Flow, state: FlowState, started: Started, now_ms: int) -> Outcome:
    if started.waiting_in:
        node, index, queue = flow.queue_of(started.waiting_in)
        turn = queue.await_person(msgspec.structs.replace(state, answered=True, node=node, step=index), now_ms)
        return turn.state, turn.actions
    begun = msgspec.structs.replace(state, stage=FlowStage.MENU)
    limit: tuple[FlowAction, ...] = (StartTimer(LIMIT_TIMER, flow.longest_ms),)
    return _follow(flow, begun, limit, GoTo(flow.start), now_ms)


def _follow(flow: Flow, state: FlowState, actions: tuple[FlowAction, ...], move: Move, now_ms: int) -> Outcome:
    """Give the word to verb after verb until one keeps it."""
    before = state.stage
    for _ in range(_MOST_MOVES):
        match move:
            case Stay():
                return state, actions + _left_menu(before, state)
            case NextStep():
                state = msgspec.structs.replace(state, step=state.step + 1)
            case GoTo(node):
                state = msgspec.structs.replace(state, node=node, step=0)
        verb = _verb(flow, state)
        if not isinstance(verb, Announce):
            state, actions = _answered(state, actions)
        turn = verb.begin(state, now_ms)
        state, actions, move = turn.state, actions + turn.actions, turn.move
    outcome, more = _to_person(flow, state, now_ms)
    return outcome, actions + more


def _answered(state: FlowState, actions: tuple[FlowAction, ...]) -> tuple[FlowState, tuple[FlowAction, ...]]:
    if state.answered:
        return state, actions
    return msgspec.structs.replace(state, answered=True), (*actions, Answer())


def _left_menu(before: FlowStage, state: FlowState) -> tuple[FlowAction, ...]:
    return (CancelTimer(LIMIT_TIMER),) if before is FlowStage.MENU and state.stage is not FlowStage.MENU else ()


def _to_person(flow: Flow, state: FlowState, now_ms: int) -> Outcome:
    """Whatever the caller was in the middle of: to the queue, because of a fault."""
    state, actions = _answered(state, _quiet(state))
    node, index, queue = flow.way_to_a_person
    cleared = msgspec.structs.replace(
        state, node=node, step=index, saying=0, timer="", heard=Heard(HeardKind.FAULT), expecting=False
    )
    turn = queue.begin(cleared, now_ms)
    return turn.state, (*actions, *turn.actions, CancelTimer(LIMIT_TIMER))


def _quiet(state: FlowState) -> tuple[FlowAction, ...]:
    saying: tuple[FlowAction, ...] = (StopSaying(),) if state.saying else ()
    timer: tuple[FlowAction, ...] = (CancelTimer(state.timer),) if state.timer else ()
    return saying + timer + expect_nothing(state)[1]


def _leave(state: FlowState) -> Outcome:
    actions = _quiet(state)
    if state.stage is FlowStage.WAITING:
        actions += (StopMusic(),)
    if state.stage is FlowStage.MENU:
        actions += (CancelTimer(LIMIT_TIMER),)
    return msgspec.structs.replace(state, stage=FlowStage.OVER, saying=0, timer="", expecting=False), actions


class FlowRun:
    """One call's way through a flow: `step` with its state kept."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.state = FlowState()

    def on_event(self, event: FlowEvent, now_ms: int) -> tuple[FlowAction, ...]:
        """What is to be done now, in order."""
        self.state, actions = step(self.flow, self.state, event, now_ms)
        return actions
