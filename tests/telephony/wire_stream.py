"""A wire phone on a TCP connection."""

import asyncio
import contextlib

from telephony.sip.framing import PONG, StreamFramer
from tests.telephony.wire_phone import WirePhone, parse_message


class WireStream(WirePhone, asyncio.Protocol):
    """server: where to connect to; without `open`, asyncio makes one for each connection that comes in."""

    def __init__(self, endpoint_port: int = 0, host: str = "127.0.0.1") -> None:
        super().__init__(endpoint_port, host)
        self.framer = StreamFramer()
        self.pongs = 0
        self.gone = asyncio.Event()
        self.wire: asyncio.Transport

    @classmethod
    async def dial(cls, endpoint_port: int, host: str = "127.0.0.1") -> "WireStream":
        """Connected to an endpoint."""
        loop = asyncio.get_running_loop()
        _, phone = await loop.create_connection(lambda: cls(endpoint_port, host), host, endpoint_port)
        return phone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.wire = transport
        self.port = transport.get_extra_info("sockname")[1]
        self.endpoint = (self.endpoint[0], transport.get_extra_info("peername")[1])

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()

    def data_received(self, data: bytes) -> None:
        self.pongs += data.startswith(PONG) and not self.framer.is_waiting
        for message in self.framer.feed(data):
            self.inbox.append(parse_message(message))
        self._came.set()

    def send(self, text: str | bytes) -> None:
        wire = text.encode() if isinstance(text, str) else text
        with contextlib.suppress(RuntimeError):
            self.wire.write(wire.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP"))

    def close(self) -> None:
        for call in self.calls:
            self.send(call.request("BYE", cseq=call.cseq + 100))
        self.wire.close()
