"""Transfers that one of our phones asks for: REFER read, and its progress told (RFC 3515, RFC 3891, RFC 4488)."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import msgspec

from telephony.sip_message import header
from telephony.sip_request import OurRequest, body_of
from telephony.sip_ua import DialogUA

SUBSCRIPTION_S = 180
SIPFRAG = "message/sipfrag;version=2.0"
_URI = re.compile(r"(sips?|tel):(?:([^@;?\s]+)@)?([^@;?\s]+)(?:;[^?\s]*)?(?:\?(\S*))?", re.IGNORECASE)
_DIALABLE = re.compile(r"[0-9*#+]{1,32}", re.ASCII)
_NAME = re.compile(r"[\w.-]{1,64}", re.ASCII)


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """target, replaces: as in ports.LegEvents.on_transfer_asked."""

    target: str
    replaces: str = ""


def read_refer_to(text: str, own_host: str) -> Transfer | None:
    """Out of a Refer-To header; None when it cannot be read or asks for more than a call.

    What one can dial is dialled by us, whatever domain the phone put behind it: it is a phone of ours.
    """
    bracket = re.search(r"<([^<>]*)>\s*(?:;[^<>]*)?$", text)
    match = _URI.fullmatch((bracket[1] if bracket else text).strip())
    if match is None:
        return None
    scheme, user, host, asked = match.groups()
    headers = {
        name.lower(): unquote(value) for name, _, value in (part.partition("=") for part in (asked or "").split("&"))
    }
    if headers.get("method", "INVITE").upper() != "INVITE":
        return None
    replaces = headers.get("replaces", "").partition(";")[0].strip()
    if scheme.lower() == "tel":
        dialled = host.replace("-", "")
        return Transfer(target=dialled, replaces=replaces) if _DIALABLE.fullmatch(dialled) else None
    dialled = unquote(user or "")
    if _DIALABLE.fullmatch(dialled) or (_NAME.fullmatch(dialled) and host.partition(":")[0] == own_host):
        return Transfer(target=dialled, replaces=replaces)
    return Transfer(target=f"sip:{user}@{host}" if user else f"sip:{host}", replaces=replaces)


class TransferReport:
    """Tells a phone how its transfer goes: NOTIFY with a status line as its body.

    number: CSeq of the REFER, which names the subscription; None for the first of a dialog, which needs no name
    (RFC 3515, 2.4.6). on_closed: the last word was said.
    """

    def __init__(self, ua: DialogUA, number: int | None, on_closed: Callable[[], None]) -> None:
        self._ua = ua
        self._number = number
        self._on_closed = on_closed

    def tell(self, status: int, reason: str) -> None:
        """status: of the call that is tried for the transfer, as in a response."""
        words = "".join(character for character in reason if character.isprintable())
        state = f"active;expires={SUBSCRIPTION_S}" if status < 200 else "terminated;reason=noresource"
        event = "refer" if self._number is None else f"refer;id={self._number}"
        headers = (header("event", event), header("subscription-state", state))
        body = body_of(f"SIP/2.0 {status} {words}\r\n", SIPFRAG)
        OurRequest(self._ua, "NOTIFY", self._on_final, body=body, headers=headers).send()
        if status >= 200:
            self._on_closed()

    def _on_final(self, _response: Any) -> None:
        """Whether it was heard changes nothing for us."""
