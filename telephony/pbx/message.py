"""SIP messages as pyVoIP reads them, with what it cannot read (optional: `hotline12345[pyvoip]`).

pyVoIP 1.6.8 knows four methods and one spelling of each header, fails as a whole on SDP that it does not expect, and
raises whatever Python raises. Here headers are read in every spelling, the body is left alone (`sdp` reads it), and a
message that cannot be read is one kind of error.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pyVoIP.VoIP  # noqa: F401  # before pyVoIP.SIP: they import each other
from pyVoIP import SIP

from domain.errors import SipError

METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "UPDATE", "PRACK", "REFER", "NOTIFY", "MESSAGE")
LONGEST = 16_384
LONGEST_USER = 64
_COMPACT = {
    "v": "Via",
    "f": "From",
    "t": "To",
    "i": "Call-ID",
    "m": "Contact",
    "c": "Content-Type",
    "l": "Content-Length",
}
_SPELLING = {
    name.lower(): name
    for name in (*_COMPACT.values(), "CSeq", "WWW-Authenticate", "Proxy-Authenticate", "P-Asserted-Identity", "Expires")
}
_FOLD = re.compile(r"\r\n[ \t]+")
_ADDRESS = re.compile(r"(?:sips?|tel):([^\s;>@]*)(?:@[^\s;>]*)?", re.IGNORECASE)
_NEEDED = ("From", "To", "Call-ID", "CSeq")


class PbxMessage(SIP.SIPMessage):
    """text: the body as it came. The rest as in pyVoIP: `method` or `status`, `headers`."""

    text = ""
    method = ""

    def parse(self, data: bytes) -> None:
        self.SIPCompatibleMethods = list(METHODS)
        head, end_of_head, self.text = data.decode("utf-8").partition("\r\n\r\n")
        if not end_of_head:
            raise ValueError("cut in its headers")
        head = _FOLD.sub(" ", head)
        if head.startswith("SIP/2.0 "):
            head = _with_known_status(head)
        super().parse(f"{head}\r\n\r\n".encode())

    @staticmethod
    def parse_raw_header(headers_raw: list[bytes], handle: Callable[[str, Any], None]) -> None:
        """The first of each name, all Via; pyVoIP knows one spelling of a name and cuts a value at its first ": "."""
        headers: dict[str, Any] = {"Via": []}
        for line in headers_raw:
            name, _, value = line.decode("utf-8").partition(":")
            name = name.strip().lower()
            name = _SPELLING.get(_COMPACT.get(name, name).lower(), name)
            if name == "Via":
                headers["Via"] += [via.strip() for via in value.split(",")]
            else:
                headers.setdefault(name, value.strip())
        for name, value in headers.items():
            handle(name, value)

    def parse_header(self, header: str, data: Any) -> None:
        if header in ("From", "To"):
            address = _ADDRESS.search(data)
            tag = re.search(r";\s*tag=([^;\s]+)", data)
            raw = re.sub(r";\s*tag=[^;\s]+", "", data)
            self.headers[header] = {"raw": raw, "tag": tag[1] if tag else "", "number": address[1] if address else ""}
        elif header in ("WWW-Authenticate", "Proxy-Authenticate"):
            found = re.findall(r'(\w+)\s*=\s*("[^"]*"|[^,\s]+)', data)
            self.authentication = {name.lower(): value.strip('"') for name, value in found}
        else:
            super().parse_header(header, data)

    @property
    def is_request(self) -> bool:
        return bool(self.type == SIP.SIPMessageType.MESSAGE)

    @property
    def code(self) -> int:
        """The status of a response."""
        return int(self.status)

    @property
    def call_id(self) -> str:
        return str(self.headers["Call-ID"])

    @property
    def cseq(self) -> tuple[int, str]:
        return int(self.headers["CSeq"]["check"]), str(self.headers["CSeq"]["method"])

    def tag(self, header: str) -> str:
        """The tag of From or To, "" without."""
        return str(self.headers[header]["tag"])

    def user(self, header: str) -> str:
        """The user of From or To, without what could do harm further on."""
        user = unquote(str(self.headers[header]["number"]))
        return "".join(character for character in user if character.isprintable())[:LONGEST_USER]

    @property
    def target(self) -> str:
        """The URI of Contact, "" without."""
        contact = str(self.headers.get("Contact", ""))
        inside = re.search(r"<([^>]+)>", contact)
        return inside[1] if inside else contact.partition(";")[0].strip()


def read_message(data: bytes) -> PbxMessage:
    """What came in one datagram; SipError when it is no message of ours."""
    if len(data) > LONGEST:
        raise _unreadable(f"{len(data)} bytes")
    try:
        message = PbxMessage(data)
        missing = [name for name in _NEEDED if name not in message.headers]
        complete = message.headers["Via"] and not missing and message.cseq
    except Exception as error:  # pyVoIP raises whatever its parsing met
        raise _unreadable(f"{type(error).__name__}: {error}") from error
    if not complete:
        raise _unreadable(f"without {', '.join(missing) or 'Via'}")
    return message


def _unreadable(what: str) -> SipError:
    return SipError(f"unreadable SIP message: {what[:200]}", where="pyVoIP", remedy="look at what the PBX sends")


def _with_known_status(head: str) -> str:
    """An unknown status counts as the x00 of its class (RFC 3261, 8.1.3.2); pyVoIP fails on it."""
    code = head[8:11]
    try:
        SIP.SIPStatus(int(code))
    except ValueError:
        code = f"{code[:1]}00"
    return f"SIP/2.0 {code}{head[11:]}"
