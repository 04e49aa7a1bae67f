"""Agents (坐席), their states and their telephones."""

from enum import StrEnum
from typing import Literal

import msgspec


class AgentState(StrEnum):
    """未签入, 空闲, 振铃, 通话, 话后, 小休."""

    SIGNED_OUT = "signed_out"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    BREAK = "break"


class AgentStatus(msgspec.Struct, frozen=True, kw_only=True):
    """An agent now (subject `agent.<id>.state`, the last one is kept). since_ms, at_ms: wall clock (Unix, ms).

    reason: why the state changed, where that is not plain ('no answer', 'phone unregistered').
    """

    agent_id: str
    name: str
    extension: str
    state: AgentState
    since_ms: int
    at_ms: int
    call_id: str = ""
    reason: str = ""
    phone_registered: bool = False


class SignIn(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="sign_in"):
    """签入 at a telephone; the state becomes 小休 until the agent asks for calls.

    skills: name → level (1 and more). auto_answer: their telephone is to answer by itself.
    """

    name: str
    extension: str
    queues: tuple[str, ...] = ("default",)
    skills: dict[str, int] = {}
    auto_answer: bool = False


class SetReady(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="set_ready"):
    """空闲; also ends 话后."""


class TakeBreak(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="take_break"):
    """小休; while talking it is taken after the call."""

    reason: str = ""


class SignOut(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="sign_out"):
    """签出; refused while talking."""


ForcedState = Literal["ready", "break", "signed_out"]


class ForceState(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="force_state"):
    """班长强制: the team leader puts an agent into this state; one who talks comes to it after the call.

    by: the leader's name, as the agent reads it; reason: the leader's words.
    """

    state: ForcedState
    by: str
    reason: str = ""


AgentCommand = SignIn | SetReady | TakeBreak | SignOut | ForceState


class AgentReply(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to an agent's command: the status after it, or why it was refused.

    reason: for logs; code: the same as a stable word, which the pages put into their reader's language.
    """

    accepted: bool
    reason: str = ""
    status: AgentStatus | None = None
    code: str = ""


class AgentOffer(msgspec.Struct, frozen=True, kw_only=True):
    """A call is ringing at the agent (subject `agent.<id>.offer`): the page pops."""

    agent_id: str
    offer_id: str
    call_id: str
    queue: str
    waited_ms: int
    expires_at_ms: int


class PhoneState(msgspec.Struct, frozen=True, kw_only=True):
    """A SIP phone's registration at a switch (subject `phone.<extension>.state`, the last one is kept).

    expires_at_ms: wall clock; after it the phone counts as gone even when nobody said so.
    """

    extension: str
    registered: bool
    switch_id: str
    at_ms: int
    expires_at_ms: int
