"""A SIP phone made of text: the test writes its messages and reads what comes, so nothing is hidden or repaired."""

import asyncio
import itertools
import re
from dataclasses import dataclass, field

from telephony.sip.addresses import bracketed
from telephony.sip.digest import Algorithm as DigestAlgorithm
from telephony.sip.digest import Credentials, digest_response

DEADLINE_S = 30.0
_numbers = itertools.count(1)


def sdp_of(port: int = 40000, payloads: str = "8 101", *, extra: str = "", address: str = "127.0.0.1") -> str:
    """A session description as phones write it."""
    family = "IP6" if ":" in address else "IP4"
    return (
        f"v=0\r\no=- 1 1 IN {family} {address}\r\ns=-\r\nc=IN {family} {address}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {payloads}\r\na=rtpmap:101 telephone-event/8000\r\n{extra}"
    )


@dataclass
class Message:
    """What came. first: its first line; headers: lower-case name → values in order."""

    first: str
    headers: dict[str, list[str]]
    body: str

    @property
    def status(self) -> int:
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else 0

    @property
    def method(self) -> str:
        return self.header("cseq").split()[1]

    def header(self, name: str) -> str:
        return self.headers[name][0]


def parse_message(data: bytes) -> Message:
    head, _, body = data.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.lower(), []).append(value.strip())
    return Message(first, headers, body)


class WirePhone(asyncio.DatagramProtocol):
    """Sends to one endpoint; `inbox` has every message that came and was not waited for yet."""

    def __init__(self, endpoint_port: int, host: str = "127.0.0.1", own_host: str = "") -> None:
        self.endpoint = (host, endpoint_port)
        self.host = bracketed(own_host or host)
        self.inbox: list[Message] = []
        self.calls: list[WireCall] = []
        self._came = asyncio.Event()
        self.transport: asyncio.DatagramTransport
        self.port = 0

    @classmethod
    async def open(
        cls, endpoint_port: int, host: str = "127.0.0.1", *, own_host: str = "", own_port: int = 0
    ) -> "WirePhone":
        """host: the endpoint's, and the phone's own unless it has another."""
        loop = asyncio.get_running_loop()
        transport, phone = await loop.create_datagram_endpoint(
            lambda: cls(endpoint_port, host, own_host), (own_host or host, own_port)
        )
        phone.transport = transport
        phone.port = transport.get_extra_info("sockname")[1]
        return phone

    def close(self) -> None:
        """Hang up what was established, so that nobody waits for us, and go."""
        for call in self.calls:
            self.send(call.request("BYE", cseq=call.cseq + 100))
        self.transport.close()

    def datagram_received(self, data: bytes, _address: object) -> None:
        self.inbox.append(parse_message(data))
        self._came.set()

    def send(self, text: str | bytes) -> None:
        self.transport.sendto(text.encode() if isinstance(text, str) else text, self.endpoint)

    async def take(self, *, method: str, status: int | None = None, deadline_s: float = DEADLINE_S) -> Message:
        """The first message of this CSeq method that is a request (status None) or this response (0: any final)."""

        def fits(message: Message) -> bool:
            if message.method != method:
                return False
            if status is None:
                return message.status == 0
            return message.status == status or (status == 0 and message.status >= 200)

        async with asyncio.timeout(deadline_s):
            while True:
                for message in self.inbox:
                    if fits(message):
                        self.inbox.remove(message)
                        return message
                self._came.clear()
                await self._came.wait()

    def answer(
        self, request: Message, status: int, reason: str, *, body: str = "", contact: str = "", headers: str = ""
    ) -> None:
        """Answer a request that came; contact: another URI than our own."""
        to = request.header("to") + ("" if ";tag=" in request.header("to") else ";tag=phone")
        via = "".join(f"Via: {value}\r\n" for value in request.headers["via"])
        self.send(
            f"SIP/2.0 {status} {reason}\r\n{via}From: {request.header('from')}\r\nTo: {to}\r\n"
            f"Call-ID: {request.header('call-id')}\r\nCSeq: {request.header('cseq')}\r\n"
            f"Contact: <{contact or f'sip:phone@{self.host}:{self.port}'}>\r\n{headers}{content(body)}"
        )


