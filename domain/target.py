"""Where a call can be passed to: a colleague, a queue, or a number outside; and what came of ringing there."""

from enum import StrEnum

import msgspec


class TargetKind(StrEnum):
    """坐席, 队列, 外线号码."""

    AGENT = "agent"
    QUEUE = "queue"
    NUMBER = "number"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """value: an extension, a queue's name, or the digits (or sip: URI) of a number outside.

    agent_id: who sits at that extension, "" where nobody is known to. name: as people call it, for screens and logs.
    """

    kind: TargetKind
    value: str
    name: str = ""
    agent_id: str = ""

    @property
    def address(self) -> str:
        """What `SipEndpoint.place_call` takes; a queue has none."""
        if self.kind is TargetKind.NUMBER and not self.value.startswith("sip:"):
            return f"tel:{self.value}"
        return self.value


class OfferOutcome(StrEnum):
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
