"""A provider's line: who it is, what it may call, and how calls go out by it (values of sip.conf)."""

from enum import StrEnum

import msgspec

from telephony.ports import Codec
from telephony.sip.addresses import Network
from telephony.sip.sdp import PREFERRED
from telephony.trunks.numbering import NumberForm


class Transport(StrEnum):
    UDP = "udp"
    TCP = "tcp"


class CallerIdIn(StrEnum):
    """Where the hotline's number stands in a call that goes out: From, P-Asserted-Identity (RFC 3325), or both."""

    FROM = "from"
    PAI = "pai"
    BOTH = "both"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider knows us by. registers: whether we tell it where we are; else only challenges are answered."""

    user: str
    password: str
    registers: bool = False
    expires_s: int = 300

    def __repr__(self) -> str:
        return f"Account({self.user})"


class Outward(msgspec.Struct, frozen=True, kw_only=True):
    """How calls go out by a trunk.

    host, port, transport: the provider's server, by name or (bare) address. order: the lower is tried first. dials:
    what it carries (`*` at the end: any rest), in the form of people here. caller_id: the hotline's number, "" leaves
    the caller's. answer_within_s: without any answer to an INVITE for so long the next trunk is tried. keepalive_s: how
    often it is asked by OPTIONS whether it is there, 0 for never.
    """

    host: str
    port: int = 5060
    transport: Transport = Transport.UDP
    account: Account | None = None
    order: int = 0
    dials: tuple[str, ...] = ("*",)
    form: NumberForm = NumberForm.NATIONAL
    caller_id: str = ""
    caller_id_in: CallerIdIn = CallerIdIn.FROM
    answer_within_s: float = 5.0
    keepalive_s: float = 30.0


class Trunk(msgspec.Struct, frozen=True, kw_only=True):
    """networks: where its calls come from (its server's address is learned besides). numbers: what it may call.

    most_in, most_out: calls at a time, None for any number. honours_privacy: callers who withheld their number
    (Privacy: id) stay anonymous. outward: None where no calls go out by it.
    """

    name: str
    networks: tuple[Network, ...] = ()
    numbers: tuple[str, ...] = ("*",)
    codecs: tuple[Codec, ...] = PREFERRED
    most_in: int | None = None
    most_out: int | None = None
    honours_privacy: bool = True
    outward: Outward | None = None

    def takes(self, called_number: str) -> bool:
        """Whether calls to this number are accepted."""
        return fits(called_number, self.numbers)


def fits(number: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of the patterns means this number; a `*` at the end stands for any rest."""
    return any(number.startswith(pattern[:-1]) if pattern.endswith("*") else number == pattern for pattern in patterns)
