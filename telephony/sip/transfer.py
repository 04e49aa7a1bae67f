"""Transfers that one of our phones asks for: REFER read, and its progress told (RFC 3515, RFC 3891, RFC 4488)."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import msgspec
from sippy.SipHeader import SipHeader

from telephony.sip.message import Answer, SipPlace, header, respond, text_of
from telephony.sip.replaces import Replaces, read_replaces
from telephony.sip.request import OurRequest, body_of
from telephony.sip.ua import DialogUA

SUBSCRIPTION_S = 180
SIPFRAG = "message/sipfrag;version=2.0"
_URI = re.compile(r"(sips?|tel):(?:([^@;?\s]+)@)?([^@;?\s]+)(?:;[^?\s]*)?(?:\?(\S*))?", re.IGNORECASE)
_DIALABLE = re.compile(r"[0-9*#+]{1,32}", re.ASCII)
_NAME = re.compile(r"[\w.-]{1,64}", re.ASCII)


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """target: as in ports.LegEvents.on_transfer_asked. replaces: the call that it names, None for a blind one."""

    target: str
    replaces: Replaces | None = None


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
    replaces = read_replaces(headers["replaces"]) if "replaces" in headers else None
    if replaces is None and "replaces" in headers:
        return None
    if scheme.lower() == "tel":
        dialled = host.replace("-", "")
        return Transfer(target=dialled, replaces=replaces) if _DIALABLE.fullmatch(dialled) else None
    dialled = unquote(user or "")
    if _DIALABLE.fullmatch(dialled) or (_NAME.fullmatch(dialled) and host.partition(":")[0] == own_host):
        return Transfer(target=dialled, replaces=replaces)
    return Transfer(target=f"sip:{user}@{host}" if user else f"sip:{host}", replaces=replaces)


class Transfers:
    """REFER in one dialog with a phone of ours, and how the transfer goes, told by NOTIFY. on_asked hears of each.

    One at a time; one with `Refer-Sub: false` is not told of (RFC 4488).
    """

    def __init__(self, place: SipPlace, ua: DialogUA, on_asked: Callable[[Transfer], None]) -> None:
        self._place = place
        self._ua = ua
        self._on_asked = on_asked
        self._asked = 0
        self._event = ""

    def receive(self, request: Any, transaction: Any) -> Answer:
        """A REFER."""
        fields = request.getHFs("refer-to")
        transfer = read_refer_to(str(fields[0].body), self._place.host) if len(fields) == 1 else None
        if transfer is None:
            return respond(request, self._place, 400, "One Usable Refer-To Is Needed"), None, None
        if self._event:
            return respond(request, self._place, 491, "Request Pending"), None, None
        silent = (text_of(request, "refer-sub") or "").lower().startswith("false")
        contact = SipHeader(name="contact", body=self._place.contact())
        echo = (header("refer-sub", "false"),) if silent else ()
        accepted = respond(request, self._place, 202, "Accepted", contact, *echo)
        self._place.config["_sip_tm"].sendResponse(accepted, transaction)
        self._asked += 1
        if not silent:
            # RFC 3515, 2.4.6: the first subscription of a dialog needs no name, a later one has the CSeq of its REFER.
            name = f";id={request.getHFBody('cseq').getCSeqNum()}" if self._asked > 1 else ""
            self._event = f"refer{name}"
            self.tell(100, "Trying")
        self._on_asked(transfer)
        return None

    def tell(self, status: int, reason: str) -> None:
        """status: of the call that is tried for the transfer; nothing happens when nobody waits to hear of one."""
        if not self._event:
            return
        words = "".join(character for character in reason if character.isprintable())
        state = f"active;expires={SUBSCRIPTION_S}" if status < 200 else "terminated;reason=noresource"
        headers = (header("event", self._event), header("subscription-state", state))
        body = body_of(f"SIP/2.0 {status} {words}\r\n", SIPFRAG)
        OurRequest(self._ua, "NOTIFY", self._on_final, body=body, headers=headers).send()
        if status >= 200:
            self._event = ""

    def _on_final(self, _response: Any) -> None:
        """Whether it was heard changes nothing for us."""
