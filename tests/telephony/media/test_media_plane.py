"""The media plane with real sockets on loopback: bridges, prompts, strangers, hold, and what is left behind."""

import asyncio
import os
import random
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest
import structlog

from domain.call import DigitSource
from domain.errors import SipError
from domain.g711 import ALAW_SILENCE, ALAW_TO_ULAW, alaw_decode, alaw_encode
from telephony.media import media_plane
from telephony.media.media_leg import RtpLeg
from telephony.media.media_plane import RtpMediaPlane
from telephony.media.rtp import RtpPacket, build_rtp, parse_rtp
from telephony.ports import Codec, MediaDescription, MediaLeg, MediaPlane
from telephony.settings import TelephonySettings

DEADLINE_S = 30.0


@dataclass
class Heard:
    """Owner of a leg; remembers what it was told."""

    digits: list[str] = field(default_factory=list)
    played: list[int] = field(default_factory=list)
    chunks: list[tuple[int, bytes]] = field(default_factory=list)
    silent: list[float] = field(default_factory=list)

    def on_digit(self, digit: str, source: DigitSource) -> None:
        assert source is DigitSource.RFC4733
        self.digits.append(digit)

    def on_played(self, token: int) -> None:
        self.played.append(token)

    def on_chunk(self, media_ms: int, alaw: bytes) -> None:
        self.chunks.append((media_ms, alaw))

    def on_silent(self, seconds: float) -> None:
        self.silent.append(seconds)

    def on_back(self) -> None:
        self.silent.append(0.0)


class FarEnd:
    """A phone: a UDP socket that speaks RTP."""

    def __init__(self, leg: MediaLeg, codec: Codec = Codec.PCMA) -> None:
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind(("127.0.0.1", 0))
        self.rtp.setblocking(False)
        self.leg = leg
        self.codec = codec
        self.sequence = 0
        self.received: list[RtpPacket] = []

    def description(self, *, receives: bool = True) -> MediaDescription:
        port = self.rtp.getsockname()[1]
        payload = 8 if self.codec is Codec.PCMA else 0
        return MediaDescription(address="127.0.0.1", port=port, codec=self.codec, payload=payload, receives=receives)

    def send(self, payload: bytes, payload_type: int | None = None) -> None:
        kind = self.description().payload if payload_type is None else payload_type
        packet = build_rtp(kind, self.sequence, self.sequence * 160, 7, payload)
        self.rtp.sendto(packet, ("127.0.0.1", self.leg.port))
        self.sequence += 1

    def drain(self) -> list[RtpPacket]:
        while True:
            try:
                packet = parse_rtp(self.rtp.recv(2048))
            except BlockingIOError:
                return self.received
            assert isinstance(packet, RtpPacket)
            self.received.append(packet)


async def until(holds: Callable[[], bool], each_tick: Callable[[], None] | None = None) -> None:
    """Wait for a condition, every 20 ms, and fail after the deadline."""
    async with asyncio.timeout(DEADLINE_S):
        while not holds():
            if each_tick is not None:
                each_tick()
            await asyncio.sleep(0.02)


@pytest.fixture
async def plane() -> AsyncIterator[RtpMediaPlane]:
    plane = RtpMediaPlane(TelephonySettings(rtp_port_first=0, rtp_silent_after_s=0.2))
    await plane.start()
    yield plane
    await plane.stop()


def frame(number: int) -> bytes:
    return bytes([number % 200 + 1]) * 160


def bridge(plane: MediaPlane, one: MediaLeg, other: MediaLeg) -> None:
    """Each hears the other and nobody else."""
    plane.hear(one, (other,))
    plane.hear(other, (one,))


def chance_frame(number: int) -> bytes:
    """Chance bytes: what is played for a late frame (the one before, fainter) must not look like another frame."""
    return random.Random(number).randbytes(160)


