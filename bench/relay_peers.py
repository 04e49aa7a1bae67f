"""What the media plane is measured beside: the same RTP through simpler relays, without jitter buffer and recording."""

import asyncio
import socket
import time
from functools import partial
from typing import Protocol

from rtpsynth.RtpServer import RtpServer


class Relay(Protocol):
    """Joins legs in pairs, each leg bound to a port of its own."""

    name: str

    async def open(self, targets: list[int]) -> list[int]:
        """The ports of the legs; leg i sends to targets[i] what leg i^1 receives."""

    async def close(self) -> None: ...

    def processor_s(self) -> float:
        """Processor time that it has used so far."""


class _Channel(Protocol):
    """As much of rtpsynth's RtpChannel as is used here."""

    local_addr: tuple[str, int]

    def set_target(self, host: str, port: int) -> None: ...

    def send_pkt(self, data: bytes) -> None: ...


class RtpsynthRelay:
    """rtpsynth's C thread pumps the sockets; each packet passes a Python callback."""

    name = "rtpsynth relay"

    def __init__(self) -> None:
        self._server = RtpServer()
        self._channels: list[_Channel] = []

    async def open(self, targets: list[int]) -> list[int]:
        channels = self._channels
        for number, target in enumerate(targets):

            def relay(packet: bytes, _source: tuple[str, int], _at_ns: int, other: int = number ^ 1) -> None:
                channels[other].send_pkt(packet)

            channel: _Channel = self._server.create_channel(pkt_in=relay, bind_host="127.0.0.1", bind_port=0)
            channel.set_target("127.0.0.1", target)
            channels.append(channel)
        return [channel.local_addr[1] for channel in channels]

    async def close(self) -> None:
        self._server.shutdown()

    def processor_s(self) -> float:
        return time.process_time()


class AsyncioRelay:
    """One asyncio datagram endpoint a leg; each packet goes on at once."""

    name = "asyncio datagram relay"

    def __init__(self) -> None:
        self._transports: list[asyncio.DatagramTransport] = []

    async def open(self, targets: list[int]) -> list[int]:
        loop = asyncio.get_running_loop()
        transports = self._transports
        for number in range(len(targets)):
            rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            rtp.bind(("127.0.0.1", 0))
            transport, _ = await loop.create_datagram_endpoint(
                partial(_Onward, transports, number ^ 1, targets), sock=rtp
            )
            transports.append(transport)
        return [transport.get_extra_info("sockname")[1] for transport in transports]

    async def close(self) -> None:
        for transport in self._transports:
            transport.close()

    def processor_s(self) -> float:
        return time.process_time()


class _Onward(asyncio.DatagramProtocol):
    def __init__(self, transports: list[asyncio.DatagramTransport], other: int, targets: list[int]) -> None:
        self._transports = transports
        self._other = other
        self._target = ("127.0.0.1", targets[other])

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        self._transports[self._other].sendto(data, self._target)
