"""One leg's RTP in virtual time: codecs, keys, silence, hold, and what others send."""

import sys
from itertools import pairwise
from types import FrameType

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.call import DigitSource
from domain.g711 import ALAW_SILENCE, ALAW_TO_ULAW, ULAW_TO_ALAW, alaw_decode, alaw_encode
from telephony.media.dtmf import DigitSender
from telephony.media.dtmf_tones import tone
from telephony.media.rtp import RtpPacket, build_rtp, parse_rtp
from telephony.media.rtp_session import ChunkHeard, DigitHeard, Refusal, RtpSession, SoundPlayed
from telephony.media.silence_watch import LegBack, LegSilent
from telephony.media.tone_watch import watch
from telephony.media.wideband import WidebandDecoder, WidebandEncoder
from telephony.ports import Codec, MediaDescription

PHONE = ("192.0.2.7", 4000)
SILENCE = bytes([ALAW_SILENCE]) * 160


def description(codec: Codec = Codec.PCMA, **changes: object) -> MediaDescription:
    payload = 8 if codec is Codec.PCMA else 0
    base = MediaDescription(address=PHONE[0], port=PHONE[1], codec=codec, payload=payload)
    return msgspec.structs.replace(base, **changes)


class Line:
    """A connected session, and the phone at its other end."""

    def __init__(self, remote: MediaDescription | None = None, *, silent_after_ms: int = 10_000) -> None:
        self.session = RtpSession(
            ssrc=99, first_sequence=65_530, first_timestamp=2**32 - 500, silent_after_ms=silent_after_ms
        )
        self.session.connect(remote or description(), 0)
        self.now_ms = 0
        self.sequence = 0

    def speak(
        self, payload: bytes, kind: int = 8, *, ssrc: int = 5, timestamp: int | None = None, waited_ms: int = 0
    ) -> None:
        stamp = self.sequence * 160 if timestamp is None else timestamp
        self.session.receive(build_rtp(kind, self.sequence, stamp, ssrc, payload), PHONE, self.now_ms, waited_ms)
        self.sequence += 1

    def tick(self, heard: bytes | None = None) -> RtpPacket | None:
        packets = self.tick_all(heard)
        assert len(packets) <= 1
        return packets[0] if packets else None

    def tick_all(self, heard: bytes | None = None, heard_wide: bytes | None = None) -> list[RtpPacket]:
        self.session.hear(self.now_ms)
        watch([self.session])
        datagrams = self.session.say(heard, heard_wide)
        self.now_ms += 20
        packets = [parse_rtp(datagram) for datagram in datagrams]
        assert all(isinstance(packet, RtpPacket) for packet in packets)
        return packets


def frame(number: int) -> bytes:
    return bytes([number + 1]) * 160


def test_a_sound_played_over_is_added_to_whom_the_leg_hears_and_ends() -> None:
    agent, citizen, whispered = Line(), tone("1", 20), tone("5", 40)
    agent.session.play_over(whispered)
    sent = [agent.tick(heard) for heard in (citizen, None, citizen, None)]
    payloads = [packet.payload for packet in sent if packet is not None]
    together = alaw_decode(citizen).astype(int) + alaw_decode(whispered[:160])
    assert payloads[0] == alaw_encode(together.astype(np.int16))
    assert payloads[1:] == [whispered[160:], citizen, SILENCE]
    agent.session.play_over(whispered)
    agent.session.play_over(b"")
    stopped = agent.tick(citizen)
    assert stopped is not None
    assert stopped.payload == citizen
    assert not agent.session.events


def test_the_bridge_translates_only_at_a_ulaw_edge() -> None:
    caller, agent = Line(), Line(description(Codec.PCMU))
    heard = []
    for number in range(10):
        caller.speak(frame(number))
        caller.session.hear(caller.now_ms)
        packet = agent.tick(caller.session.bridge_frame)
        assert packet is not None
        assert packet.payload_type == 0
        heard.append(packet.payload)
    assert heard[1:] == [frame(number).translate(ALAW_TO_ULAW) for number in range(9)]


