"""The queue's core on a clock that is moved by hand."""

import itertools
from typing import TypeVar

from domain.acd_event import (
    AcdEvent,
    AgentBecameReady,
    AgentSignedIn,
    CallEntered,
    CallTaken,
    PhoneSeen,
    TimePassed,
)
from domain.acd_rules import AcdRules
from domain.agent import AgentState
from telephony.acd.actions import AcdAction, RingPhone, SayPosition
from telephony.acd.decision import decide
from telephony.acd.state import begun
from telephony.acd.time import next_deadline

FAR_MS = 4 * 10**12
Action = TypeVar("Action")


class Queue:
    """A queue under test: now_ms moves by hand."""

    def __init__(self, rules: AcdRules | None = None) -> None:
        self.rules = rules or AcdRules()
        self.state = begun(self.rules)
        self.now_ms = 1_000_000
        self.log: list[AcdEvent] = []
        self._ids = (f"e{number}" for number in itertools.count())

    def tell(self, of: type, **fields: object) -> list[AcdAction]:
        event = of(event_id=next(self._ids), at_ms=self.now_ms, **fields)
        self.log.append(event)
        self.state, actions = decide(self.state, event)
        return actions

    def ready(
        self,
        agent_id: str,
        extension: str,
        queues: tuple[str, ...] = ("default",),
        skills: dict[str, int] | None = None,
        **more: object,
    ) -> list[AcdAction]:
        self.tell(PhoneSeen, extension=extension, registered=True, expires_at_ms=FAR_MS)
        self.tell(
            AgentSignedIn,
            agent_id=agent_id,
            name=agent_id,
            extension=extension,
            queues=queues,
            skills=skills or {},
            **more,
        )
        return self.tell(AgentBecameReady, agent_id=agent_id)

    def enter(self, call_id: str, priority: int = 0, queue: str = "default", **more: object) -> list[AcdAction]:
        fields = {"call_id": call_id, "queue": queue, "priority": priority, "entered_at_ms": self.now_ms}
        return self.tell(CallEntered, **fields, **more)

    def pass_time(self, ms: int) -> list[AcdAction]:
        self.now_ms += ms
        return self.tell(TimePassed)

    def pass_until(self, wanted_ms: int) -> list[AcdAction]:
        """As the role does: at each deadline on the way."""
        actions: list[AcdAction] = []
        while (deadline := next_deadline(self.state)) is not None and deadline <= wanted_ms:
            self.now_ms = max(self.now_ms, deadline)
            actions += self.tell(TimePassed)
        self.now_ms = wanted_ms
        return actions

    def order(self) -> list[str]:
        """Who waits, the next one first."""
        return [call.call_id for call in self.state.in_order()]

    def talk(self, call_id: str) -> list[AcdAction]:
        offer_id = self.state.calls[call_id].offer_id
        offer = self.state.offers[offer_id]
        return self.tell(CallTaken, call_id=call_id, offer_id=offer_id, agent_id=offer.agent_id)

    def agent(self, agent_id: str) -> tuple[AgentState, str]:
        agent = self.state.agents[agent_id]
        return agent.state, agent.reason


def only(actions: list[AcdAction], of: type[Action]) -> list[Action]:
    return [action for action in actions if isinstance(action, of)]


def rung(actions: list[AcdAction]) -> list[tuple[str, str]]:
    return [(action.offer.call_id, action.offer.agent_id) for action in only(actions, RingPhone)]


def said(actions: list[AcdAction]) -> list[tuple[str, int]]:
    return [(action.call_id, action.before) for action in only(actions, SayPosition)]
