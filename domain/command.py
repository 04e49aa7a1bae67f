"""What the queue and the desk ask of the switch that holds a call (request `call.<id>.command`), or of any switch."""

from enum import StrEnum

import msgspec

from domain.call import DialBecause
from domain.talk import Passing, Supervision
from domain.target import Target


class RingAgent(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="ring_agent"):
    """Ring the agent's phone; the outcome comes back as the call's events AgentOffered, OfferEnded, CallConnected.

    auto_answer: ask the phone to answer by itself (a headset); phones that cannot ring as ever.
    """

    offer_id: str
    agent_id: str
    extension: str
    timeout_s: float
    auto_answer: bool = False


class CancelRing(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="cancel_ring"):
    offer_id: str


class AnnouncePosition(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="announce_position"):
    """Tell the waiting caller how many are before them (0: they are next).

    wait_s: how long they will still wait at the present pace, None when that cannot be known. callback: they may ask
    to be called back instead.
    """

    before: int
    wait_s: int | None = None
    callback: bool = False


class TurnAwayBecause(StrEnum):
    """非服务时间, 等待超过上限."""

    CLOSED = "closed"
    TOO_LONG = "too_long"


class TurnAway(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="turn_away"):
    """Nobody will come to this waiting caller: tell them why, and end the call."""

    because: TurnAwayBecause


class HangUp(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="hang_up"):
    """End the call politely. by: agent or system, as in EndedBy."""

    by: str
    cause: str


class CallOrder(StrEnum):
    """保持, 取回, 静音, 取消静音, 切换, 完成转接, 取消, 三方通话."""

    HOLD = "hold"
    RESUME = "resume"
    MUTE = "mute"
    UNMUTE = "unmute"
    SWAP = "swap"
    COMPLETE = "complete"
    CANCEL = "cancel"
    CONFERENCE = "conference"


class OrderCall(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="order"):
    """The agent of the call does something with it that needs no more words. agent_id: who asks."""

    order: CallOrder
    agent_id: str


class PassCall(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="pass"):
    """The agent of the call brings another in, or gives the call away.

    location: the place of an emergency as the ticket has it, for HAND_OVER only. keyed: by the telephone's keys.
    """

    how: Passing
    target: Target
    agent_id: str
    location: str = ""
    keyed: bool = False


class Supervise(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="supervise"):
    """A team leader comes into the call, or changes how they are in it. extension: the telephone rung for it."""

    how: Supervision
    leader_id: str
    extension: str


CallCommand = RingAgent | CancelRing | AnnouncePosition | TurnAway | HangUp | OrderCall | PassCall | Supervise


class DialOut(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="dial_out"):
    """Ring the agent's telephone, then call the number with the hotline's own as the caller, and let both talk.

    because: a click on the desk, or the queue that calls a citizen back; PHONE: the agent's telephone has dialled by
    itself, and is not rung. offer_id: the queue's own word for it.
    auto_answer: ask the agent's phone to answer by itself (a headset); it is always asked after the agent's own click.
    """

    agent_id: str
    extension: str
    number: str
    because: DialBecause = DialBecause.CLICK
    offer_id: str = ""
    auto_answer: bool = False


SwitchCommand = DialOut


class CommandReply(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a command was taken up; `reason` says why not, for logs.

    code: the same as a stable word, which the pages put into their reader's language. call_id: of the call that a
    DialOut began.
    """

    accepted: bool
    reason: str = ""
    code: str = ""
    call_id: str = ""
