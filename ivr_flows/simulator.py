"""A flow on a virtual clock: what a caller would hear and where they would end, without a call."""

import heapq
from collections.abc import Iterable

import msgspec

from ivr_flows.actions import CancelTimer, Enqueue, FlowAction, HangUp, Say, StartTimer, StopSaying
from ivr_flows.engine import FlowRun
from ivr_flows.events import FlowEvent, PromptEnded, Started, TimerFired
from ivr_flows.flow import Flow
from ivr_flows.pace import estimate_ms


class Done(msgspec.Struct, frozen=True):
    """An action and when it was asked for."""

    at_ms: int
    action: FlowAction


class Simulation(msgspec.Struct, frozen=True):
    """What the flow did, in order, up to `ended_ms`."""

    done: tuple[Done, ...]
    ended_ms: int

    @property
    def settled_at_ms(self) -> int | None:
        """When the caller was queued or hung up on; None when neither happened."""
        return next((each.at_ms for each in self.done if isinstance(each.action, Enqueue | HangUp)), None)


def simulate(flow: Flow, inputs: Iterable[tuple[int, FlowEvent]], *, until_ms: int = 120_000) -> Simulation:
    """Run the flow from its start with these (ms, event) inputs; prompts take their estimated time, timers theirs."""
    run = FlowRun(flow)
    calendar = [(0, 0, Started()), *((at, number, event) for number, (at, event) in enumerate(inputs, 1))]
    waiting: list[tuple[int, int, FlowEvent]] = list(calendar)
    heapq.heapify(waiting)
    number = len(waiting)
    cancelled: set[FlowEvent] = set()
    saying = 0
    done: list[Done] = []
    now = 0
    while waiting and waiting[0][0] <= until_ms:
        now, _, event = heapq.heappop(waiting)
        if event in cancelled:
            continue
        for action in run.on_event(event, now):
            done.append(Done(now, action))
            number += 1
            match action:
                case Say(text, _, token):
                    cancelled.add(PromptEnded(saying))
                    saying = token
                    heapq.heappush(waiting, (now + estimate_ms(text), number, PromptEnded(token)))
                case StopSaying():
                    cancelled.add(PromptEnded(saying))
                case StartTimer(name, ms):
                    heapq.heappush(waiting, (now + ms, number, TimerFired(name)))
                case CancelTimer(name):
                    cancelled.add(TimerFired(name))
    return Simulation(tuple(done), now)
