"""The browser as a telephone: what an agent's page, the desk and the switch say to each other.

The page reaches the switch through the desk, which vouches for the agent. A connection (one WebRTC session) has an id
that the desk chose; commands go to `web_phone.<agent_id>.<connection_id>.command`, which its switch alone serves.
"""

from enum import StrEnum

import msgspec

PREFIX = "web-"


def web_extension(agent_id: str) -> str:
    """The extension of an agent's browser."""
    return PREFIX + agent_id


def agent_of(extension: str) -> str:
    """The agent whose browser this extension is; "" for other telephones."""
    return extension.removeprefix(PREFIX) if extension.startswith(PREFIX) else ""


class WebCallStage(StrEnum):
    """HELD: the agent talks, but the browser's sound is lost at this moment; the caller is kept."""

    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"


class WebPhoneCall(msgspec.Struct, frozen=True, kw_only=True):
    """The call at the telephone.

    number: counts the calls of this telephone, so that an answer cannot meet another. at_once: the agent has asked for
    it (dialling out), so the page answers by itself.
    """

    number: int
    stage: WebCallStage
    at_once: bool = False


class WebPhoneView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows (subject `web_phone.<agent_id>.state`).

    connection_id: the connection that counts; a page that holds another one was replaced. up: its sound can flow.
    """

    agent_id: str
    connection_id: str
    up: bool
    call: WebPhoneCall | None = None


class ConnectWebPhone(msgspec.Struct, frozen=True, kw_only=True):
    """Open a connection; it takes the place of an older one of the same agent, a call goes on with it.

    offer: the browser's SDP with all its candidates.
    """

    agent_id: str
    connection_id: str
    offer: str


class StayAlive(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="stay_alive"):
    """The page is there; the telephone stays registered."""


class TakeCall(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="take_call"):
    number: int


class RefuseCall(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="refuse_call"):
    number: int


class EndCall(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="end_call"):
    number: int


class LeavePhone(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="leave_phone"):
    """The agent uses another telephone, or goes: unregistered at once."""


WebPhoneCommand = StayAlive | TakeCall | RefuseCall | EndCall | LeavePhone


class WebPhoneReply(msgspec.Struct, frozen=True, kw_only=True):
    """view: the telephone after the command; None when it was refused. answer: our SDP, to ConnectWebPhone only.

    reason: for logs; code: the same as a stable word, which the pages put into their reader's language.
    """

    accepted: bool
    code: str = ""
    reason: str = ""
    answer: str = ""
    view: WebPhoneView | None = None
