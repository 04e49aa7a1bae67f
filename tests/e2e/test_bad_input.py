"""What strangers and broken equipment send while a call is up: the call goes on, and the next one is answered."""

import random
import socket
from contextlib import closing

import pytest

from hotline.demo_script import SpokenTurn
from tests.e2e.floor import Floor, happens, hear_each_other

DATAGRAMS = 5000
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP {payload}\r\n{rtpmap}"
)


def invite(port: int, own_port: int, body: str, *, name: str) -> bytes:
    return (
        f"INVITE sip:12345@127.0.0.1:{port} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{own_port};branch=z9hG4bK{name};rport\r\nMax-Forwards: 70\r\n"
        f"From: <sip:stranger@127.0.0.1:{own_port}>;tag={name}\r\nTo: <sip:12345@127.0.0.1:{port}>\r\n"
        f"Call-ID: {name}@127.0.0.1\r\nCSeq: 1 INVITE\r\nContact: <sip:stranger@127.0.0.1:{own_port}>\r\n"
        f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def ask(port: int, message: bytes) -> int:
    """Send it and return the first final status."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.settimeout(10)
        own_port = str(stranger.getsockname()[1]).encode()
        stranger.sendto(message.replace(b"{own}", own_port), ("127.0.0.1", port))
        while True:
            status = int(stranger.recv(9000).split(b" ", 2)[1])
            if status >= 200:
                return status


async def test_a_call_outlives_rubbish(floor: Floor, turns: tuple[SpokenTurn, ...]) -> None:
    sound = turns[1].alaw[:16000]
    agent = await floor.agent("8001")
    citizen = await floor.call(key="0")
    phone = (await agent.rings()).answer()
    await agent.becomes("talking")
    port, chance = floor.service.sip_port, random.Random(1)
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as stranger:
        whole = invite(port, 9, SDP.format(payload=8, rtpmap=""), name="cut")
        for number in range(DATAGRAMS):
            stranger.sendto(chance.randbytes(chance.randrange(1, 900)), ("127.0.0.1", port))
            if number % 100 == 0:
                stranger.sendto(whole[: chance.randrange(20, len(whole))], ("127.0.0.1", port))
    await hear_each_other(citizen.line, phone, sound)
    again = await floor.call()
    again.line.hang_up()
    citizen.line.hang_up()
    await citizen.is_recorded()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (SDP.format(payload=96, rtpmap="a=rtpmap:96 opus/48000/2\r\n"), 488),
        ("v=0\r\nthis is no session description\r\n", 400),
    ],
    ids=["no common codec", "no SDP at all"],
)
async def test_an_offer_that_cannot_be_taken_is_refused(floor: Floor, body: str, status: int) -> None:
    message = invite(floor.service.sip_port, 5999, body, name=f"refused{status}").replace(b":5999", b":{own}")
    assert ask(floor.service.sip_port, message) == status
    await happens(floor.is_idle, "no call is up")