def test_the_codec_may_switch_in_the_middle_of_a_call() -> None:
    line = Line()
    line.session.listen(0)
    for number in range(10):
        line.speak(frame(number), 8 if number < 5 else 0)
        line.tick()
    chunks = [event.alaw for event in line.session.events if isinstance(event, ChunkHeard)]
    sent = [frame(number) if number < 5 else frame(number).translate(ULAW_TO_ALAW) for number in range(9)]
    assert b"".join(chunks) == SILENCE + b"".join(sent)


def test_a_re_invite_may_change_what_we_send() -> None:
    line = Line()
    first = line.tick()
    line.session.connect(description(Codec.PCMU, port=4002), line.now_ms)
    second = line.tick()
    assert first is not None
    assert second is not None
    assert (first.payload_type, second.payload_type) == (8, 0)
    assert second.payload == SILENCE.translate(ALAW_TO_ULAW)
    assert line.session.latch.destination == (PHONE[0], 4002)


def test_timestamp_and_sequence_go_on_through_prompt_bridge_key_and_hold() -> None:
    line = Line()
    packets = []
    for tick in range(60):
        if tick == 10:
            line.session.play(frame(1) * 5, token=1, loop=False)
        if tick == 20:
            line.session.send_digit("7")
        if tick == 40:
            line.session.connect(description(receives=False), line.now_ms)
        if tick == 50:
            line.session.connect(description(), line.now_ms)
        packets.append(line.tick())
    sent = [packet for packet in packets if packet is not None]
    assert packets[40:50] == [None] * 10
    assert all((late.sequence - early.sequence) % 65536 == 1 for early, late in pairwise(sent))
    stamps = [packet and packet.timestamp for packet in packets]
    assert stamps[59] == (2**32 - 500 + 59 * 160) % 2**32
    assert [tick for tick, packet in enumerate(packets) if packet is not None and packet.marker] == [10, 20]
    assert {packet.timestamp for packet in sent if packet.payload_type == 101} == {stamps[20]}
    assert SoundPlayed(1) in line.session.events


def test_silence_is_told_once_each_time() -> None:
    line = Line(silent_after_ms=1000)
    for _ in range(200):
        line.tick()
    assert line.session.events == [LegSilent(1.0)]
    line.speak(frame(1))
    for _ in range(200):
        line.tick()
    assert line.session.events == [LegSilent(1.0), LegBack(), LegSilent(1.0)]


def test_a_muted_telephone_that_sends_silence_after_a_gap_is_back() -> None:
    line = Line(silent_after_ms=1000)
    for _ in range(60):
        line.tick()
    for _ in range(100):
        line.speak(SILENCE)
        line.tick()
    assert line.session.events == [LegSilent(1.0), LegBack()]


def test_a_far_end_that_was_silent_and_is_on_hold_owes_no_sound() -> None:
    line = Line(silent_after_ms=1000)
    for _ in range(60):
        line.tick()
    line.session.connect(description(sends=False), line.now_ms)
    for _ in range(200):
        line.tick()
    assert line.session.events == [LegSilent(1.0), LegBack()]


def test_signalling_alone_is_no_sound() -> None:
    line = Line(silent_after_ms=1000)
    for _ in range(5):
        for _ in range(60):
            line.tick()
        line.session.connect(description(), line.now_ms)
    assert line.session.events == [LegSilent(1.0)]
    line.speak(SILENCE)
    line.tick()
    assert line.session.events == [LegSilent(1.0), LegBack()]


def test_a_far_end_that_said_it_will_not_send_is_not_reported_as_silent() -> None:
    line = Line(description(sends=False), silent_after_ms=1000)
    for _ in range(200):
        line.tick()
    assert line.session.events == []


def test_a_new_source_identifier_begins_anew() -> None:
    line = Line()
    line.session.listen(0)
    for number in range(20):
        line.speak(frame(number), ssrc=5 if number < 10 else 6, timestamp=number * 160 + (0 if number < 10 else 10**9))
        line.tick()
    heard = b"".join(event.alaw for event in line.session.events if isinstance(event, ChunkHeard))
    assert heard == SILENCE + b"".join(map(frame, range(9))) + SILENCE + b"".join(map(frame, range(10, 19)))


