"""One TCP connection of SIP, and the way that messages take by it."""

import socket
from types import SimpleNamespace
from typing import Protocol

from telephony.sip.addresses import Address, bare, bracketed
from telephony.sip.framing import StreamFramer

CONNECT_WITHIN_S = 5.0
FIRST_MESSAGE_WITHIN_S = 20.0
"""A stranger that connects and says nothing, or never ends a message, is let go after this."""


class Streams(Protocol):
    """Who carries the bytes; port: that we listen on."""

    port: int

    def send(self, wire: bytes, address: Address, connection: "Connection | None") -> None: ...


class Connection:
    """Only the thread of the streams touches it. peer: host bare. asked: whom we connect to, as a message names it."""

    def __init__(self, opened: socket.socket, peer: Address, *, asked: Address | None, now_s: float) -> None:
        self.socket = opened
        self.peer = peer
        self.asked = asked or peer
        self.is_open = True
        self.connecting = asked is not None
        self.framer = StreamFramer()
        self.unsent = bytearray()
        self.deadline_s = now_s + (CONNECT_WITHIN_S if asked else FIRST_MESSAGE_WITHIN_S)


class TcpWay:
    """What sippy calls a server. By `connection` while that is open, else by one to the address of the message."""

    transport = "tcp"
    reliable = True

    def __init__(self, streams: Streams, host: str, connection: "Connection | None" = None) -> None:
        self._streams = streams
        self._host = bracketed(host)
        self._connection = connection
        self.uopts = SimpleNamespace(isWildCard=lambda: False)

    def getSIPaddr(self) -> tuple[Address, str]:  # noqa: N802  # the name that sippy calls
        return (self._host, self._streams.port), self.transport

    def addr2str(self, address: Address) -> str:
        return f"{self.transport}:{address[0]}:{address[1]}"

    def send_to(self, data: str | bytes, address: Address) -> None:
        wire = data.encode() if isinstance(data, str) else data
        self._streams.send(wire, (bare(str(address[0])), int(address[1] or 5060)), self._connection)