async def test_a_bridge_carries_bytes_unchanged_and_in_order(plane: RtpMediaPlane) -> None:
    caller, agent = FarEnd(one := plane.open_leg(Heard())), FarEnd(two := plane.open_leg(Heard()))
    one.connect(caller.description())
    two.connect(agent.description())
    bridge(plane, one, two)

    def speak() -> None:
        caller.send(chance_frame(caller.sequence))
        agent.send(chance_frame(agent.sequence + 100))

    await until(lambda: caller.sequence >= 50, speak)
    for far, other_starts in ((agent, 0), (caller, 100)):
        sent = [chance_frame(number + other_starts) for number in range(50)]
        await until(lambda far=far, sent=sent: sent[-1] in [packet.payload for packet in far.drain()])
        spoken = [packet.payload for packet in far.received if packet.payload in set(sent)]
        in_order = [payload for place, payload in enumerate(spoken) if place == 0 or payload != spoken[place - 1]]
        assert [sent.index(payload) for payload in in_order] == sorted(sent.index(payload) for payload in in_order)
        assert len(in_order) >= 48
        sequences = [packet.sequence for packet in far.received]
        assert all((late - early) % 65536 == 1 for early, late in pairwise(sequences))


async def test_a_leader_listens_in_and_comes_off_when_a_side_hangs_up(plane: RtpMediaPlane) -> None:
    phones = [FarEnd(plane.open_leg(Heard())) for _ in range(3)]
    for phone in phones:
        phone.leg.connect(phone.description())
    caller, agent, leader = phones
    low, high = (alaw_encode(np.full(160, level, dtype=np.int16)) for level in (1000, 2000))
    bridge(plane, caller.leg, agent.leg)
    plane.hear(leader.leg, (caller.leg, agent.leg))

    def speak() -> None:
        caller.send(low)
        agent.send(high)

    def last_heard(phone: FarEnd) -> int:
        return int(alaw_decode(phone.received[-1].payload)[0]) if phone.drain() else 0

    await until(lambda: 2900 < last_heard(leader) < 3100, speak)
    await until(lambda: 900 < last_heard(agent) < 1100, speak)
    agent.leg.close()
    plane.hear(leader.leg, (caller.leg, agent.leg))
    await until(lambda: 900 < last_heard(leader) < 1100, speak)
    plane.hear(leader.leg, ())
    await until(lambda: last_heard(leader) == int(alaw_decode(bytes([ALAW_SILENCE]))[0]), speak)


async def test_a_prompt_is_sent_once_and_reported_and_time_goes_on(plane: RtpMediaPlane) -> None:
    owner = Heard()
    leg = plane.open_leg(owner)
    phone = FarEnd(leg, Codec.PCMU)
    leg.connect(phone.description())
    prompt = b"".join(frame(number) for number in range(10))
    leg.play(prompt, token=5)
    await until(lambda: owner.played == [5])
    await until(lambda: len(phone.drain()) >= 15)
    told = b"".join(packet.payload for packet in phone.received)
    assert prompt.translate(ALAW_TO_ULAW) in told
    stamps = [packet.timestamp for packet in phone.received]
    assert all((late - early) % 2**32 == 160 for early, late in pairwise(stamps))
    assert sum(packet.marker for packet in phone.received) == 1
    assert {packet.payload_type for packet in phone.received} == {0}


async def test_listening_has_no_gap_even_when_the_caller_never_sends(plane: RtpMediaPlane) -> None:
    owner = Heard()
    leg = plane.open_leg(owner)
    phone = FarEnd(leg)
    leg.connect(phone.description())
    leg.listen(1200)
    await until(lambda: len(owner.chunks) >= 4)
    assert [media_ms for media_ms, _ in owner.chunks[:4]] == [1200, 1300, 1400, 1500]
    assert all(alaw == bytes([ALAW_SILENCE]) * 800 for _, alaw in owner.chunks)
    assert len(owner.silent) == 1