def test_keys_come_once_and_what_is_not_sound_is_counted() -> None:
    line = Line()
    for _ in range(3):
        line.speak(bytes([11, 0x8A, 3, 0x20]), 101, timestamp=77)
    line.speak(b"\x40", 14)
    line.session.receive(b"\x80\xc8" + bytes(26), PHONE, 0)
    line.session.receive(b"SIP/2.0 200 OK", PHONE, 0)
    line.session.receive(build_rtp(8, 1, 1, 1, frame(1)), ("203.0.113.9", 9), 0)
    assert line.session.events == [DigitHeard("#")]
    assert line.session.counts.refused == {
        Refusal.UNKNOWN_PAYLOAD: 1,
        Refusal.RTCP: 1,
        Refusal.NOT_RTP: 1,
        Refusal.STRANGER: 1,
    }


def test_a_far_end_without_telephone_events_gets_keys_as_tones() -> None:
    line, far = Line(description(digits_payload=None)), Line()
    assert not line.session.send_digit("x")
    assert all(line.session.send_digit(digit) for digit in "15#")
    for _ in range(50):
        packet = line.tick(frame(1))
        assert packet is not None
        assert packet.payload_type == 8
        far.speak(packet.payload)
        far.tick()
    assert far.session.events == [DigitHeard(digit, DigitSource.INBAND) for digit in "15#"]