def content(body: str, kind: str = "application/sdp") -> str:
    """The end of a message."""
    return (f"Content-Type: {kind}\r\n" if body else "") + f"Content-Length: {len(body.encode())}\r\n\r\n{body}"


@dataclass
class WireCall:
    """A dialog that the phone begins, or (`of`) one that it was called into."""

    phone: WirePhone
    caller: str = "13812345678"
    called: str = "12345"
    call_id: str = field(default_factory=lambda: f"call-{next(_numbers)}")
    to_tag: str = ""
    cseq: int = 0
    branch: str = ""
    from_tag: str = "wire"

    @classmethod
    def of(cls, phone: WirePhone, invite: Message) -> "WireCall":
        """The phone's side of a call to it."""
        sender = invite.header("from")
        call = cls(phone, called="13812345678", call_id=invite.header("call-id"), cseq=5, from_tag="phone")
        call.to_tag = ";tag=" + sender.partition(";tag=")[2]
        return call

    def join(self, answer: Message) -> None:
        """Take the tag of the far end out of its answer."""
        self.to_tag = ";tag=" + answer.header("to").partition(";tag=")[2]

    def request(
        self, method: str, *, body: str = "", kind: str = "application/sdp", headers: str = "", cseq: int | None = None
    ) -> str:
        """The text of a request in this dialog; ACK and CANCEL take the number (and CANCEL the branch) of the last."""
        if method not in ("ACK", "CANCEL"):
            self.cseq = self.cseq + 1 if cseq is None else cseq
        if method != "CANCEL":
            self.branch = f"z9hG4bK-{self.call_id}-{next(_numbers)}"
        here = f"{self.phone.host}:{self.phone.port}"
        there = f"{bracketed(self.phone.endpoint[0])}:{self.phone.endpoint[1]}"
        return (
            f"{method} sip:{self.called}@{there} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {here};branch={self.branch};rport\r\nMax-Forwards: 70\r\n"
            f"From: <sip:{self.caller}@{here}>;tag={self.from_tag}\r\n"
            f"To: <sip:{self.called}@{there}>{self.to_tag}\r\n"
            f"Call-ID: {self.call_id}\r\nCSeq: {self.cseq} {method}\r\n"
            f"Contact: <sip:{self.caller}@{here}>\r\n{headers}{content(body, kind)}"
        )

    async def ask(self, method: str, *, body: str = "", kind: str = "application/sdp", headers: str = "") -> Message:
        """Send a request and wait for its final answer."""
        self.phone.send(self.request(method, body=body, kind=kind, headers=headers))
        return await self.phone.take(method=method, status=0)

    async def establish(self, body: str | None = None, headers: str = "") -> Message:
        """INVITE, 200, ACK; the 200."""
        ok = await self.ask("INVITE", body=sdp_of() if body is None else body, headers=headers)
        assert ok.status == 200, ok.first
        self.join(ok)
        self.phone.send(self.request("ACK"))
        self.phone.calls.append(self)
        return ok


def proof(challenge: str, user: str, password: str, method: str, uri: str = "sip:x") -> str:
    """The value of an Authorization header for this challenge."""
    values = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
    credentials = Credentials(
        username=user,
        realm=values["realm"],
        nonce=values["nonce"],
        uri=uri,
        response="",
        cnonce="c",
        nonce_count="00000001",
        algorithm=DigestAlgorithm(values["algorithm"]),
    )
    response = digest_response(credentials, password, method)
    return (
        f'Digest username="{user}", realm="{values["realm"]}", nonce="{values["nonce"]}", uri="{uri}", '
        f'response="{response}", cnonce="c", nc=00000001, qop=auth, algorithm={values["algorithm"]}'
    )
