"""What the queue decides; each decision says why."""

import msgspec

from domain.acd import Offer, QueueAgent


class RingPhone(msgspec.Struct, frozen=True, kw_only=True):
    """Ask the switch to ring, and tell the agent's page."""

    offer: Offer
    reason: str


class StopRinging(msgspec.Struct, frozen=True, kw_only=True):
    call_id: str
    offer_id: str
    reason: str


class SayPosition(msgspec.Struct, frozen=True, kw_only=True):
    """Tell the caller how many are before them. probe: its switch was silent; this finds out whether it lives."""

    call_id: str
    before: int
    reason: str
    probe: bool = False


class ShowAgent(msgspec.Struct, frozen=True, kw_only=True):
    """The agent's state changed."""

    agent: QueueAgent
    phone_registered: bool
    reason: str


class DropCall(msgspec.Struct, frozen=True, kw_only=True):
    """The call waits no longer."""

    call_id: str
    reason: str


AcdAction = RingPhone | StopRinging | SayPosition | ShowAgent | DropCall
