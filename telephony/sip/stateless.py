"""Answers to requests that keep no state and make none (RFC 3261, 8.2.7), from the bytes of a message: pure.

A request without proof is challenged so (26.3.2.4): no transaction, no timer, no repetition. What is not plain enough
to be read here is left to the stateful side.
"""

import hashlib
import hmac
import re

import msgspec

TAG_LENGTH = 20
_TAG_MARK = "zz"
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_REQUEST = re.compile(r"([A-Z]{2,16}) (\S{3,400}) SIP/2\.0")
_NAMES = {"v": "via", "f": "from", "t": "to", "i": "call-id"}
_COPIED = ("from", "to", "call-id", "cseq")
_TAG = re.compile(r";\s*tag\s*=\s*([^\s;,>]+)\s*(?:;[^>]*)?$", re.IGNORECASE)
_RPORT = re.compile(r";\s*rport(?=\s*(?:;|$))", re.IGNORECASE)
_USER = re.compile(r"sips?:([^@:;<>\s]+)[@:;]", re.IGNORECASE)


class PlainRequest(msgspec.Struct, frozen=True, kw_only=True):
    """vias: the values in order. others: name in small letters → value of From, To, Call-ID, CSeq. to_tag, "" without.

    proven: whether it carries credentials, right or not. sender: the user of the From, "" without.
    """

    method: str
    vias: tuple[str, ...]
    others: dict[str, str]
    to_tag: str
    proven: bool
    sender: str


def read_request(data: bytes) -> PlainRequest | None:
    """None for a response, and for a request that is not plain: folded lines, a bare CR, a header twice or missing."""
    end = _HEAD_END.search(data)
    try:
        lines = data[: end.start() if end else len(data)].decode().replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        return None
    request = _REQUEST.fullmatch(lines[0])
    if request is None:
        return None
    vias: list[str] = []
    others: dict[str, str] = {}
    proven = False
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        name = _NAMES.get(name, name)
        # A bare CR would be copied into our answer, where others may read it as the end of a line.
        if not colon or line[:1] in (" ", "\t") or name in others or "\r" in line:
            return None
        if name == "via":
            vias.append(value.strip())
        elif name in _COPIED:
            others[name] = value.strip()
        elif name in ("authorization", "proxy-authorization"):
            proven = True
    if not vias or len(others) != len(_COPIED) or others["cseq"].split()[1:] != [request[1]]:
        return None
    tag = _TAG.search(others["to"])
    sender = _USER.search(others["from"])
    return PlainRequest(
        method=request[1],
        vias=tuple(vias),
        others=others,
        to_tag=tag[1] if tag else "",
        proven=proven,
        sender=sender[1] if sender else "",
    )


class StatelessAnswers:
    """key: the secret that makes To tags, so that one request gets the same each time it is repeated."""

    def __init__(self, key: bytes, server: str) -> None:
        self._key = key
        self._server = server

    def answer(
        self,
        request: PlainRequest,
        source: tuple[str, int],
        status: int,
        reason: str,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> bytes:
        """The response; source: where the request came from (bare), which its top Via is told (RFC 3581)."""
        first, comma, rest = request.vias[0].partition(",")
        vias = (_received(first.strip(), source) + comma + rest, *request.vias[1:])
        to = request.others["to"] + ("" if request.to_tag else f";tag={self._tag(request)}")
        lines = [
            f"SIP/2.0 {status} {reason}",
            *(f"Via: {via}" for via in vias),
            f"From: {request.others['from']}",
            f"To: {to}",
            f"Call-ID: {request.others['call-id']}",
            f"CSeq: {request.others['cseq']}",
            *(f"{name}: {value}" for name, value in headers),
            f"Server: {self._server}",
            "Content-Length: 0",
        ]
        return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()

    def is_ours(self, request: PlainRequest) -> bool:
        """Whether the To tag is one that `answer` made: so an ACK needs nothing more."""
        return request.to_tag.startswith(_TAG_MARK) and hmac.compare_digest(request.to_tag, self._tag(request))

    def _tag(self, request: PlainRequest) -> str:
        # An ACK has the From and Call-ID of its INVITE, and the number without the method.
        number = request.others["cseq"].split()[0]
        what = f"{request.others['call-id']}\n{request.others['from']}\n{number}"
        return _TAG_MARK + hmac.new(self._key, what.encode(), hashlib.sha256).hexdigest()[:TAG_LENGTH]


def _received(via: str, source: tuple[str, int]) -> str:
    host, port = source
    return f"{_RPORT.sub(f';rport={port}', via, count=1)};received={host}"
