"""What the queue and the desk ask of the switch that holds a call (request `call.<id>.command`)."""

import msgspec


class RingAgent(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="ring_agent"):
    """Ring the agent's phone; the outcome comes back as the call's events AgentOffered, OfferEnded, CallConnected."""

    offer_id: str
    agent_id: str
    extension: str
    timeout_s: float


class CancelRing(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="cancel_ring"):
    offer_id: str


class AnnouncePosition(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="announce_position"):
    """Tell the waiting caller how many are before them (0: they are next)."""

    before: int


class HangUp(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="hang_up"):
    """End the call politely. by: agent or system, as in EndedBy."""

    by: str
    cause: str


CallCommand = RingAgent | CancelRing | AnnouncePosition | HangUp


class CommandReply(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a command was taken up; `reason` says why not, for logs.

    code: the same as a stable word, which the pages put into their reader's language.
    """

    accepted: bool
    reason: str = ""
    code: str = ""