async def test_keys_held_music_and_hold(plane: RtpMediaPlane) -> None:
    owner = Heard()
    leg = plane.open_leg(owner)
    phone = FarEnd(leg)
    leg.connect(phone.description())
    for ended, duration in ((0, 160), (0, 320), (0x80, 480), (0x80, 480), (0x80, 480)):
        phone.rtp.sendto(
            build_rtp(101, phone.sequence, 9000, 7, bytes([5, ended | 10]) + duration.to_bytes(2, "big")),
            ("127.0.0.1", leg.port),
        )
        phone.sequence += 1
    await until(lambda: owner.digits == ["5"])
    leg.send_digit("#")
    await until(lambda: len([packet for packet in phone.drain() if packet.payload_type == 101]) >= 10)
    assert {packet.payload[0] for packet in phone.received if packet.payload_type == 101} == {11}
    leg.connect(phone.description(receives=False))
    leg.play(frame(1), token=1)
    await until(lambda: owner.played == [1])
    phone.drain()
    count = len(phone.received)
    leg.play(frame(1) * 5, token=2)
    await until(lambda: owner.played == [1, 2])
    assert len(phone.drain()) == count


async def test_a_stranger_is_not_heard(plane: RtpMediaPlane) -> None:
    owner = Heard()
    leg = plane.open_leg(owner)
    phone, stranger = FarEnd(leg), FarEnd(leg)
    leg.connect(phone.description())
    leg.listen(0)
    phone.send(frame(0))

    def both() -> None:
        phone.send(frame(0))
        stranger.send(frame(50))
        stranger.rtp.sendto(b"\x00garbage", ("127.0.0.1", leg.port))

    await until(lambda: len(owner.chunks) >= 5, both)
    heard = b"".join(alaw for _, alaw in owner.chunks)
    assert frame(0)[:1] in heard
    assert frame(50)[:1] not in heard
    assert stranger.drain() == []


async def test_a_flood_from_strangers_does_not_drown_the_call(plane: RtpMediaPlane) -> None:
    owner = Heard()
    leg = plane.open_leg(owner)
    phone, stranger = FarEnd(leg), FarEnd(leg)
    leg.connect(phone.description())
    leg.listen(0)

    def flood() -> None:
        phone.send(frame(0))
        for _ in range(60):
            stranger.send(frame(50))

    await until(lambda: sum(alaw.count(frame(0)[:1]) for _, alaw in owner.chunks) >= 4000, flood)
    assert not any(frame(50)[:1] in alaw for _, alaw in owner.chunks)


async def test_a_failing_owner_does_not_silence_the_others(plane: RtpMediaPlane) -> None:
    class Broken(Heard):
        def on_chunk(self, media_ms: int, alaw: bytes) -> None:
            raise ValueError("defect in a call")

    owner = Heard()
    legs = [plane.open_leg(events) for events in (Broken(), owner)]
    for leg in legs:
        leg.listen(0)
    await until(lambda: len(owner.chunks) >= 3)
    legs[0].close()


async def test_ten_thousand_legs_leave_no_port_and_no_thread(plane: RtpMediaPlane) -> None:
    threads, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for _ in range(100):
        legs = [plane.open_leg(Heard()) for _ in range(100)]
        bridge(plane, legs[0], legs[1])
        for leg in legs:
            leg.close()
            leg.close()
        await asyncio.sleep(0)
        await until(lambda: len(os.listdir("/proc/self/fd")) <= files + 100)
    await until(lambda: len(os.listdir("/proc/self/fd")) <= files)
    assert threading.active_count() <= threads


async def test_a_range_that_is_used_up_is_a_clear_refusal() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        taken = probe.getsockname()[1]
        plane = RtpMediaPlane(TelephonySettings(rtp_port_first=taken, rtp_port_last=taken))
        with pytest.raises(SipError, match="503"):
            plane.open_leg(Heard())