def test_tones_beside_telephone_events_are_no_keys_of_their_own() -> None:
    line = Line()
    sender, sound = DigitSender(), b"".join(tone("7", 160) + SILENCE * 6 for _ in range(3))
    for number in range(len(sound) // 160):
        if number % 14 == 0:
            sender.add("7")
        line.speak(sound[number * 160 :][:160])
        event = sender.next_packet()
        if event is not None:
            line.speak(event.payload, 101, timestamp=number * 160 - event.offset)
        line.tick()
    assert line.session.events == [DigitHeard("7")] * 3


@pytest.mark.parametrize("ptime_ms", [10, 20, 30, 40, 50, 60])
def test_packets_are_as_long_as_the_far_end_wishes(ptime_ms: int) -> None:
    line = Line(description(ptime_ms=ptime_ms))
    packets = [packet for number in range(30) for packet in line.tick_all(frame(number))]
    assert {len(packet.payload) for packet in packets} == {8 * ptime_ms}
    assert b"".join(packet.payload for packet in packets) == b"".join(map(frame, range(30)))
    stamps = [packet.timestamp for packet in packets]
    assert stamps[0] == 2**32 - 500
    assert all((late - early) % 2**32 == 8 * ptime_ms for early, late in pairwise(stamps))
    assert [packet.marker for packet in packets] == [True] + [False] * (len(packets) - 1)


def test_a_re_invite_may_change_the_length_of_packets() -> None:
    line = Line(description(ptime_ms=30))
    line.tick_all(frame(1))
    line.session.connect(description(ptime_ms=20), line.now_ms)
    assert [packet.payload for packet in line.tick_all(frame(2)) + line.tick_all(frame(3))] == [frame(2), frame(3)]


@pytest.mark.parametrize("ptime_ms", [10, 30, 60])
def test_packets_of_any_length_are_heard_without_a_gap(ptime_ms: int) -> None:
    line = Line()
    line.session.listen(0)
    spoken = b"".join(map(frame, range(60)))
    at = 0
    for tick in range(60):
        while at < (tick + 1) * 160 and at < len(spoken):
            line.speak(spoken[at : at + 8 * ptime_ms], timestamp=at)
            at += 8 * ptime_ms
        line.tick()
    heard = b"".join(event.alaw for event in line.session.events if isinstance(event, ChunkHeard))
    assert heard.removeprefix(SILENCE) == spoken[: len(heard.removeprefix(SILENCE))]


def test_a_key_takes_the_place_of_sound_that_waits_for_its_packet() -> None:
    line = Line(description(ptime_ms=60))
    line.tick_all(frame(1))
    line.session.send_digit("1")
    packets = [packet for _ in range(40) for packet in line.tick_all(frame(2))]
    assert [packet.payload_type for packet in packets[:10]] == [101] * 10
    assert {packet.payload for packet in packets[10:]} == {frame(2) * 3}
    stamps = {packet.timestamp for packet in packets if packet.payload_type == 8}
    assert all((stamp - (2**32 - 500)) % 2**32 % 160 == 0 for stamp in stamps)


def test_comfort_noise_is_heard_by_others_and_never_recorded() -> None:
    line = Line()
    line.session.listen(0)
    for _ in range(10):
        line.speak(frame(60))
        line.tick()
    line.speak(bytes([50]), 13)
    bridged = []
    for _ in range(30):
        line.tick()
        bridged.append(line.session.bridge_frame)
    assert None not in bridged
    levels = [float(np.abs(alaw_decode(noise).astype(float)).mean()) for noise in bridged[5:]]
    assert all(20 < level < 200 for level in levels)
    line.speak(frame(60), timestamp=40 * 160)
    line.tick()
    line.tick()
    assert line.session.bridge_frame == frame(60)
    heard = b"".join(event.alaw for event in line.session.events if isinstance(event, ChunkHeard))
    assert heard[11 * 160 : 40 * 160] == SILENCE * 29
    assert line.session.sound.jitter.counts.lost == 0


def test_g722_is_relayed_untouched_and_decoded_for_everybody_else() -> None:
    wide = description(Codec.G722, payload=9)
    one, two = Line(wide), Line(wide)
    one.session.listen(0)
    encoder = WidebandEncoder()
    sine = alaw_encode((6000 * np.sin(np.arange(160 * 40) * 2 * np.pi * 400 / 8000)).astype(np.int16))
    spoken = [encoder.payload(sine[at : at + 160]) for at in range(0, len(sine), 160)]
    relayed = []
    for payload in spoken:
        one.speak(payload, 9)
        one.tick_all()
        relayed += [packet.payload for packet in two.tick_all(one.session.bridge_frame, one.session.wide_frame)]
    assert relayed[1:] == spoken[:-1]
    heard = b"".join(event.alaw for event in one.session.events if isinstance(event, ChunkHeard))
    spectrum = np.abs(np.fft.rfft(alaw_decode(heard[-4000:]).astype(float)))
    assert spectrum.argmax() * 8000 / 4000 == pytest.approx(400, abs=5)


def test_a_leg_in_g722_gets_prompts_and_g711_voices_translated() -> None:
    line = Line(description(Codec.G722, payload=9))
    decoder = WidebandDecoder()
    sine = alaw_encode((6000 * np.sin(np.arange(160 * 40) * 2 * np.pi * 400 / 8000)).astype(np.int16))
    told = b""
    for at in range(0, len(sine), 160):
        [packet] = line.tick_all(sine[at : at + 160])
        assert packet.payload_type == 9
        assert len(packet.payload) == 160
        told += decoder.alaw(packet.payload)
    spectrum = np.abs(np.fft.rfft(alaw_decode(told[-4000:]).astype(float)))
    assert spectrum.argmax() * 8000 / 4000 == pytest.approx(400, abs=5)


@pytest.mark.parametrize("held", [{"port": 0}, {"address": "0.0.0.0"}, {"receives": False}])
def test_every_way_to_say_hold_is_understood(held: dict[str, object]) -> None:
    assert Line(description(**held)).tick() is None


def test_ticks_that_were_given_up_are_silence_on_the_media_clock() -> None:
    line = Line()
    line.session.listen(500)
    before = line.tick()
    line.session.skip(9)
    after = line.tick()
    assert before is not None
    assert after is not None
    assert (after.timestamp - before.timestamp) % 2**32 == 1600
    assert line.session.events == [ChunkHeard(500, SILENCE * 5), ChunkHeard(600, SILENCE * 5)]


@given(st.integers(0, 12), st.integers(0, 60), st.integers(0, 12))
def test_they_are_as_ticks_in_which_nothing_came(before: int, given_up: int, after: int) -> None:
    stalled, ticking = Line(), Line()
    for line in (stalled, ticking):
        line.session.listen(500)
        for number in range(before):
            line.speak(frame(number))
            line.session.hear(line.now_ms)
    stalled.session.skip(given_up)
    for _ in range(given_up):
        ticking.session._gather(SILENCE)
    for line in (stalled, ticking):
        for _ in range(after):
            line.session.hear(line.now_ms)
    assert stalled.session.finish() == ticking.session.finish()


def test_an_hour_that_was_given_up_costs_no_step_for_each_tick() -> None:
    line, calls = Line(), 0

    def count(called: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call" and called.f_globals["__name__"].startswith("telephony.")

    line.session.listen(0)
    line.tick()
    sys.setprofile(count)
    try:
        line.session.skip(180_000)
    finally:
        sys.setprofile(None)
    assert calls < 10
    assert [chunk.media_ms for chunk in line.session.events] == list(range(0, 3_600_000, 100))


def test_the_last_words_of_a_closed_leg_are_not_lost() -> None:
    line = Line()
    line.session.listen(0)
    for number in range(7):
        line.speak(frame(number))
        line.tick()
    line.speak(frame(7))
    chunks = line.session.finish()
    assert [(chunk.media_ms, len(chunk.alaw)) for chunk in chunks] == [(0, 800), (100, 640)]
    assert b"".join(chunk.alaw for chunk in chunks) == SILENCE + b"".join(map(frame, range(8)))
    line.session.hear(0)
    assert line.session.finish() == []


def test_a_lost_frame_is_bridged_over_but_not_recorded() -> None:
    line = Line()
    line.session.listen(0)
    bridged = []
    for number in range(10):
        if number == 5:
            line.sequence += 1
        else:
            line.speak(b"\x2a" * 160)
        line.tick()
        bridged.append(line.session.bridge_frame)
    assert bridged[6] not in (None, SILENCE, b"\x2a" * 160)
    heard = b"".join(event.alaw for event in line.session.events if isinstance(event, ChunkHeard))
    assert heard[6 * 160 : 7 * 160] == SILENCE


@given(st.lists(st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda tail: b"\x80\x08" + tail))))
def test_no_datagram_stops_the_tick(datagrams: list[bytes]) -> None:
    line = Line()
    line.session.listen(0)
    for datagram in datagrams:
        line.session.receive(datagram, PHONE, line.now_ms)
        packet = line.tick()
        assert packet is not None
        assert len(packet.payload) == 160


