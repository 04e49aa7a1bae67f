"""What the queue decides; each decision says why."""

import msgspec

from domain.acd import Offer, QueueAgent
from domain.command import TurnAwayBecause


class RingPhone(msgspec.Struct, frozen=True, kw_only=True):
    """Ask the switch to ring, and tell the agent's page. An offer with a callback_number asks any switch to dial."""

    offer: Offer
    reason: str


class StopRinging(msgspec.Struct, frozen=True, kw_only=True):
    """call_id: the call whose switch is to be told."""

    call_id: str
    offer_id: str
    reason: str


class SayPosition(msgspec.Struct, frozen=True, kw_only=True):
    """Tell the caller how many are before them. probe: its switch was silent; this finds out whether it lives.

    wait_s: how long they will wait at the present pace, None when that is not known. callback: they may ask for it.
    """

    call_id: str
    before: int
    reason: str
    probe: bool = False
    wait_s: int | None = None
    callback: bool = False


class SendAway(msgspec.Struct, frozen=True, kw_only=True):
    """Tell the caller that nobody will come; the switch ends the call."""

    call_id: str
    because: TurnAwayBecause
    reason: str


class ShowAgent(msgspec.Struct, frozen=True, kw_only=True):
    """The agent's state changed."""

    agent: QueueAgent
    phone_registered: bool
    reason: str


class DropCall(msgspec.Struct, frozen=True, kw_only=True):
    """The call waits no longer."""

    call_id: str
    reason: str


AcdAction = RingPhone | StopRinging | SayPosition | SendAway | ShowAgent | DropCall
