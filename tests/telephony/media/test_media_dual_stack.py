"""One media plane for both families: an IPv4 caller talks to an agent on IPv6."""

import asyncio
import socket

import pytest

from domain.errors import SipError
from telephony.media.media_plane import RtpMediaPlane
from telephony.media.rtp import RtpPacket, build_rtp, parse_rtp
from telephony.ports import Codec, MediaDescription
from telephony.settings import TelephonySettings
from tests.telephony.media.test_media_plane import Heard, bridge

DEADLINE_S = 30.0


def far_end(host: str) -> socket.socket:
    rtp = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    rtp.bind((host, 0))
    rtp.setblocking(False)
    return rtp


def described(rtp: socket.socket) -> MediaDescription:
    host, port = rtp.getsockname()[:2]
    return MediaDescription(address=host, port=port, codec=Codec.PCMA, payload=8)


async def hears(rtp: socket.socket, payload: bytes) -> None:
    """Wait until a packet with this payload has come."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            try:
                packet = parse_rtp(rtp.recv(2048))
                if isinstance(packet, RtpPacket) and packet.payload == payload:
                    return
            except BlockingIOError:
                await asyncio.sleep(0.01)


async def test_an_ipv4_caller_and_an_ipv6_agent_hear_each_other() -> None:
    plane = RtpMediaPlane(TelephonySettings(rtp_address="::", rtp_port_first=0))
    await plane.start()
    caller, agent = far_end("127.0.0.1"), far_end("::1")
    legs = [plane.open_leg(Heard()) for _ in range(2)]
    for leg, rtp in zip(legs, (caller, agent), strict=True):
        leg.connect(described(rtp))
    bridge(plane, *legs)
    try:
        for leg, rtp, listener in ((legs[0], caller, agent), (legs[1], agent, caller)):
            target = ("::1" if rtp is agent else "127.0.0.1", leg.port)
            sound = bytes([66 if rtp is agent else 99]) * 160
            for number in range(8):
                rtp.sendto(build_rtp(8, number, number * 160, 7, sound), target)
            await hears(listener, sound)
    finally:
        await plane.stop()
        caller.close()
        agent.close()


async def test_an_ipv4_service_refuses_a_far_end_on_ipv6() -> None:
    plane = RtpMediaPlane(TelephonySettings(rtp_port_first=0))
    leg = plane.open_leg(Heard())
    with pytest.raises(SipError, match="488: media address '::1'"):
        leg.connect(MediaDescription(address="::1", port=4000, codec=Codec.PCMA, payload=8))
    leg.close()
    await plane.stop()