async def test_a_closed_leg_hands_over_its_last_sound_and_then_nothing(plane: RtpMediaPlane) -> None:
    owner, other = Heard(), Heard()
    leg, witness = plane.open_leg(owner), plane.open_leg(other)
    phone = FarEnd(leg)
    leg.connect(phone.description())
    leg.listen(0)
    witness.listen(0)
    await until(lambda: len(owner.chunks) >= 2, lambda: phone.send(frame(3)))
    leg.play(frame(1), token=1)
    leg.close()
    seen = len(other.chunks)
    await until(lambda: len(other.chunks) >= seen + 3)
    told_ms = [media_ms for media_ms, _ in owner.chunks]
    assert told_ms == list(range(0, 100 * len(told_ms), 100))
    assert all(len(alaw) == 800 for _, alaw in owner.chunks[:-1])
    assert len(owner.chunks) <= 4
    assert owner.played == []


async def test_closing_frees_the_port_for_the_next_call() -> None:
    plane = RtpMediaPlane(TelephonySettings(rtp_port_first=0))
    await plane.start()
    leg = plane.open_leg(Heard())
    leg.close()
    await plane.stop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as next_call:
        next_call.bind(("127.0.0.1", leg.port))


async def test_a_host_name_in_the_sdp_is_refused(plane: RtpMediaPlane) -> None:
    leg = plane.open_leg(Heard())
    with pytest.raises(SipError, match="488"):
        leg.connect(MediaDescription(address="phone.example", port=4000, codec=Codec.PCMA, payload=8))


@pytest.mark.parametrize(("early_ms", "delay_ms"), [(15, 0), (0, 20)])
def test_a_stream_that_comes_early_before_its_ticks_waits_no_longer_than_that(early_ms: int, delay_ms: int) -> None:
    """The plane's own ticks, called one after another as if each were due so long after a packet came."""
    plane = RtpMediaPlane(TelephonySettings(rtp_port_first=0))
    leg = plane.open_leg(Heard())
    assert isinstance(leg, RtpLeg)
    phone = FarEnd(leg)
    leg.connect(phone.description())
    for number in range(400):
        phone.send(bytes([ALAW_SILENCE]) * 160)
        plane._due_ns = time.time_ns() + early_ms * 1_000_000
        plane._tick(20 * number)
        if number > 30 and leg.session.sound.jitter.delay_ms == 0:
            break
    assert leg.session.sound.jitter.delay_ms == delay_ms
    phone.rtp.close()
    asyncio.run(plane.stop())


async def test_what_many_legs_tell_is_told_in_order_and_leaves_others_their_turn(plane: RtpMediaPlane) -> None:
    """A citizen who calls while 40 legs say something is not behind all of them."""
    told: list[tuple[int, int] | str] = []
    enough, loop = asyncio.Event(), asyncio.get_running_loop()

    class Owner(Heard):
        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

        def on_chunk(self, media_ms: int, alaw: bytes) -> None:
            if media_ms == 0 and not told:
                loop.call_soon(told.append, "another")
            told.append((self.number, media_ms))
            if len(told) > 40 * 3:
                enough.set()

    legs = [plane.open_leg(Owner(number)) for number in range(40)]
    for leg in legs:
        leg.listen(0)
    await asyncio.wait_for(enough.wait(), DEADLINE_S)
    for leg in legs:
        leg.close()
    assert told.index("another") < 30
    for number in range(40):
        times = [entry[1] for entry in told if entry != "another" and entry[0] == number]
        assert times == sorted(times)


async def test_a_tick_that_does_not_end_is_told_and_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_plane, "END_WITHIN_S", 0.1)
    plane = RtpMediaPlane(TelephonySettings(rtp_port_first=0))
    held, go_on = threading.Event(), threading.Event()

    def hold(_now_ms: int) -> None:
        held.set()
        go_on.wait(DEADLINE_S)

    await plane.start()
    plane._commands.append(hold)
    assert await asyncio.to_thread(held.wait, DEADLINE_S)
    with structlog.testing.capture_logs() as said:
        async with asyncio.timeout(DEADLINE_S / 2):
            await plane.stop()
    go_on.set()
    assert "the media tick did not end" in [line["event"] for line in said]
