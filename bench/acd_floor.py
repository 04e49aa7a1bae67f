"""A simulated floor: callers, agents and switches on virtual time, whose every event the queue's core decides."""

import heapq
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from domain.acd_event import (
    AcdEvent,
    AgentBecameReady,
    AgentSignedIn,
    CallEntered,
    CallLeft,
    CallTaken,
    OfferClosed,
    OfferRinging,
    PhoneSeen,
    TimePassed,
)
from domain.acd_rules import AcdRules
from domain.target import OfferOutcome
from telephony.acd.actions import RingPhone, SayPosition
from telephony.acd.decision import decide
from telephony.acd.state import begun
from telephony.acd.time import next_deadline

HOUR_MS = 3_600_000
Make = Callable[[random.Random], int]
"""Draws a time in ms."""


@dataclass(frozen=True)
class Caller:
    at_ms: int
    queue: str
    number: str
    patience_ms: int | None


@dataclass(frozen=True)
class Habits:
    """talk, wrap_up, ring: times in ms; never_answers: share of the offers that are not taken."""

    talk: Make
    wrap_up: Make
    ring: Make
    never_answers: float = 0.0


@dataclass
class Outcome:
    """waits_ms: from entering to talking, of those who were answered, in that order. decision_s: of each event.

    told: of those who were told a wait and answered later (s told, callers before them then, s it took from then on).
    """

    waits_ms: list[int] = field(default_factory=list)
    abandoned: int = 0
    events: Counter[str] = field(default_factory=Counter)
    decision_s: list[float] = field(default_factory=list)
    most_waiting: int = 0
    told: list[tuple[int, int, float]] = field(default_factory=list)


class Floor:
    """Runs until every caller is served or gone. agents: by id the skills."""

    def __init__(
        self, rules: AcdRules, agents: dict[str, dict[str, int]], habits: Habits, chance: random.Random
    ) -> None:
        self.state = begun(rules)
        self.outcome = Outcome()
        self._habits = habits
        self._chance = chance
        self._calendar: list[tuple[int, int, Callable[[int], None]]] = []
        self._planned = 0
        self._entered: dict[str, int] = {}
        self._event_number = 0
        self._told: dict[str, tuple[int, int, int]] = {}
        for agent_id, skills in agents.items():
            self._phone(agent_id, 0)
            self._tell(
                AgentSignedIn, 0, agent_id=agent_id, name="", extension=agent_id, queues=("default",), skills=skills
            )
            self._tell(AgentBecameReady, 0, agent_id=agent_id)

    def run(self, callers: list[Caller]) -> Outcome:
        for number, caller in enumerate(callers):
            self._plan(caller.at_ms, partial(self._arrive, f"c{number}", caller))
        left = len(callers)
        while left and self._calendar:
            deadline = next_deadline(self.state)
            if deadline is not None and deadline < self._calendar[0][0]:
                self._tell(TimePassed, deadline)
                continue
            at_ms, _, deed = heapq.heappop(self._calendar)
            deed(at_ms)
            left = len(callers) - len(self.outcome.waits_ms) - self.outcome.abandoned
        return self.outcome

    def _plan(self, at_ms: int, deed: Callable[[int], None]) -> None:
        self._planned += 1
        heapq.heappush(self._calendar, (at_ms, self._planned, deed))

    def _tell(self, of: Callable[..., AcdEvent], at_ms: int, **fields: object) -> None:
        self._event_number += 1
        event = of(event_id=f"e{self._event_number}", at_ms=at_ms, **fields)
        begun_s = time.perf_counter()
        self.state, actions = decide(self.state, event)
        next_deadline(self.state)
        self.outcome.decision_s.append(time.perf_counter() - begun_s)
        self.outcome.events[type(event).__name__] += 1
        self.outcome.most_waiting = max(self.outcome.most_waiting, len(self.state.order))
        for action in actions:
            if isinstance(action, RingPhone):
                self._ring(at_ms, action)
            elif isinstance(action, SayPosition) and action.wait_s is not None:
                self._told.setdefault(action.call_id, (at_ms, action.wait_s, action.before))

    def _phone(self, agent_id: str, at_ms: int) -> None:
        """A registration of an hour, refreshed before it ends."""
        self._tell(PhoneSeen, at_ms, extension=agent_id, registered=True, expires_at_ms=at_ms + HOUR_MS)
        self._plan(at_ms + HOUR_MS - 60_000, lambda now: self._phone(agent_id, now))

    def _arrive(self, call_id: str, caller: Caller, now_ms: int) -> None:
        self._entered[call_id] = now_ms
        self._tell(
            CallEntered,
            now_ms,
            call_id=call_id,
            entered_at_ms=now_ms,
            queue=caller.queue,
            priority=0,
            caller_number=caller.number,
        )
        if caller.patience_ms is not None:
            self._plan(now_ms + caller.patience_ms, lambda now: self._give_up(now, call_id))

    def _give_up(self, now_ms: int, call_id: str) -> None:
        if call_id in self.state.calls:
            self.outcome.abandoned += 1
            self._tell(CallLeft, now_ms, call_id=call_id, reason="bye")

    def _ring(self, now_ms: int, action: RingPhone) -> None:
        offer = action.offer
        self._plan(now_ms, lambda now: self._tell(OfferRinging, now, call_id=offer.call_id, offer_id=offer.offer_id))
        if self._chance.random() < self._habits.never_answers:
            self._plan(now_ms + 15_000, lambda now: self._not_answered(now, action))
        else:
            self._plan(now_ms + self._habits.ring(self._chance), lambda now: self._answer(now, action))

    def _not_answered(self, now_ms: int, action: RingPhone) -> None:
        offer = action.offer
        if offer.offer_id in self.state.offers:
            self._close(now_ms, action, OfferOutcome.NO_ANSWER)
            self._plan(now_ms + 120_000, lambda now: self._tell(AgentBecameReady, now, agent_id=offer.agent_id))

    def _answer(self, now_ms: int, action: RingPhone) -> None:
        offer = action.offer
        if offer.offer_id not in self.state.offers:
            return
        self._close(now_ms, action, OfferOutcome.ANSWERED)
        self._tell(CallTaken, now_ms, call_id=offer.call_id, offer_id=offer.offer_id, agent_id=offer.agent_id)
        self.outcome.waits_ms.append(now_ms - self._entered.pop(offer.call_id))
        told = self._told.pop(offer.call_id, None)
        if told is not None:
            told_at_ms, wait_s, before = told
            self.outcome.told.append((wait_s, before, (now_ms - told_at_ms) / 1000))
        self._plan(now_ms + self._habits.talk(self._chance), lambda now: self._hang_up(now, action))

    def _close(self, now_ms: int, action: RingPhone, outcome: OfferOutcome) -> None:
        offer = action.offer
        names = {"call_id": offer.call_id, "offer_id": offer.offer_id, "agent_id": offer.agent_id}
        self._tell(OfferClosed, now_ms, outcome=outcome, **names)

    def _hang_up(self, now_ms: int, action: RingPhone) -> None:
        agent_id = action.offer.agent_id
        self._tell(CallLeft, now_ms, call_id=action.offer.call_id, reason="bye")
        ready_at_ms = now_ms + self._habits.wrap_up(self._chance)
        self._plan(ready_at_ms, lambda now: self._tell(AgentBecameReady, now, agent_id=agent_id))
