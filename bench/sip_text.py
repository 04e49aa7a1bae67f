"""SIP as text (RFC 3261), as much as a load needs: no stack, so that what is measured is the other side alone."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

HOST = "127.0.0.1"
_PORT = re.compile(r"^m=audio (\d+) ", re.MULTILINE)
_QUOTED = re.compile(r'(\w+)="([^"]*)"')
_URI = re.compile(r"<?(sip:[^>;\s]+)")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SipMessage:
    """start: the first line; headers: names in lower case, in order."""

    start: str
    headers: Headers
    body: str

    def header(self, name: str) -> str:
        """The first value, "" when there is none."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def status(self) -> int:
        """0 for a request."""
        return int(self.start.split(" ")[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        """Of a request, or of the request that is answered."""
        return self.header("cseq").split()[-1]

    @property
    def media_port(self) -> int:
        """Where the sender wants its sound; 0 without SDP."""
        found = _PORT.search(self.body)
        return int(found[1]) if found else 0

    @property
    def contact(self) -> str:
        """The URI for requests within the dialog."""
        found = _URI.search(self.header("contact"))
        return found[1] if found else ""


def parse(datagram: bytes) -> SipMessage:
    """One message; ValueError when it is none."""
    head, _, body = datagram.decode("utf-8").partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return SipMessage(start, tuple((name.strip().lower(), value.strip()) for name, _, value in pairs), body)


def encode(start: str, headers: Iterable[tuple[str, str]], body: str = "") -> bytes:
    lines = [start, *(f"{name}: {value}" for name, value in headers), f"Content-Length: {len(body.encode())}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def answer(request: SipMessage, status: str, tag: str, more: Headers = (), body: str = "") -> bytes:
    """A response with our tag; status: "200 OK"."""
    copied = [("Via", value) for name, value in request.headers if name == "via"]
    to = request.header("to")
    copied += [("From", request.header("from")), ("To", to if ";tag=" in to else f"{to};tag={tag}")]
    copied += [("Call-ID", request.header("call-id")), ("CSeq", request.header("cseq"))]
    return encode(f"SIP/2.0 {status}", [*copied, *more], body)


@dataclass
class Dialog:
    """One dialog as its caller keeps it. target: the request URI; to: with its tag once it has answered."""

    call_id: str
    user: str
    own_port: int
    target: str
    to: str
    cseq: int = 0

    def request(self, method: str, more: Headers = (), body: str = "") -> bytes:
        """The next request; an ACK has the number of the INVITE before it."""
        if method != "ACK":
            self.cseq += 1
        branch = f"z9hG4bK{self.call_id}-{method}-{self.cseq}"
        headers = [
            ("Via", f"SIP/2.0/UDP {HOST}:{self.own_port};branch={branch};rport"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.user}@{HOST}:{self.own_port}>;tag={self.call_id}"),
            ("To", self.to),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self.cseq} {method}"),
            ("Contact", f"<sip:{self.user}@{HOST}:{self.own_port}>"),
        ]
        return encode(f"{method} {self.target} SIP/2.0", [*headers, *more], body)

    def answered(self, response: SipMessage) -> None:
        """What a 200 OK to the INVITE tells."""
        self.to = response.header("to")
        self.target = response.contact or self.target


SDP: Headers = (("Content-Type", "application/sdp"),)
KEY: Headers = (("Content-Type", "application/dtmf-relay"),)


def describe(port: int) -> str:
    """Our sound: A-law at this port."""
    return (
        f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 101\r\n"
        "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    )


def authorization(challenge: str, user: str, password: str, method: str, uri: str) -> str:
    """The Authorization header for this challenge (RFC 2617, MD5, with or without qop=auth)."""
    asked = dict(_QUOTED.findall(challenge))
    realm, nonce = asked["realm"], asked["nonce"]
    first, second = _md5(f"{user}:{realm}:{password}"), _md5(f"{method}:{uri}")
    extra, middle = "", nonce
    if "qop" in challenge:
        extra, middle = ', qop=auth, nc=00000001, cnonce="bench"', f"{nonce}:00000001:bench:auth"
    response = _md5(f"{first}:{middle}:{second}")
    plain = f'username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{response}", algorithm=MD5'
    return f"Digest {plain}{extra}"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
