"""Rubbish on the RTP ports of calls that are up, from strangers and from the telephones themselves: the calls go on."""

import random
import socket
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from telephony.media.media_plane import RtpMediaPlane
from telephony.media.rtp import build_rtp
from telephony.settings import TelephonySettings
from tests.telephony.media.test_media_plane import FarEnd, Heard, bridge, chance_frame, until

SEED = 3550
ROUNDS = 100
PER_ROUND = 40
KINDS = (0, 8, 9, 13, 13, 101, 101, 72, 96, 127)


def rubbish(rng: random.Random, sequence: int) -> bytes:
    """A datagram that is nearly RTP, in one of the ways in which it can be wrong."""
    payload = rng.randbytes(rng.choice((0, 1, 3, 4, 80, 159, 160, 161, 240, 480, 1400)))
    near = build_rtp(
        rng.choice(KINDS),
        sequence + rng.choice((0, 1, -1, 40, 30_000, rng.randrange(65_536))),
        sequence * 160 + rng.choice((0, 7, 160, -160, 8_000, 1 << 31, rng.randrange(1 << 32))),
        rng.choice((7, 7, 7, 8, rng.randrange(1 << 32))),
        payload,
        marker=rng.random() < 0.2,
    )
    match rng.randrange(4):
        case 0:
            return near
        case 1:
            return bytes([rng.randrange(256)]) + near[1:]
        case 2:
            return near[: rng.randrange(len(near) + 1)]
        case _:
            return rng.randbytes(rng.randrange(200))


@pytest.mark.slow
async def test_calls_go_on_through_rubbish() -> None:
    rng = random.Random(SEED)
    plane = RtpMediaPlane(TelephonySettings(rtp_port_first=0))
    await plane.start()
    owners = [Heard() for _ in range(6)]
    phones = [FarEnd(plane.open_leg(owner)) for owner in owners]
    for phone in phones:
        phone.leg.connect(phone.description())
        phone.leg.listen(0)
    for caller, agent in zip(phones[::2], phones[1::2], strict=True):
        bridge(plane, caller.leg, agent.leg)
    plane.hear(phones[0].leg, (phones[1].leg, phones[2].leg))
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def speak() -> None:
        for phone in phones:
            phone.send(chance_frame(phone.sequence))

    def speak_amid_rubbish() -> None:
        speak()
        for _ in range(PER_ROUND):
            phone = rng.choice(phones[:4])
            sender = rng.choice((stranger, phone.rtp))
            sender.sendto(rubbish(rng, phone.sequence), ("127.0.0.1", phone.leg.port))

    with capture_logs() as logs:
        await until(lambda: phones[0].sequence >= ROUNDS, speak_amid_rubbish)
        marks = [len(phone.drain()) for phone in phones]
        spoken = {chance_frame(number) for number in range(ROUNDS, 4 * ROUNDS)}

        def all_heard() -> bool:
            return all(
                any(packet.payload in spoken for packet in phone.drain()[mark:])
                for phone, mark in zip(phones[1:], marks[1:], strict=True)
            )

        await until(all_heard, speak)
    await plane.stop()
    assert [line for line in logs if "failed" in line["event"]] == []
    for owner in owners:
        assert all(late - early == 100 for (early, _), (late, _) in pairwise(owner.chunks))
    for phone in phones:
        phone.rtp.close()
    stranger.close()