@pytest.mark.parametrize(("codec", "kind"), [(Codec.PCMA, 8), (Codec.PCMU, 0)])
def test_a_packet_that_always_comes_in_good_time_is_heard_in_the_same_tick(codec: Codec, kind: int) -> None:
    line = Line(description(codec))
    sent = SILENCE if codec is Codec.PCMA else SILENCE.translate(ALAW_TO_ULAW)
    for _ in range(40):
        line.speak(sent, kind, waited_ms=15)
        line.tick()
    talk = frame(60)
    line.speak(talk, kind, waited_ms=15)
    line.tick()
    assert line.session.bridge_frame == (talk if codec is Codec.PCMA else talk.translate(ULAW_TO_ALAW))


@given(st.lists(st.tuples(st.sampled_from([0, 8, 101]), st.integers(-1, 3), st.booleans()), max_size=20))
def test_the_short_way_of_plain_packets_ends_where_the_long_way_does(packets: list[tuple[int, int, bool]]) -> None:
    """packets: payload type, sequence numbers ahead, whether a tick follows. An empty header extension says nothing."""
    plain, extended = Line(), Line()
    sequence = 0
    for kind, ahead, ticks in packets:
        sequence += ahead
        datagram = build_rtp(kind, sequence, sequence * 160, 5, frame(sequence % 200))
        longer = bytes([datagram[0] | 0x10]) + datagram[1:12] + bytes(4) + datagram[12:]
        for line, sent in ((plain, datagram), (extended, longer)):
            line.session.receive(sent, PHONE, line.now_ms)
        if ticks:
            assert plain.tick() == extended.tick()
            assert plain.session.bridge_frame == extended.session.bridge_frame
    one, other = plain.session, extended.session
    assert (one.counts, one.events) == (other.counts, other.events)
    assert one.sound.jitter.counts == other.sound.jitter.counts
