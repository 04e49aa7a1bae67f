"""The jitter buffer under every kind of bad luck, in virtual time."""

import random
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telephony.media.jitter import JitterBuffer
from telephony.media.tick import MOST_MADE_UP

SPAN = 2**32
_ON_TIME = ((0, False, False),)


def frame(number: int) -> bytes:
    return bytes([number % 250 + 1]) * 160


def play_through(
    buffer: JitterBuffer, packets: dict[int, list[tuple[int, int, bytes]]], pulls: int
) -> list[bytes | None]:
    """packets: by tick, each (sequence, timestamp, payload)."""
    out = []
    for tick in range(pulls):
        for packet in packets.get(tick, []):
            buffer.push(*packet)
        out.append(buffer.pull())
    return out


def packet(number: int, *, first_timestamp: int = 0) -> tuple[int, int, bytes]:
    return number % 65536, (first_timestamp + number * 160) % SPAN, frame(number)


@settings(max_examples=300)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.tuples(st.integers(0, 65535), st.integers(0, SPAN - 1), st.binary(max_size=2000)),
            st.tuples(st.integers(0, 40), st.integers(0, 6400), st.binary(min_size=1, max_size=480)),
        ),
        max_size=400,
    )
)
def test_nothing_raises_memory_is_bounded_frames_are_whole(steps: list[tuple[int, int, bytes] | None]) -> None:
    buffer = JitterBuffer()
    for step in steps:
        if step is None:
            pulled = buffer.pull()
            assert pulled is None or len(pulled) == 160
        else:
            buffer.push(*step)
        assert len(buffer._packets) <= 128


@given(st.integers(0, SPAN - 1), st.integers(0, 65535))
def test_in_order_means_unchanged_across_every_wrap(first_timestamp: int, first_sequence: int) -> None:
    buffer = JitterBuffer()
    sent = [frame(number) for number in range(60)]
    packets = {
        number: [((first_sequence + number) % 65536, (first_timestamp + 160 * number) % SPAN, sent[number])]
        for number in range(60)
    }
    out = play_through(buffer, packets, 61)
    assert out == [None, *sent]


@pytest.mark.parametrize("ptime_ms", [10, 20, 30, 40, 60])
def test_every_packet_length_gives_the_same_sound(ptime_ms: int) -> None:
    buffer = JitterBuffer()
    rng = random.Random(1)
    sound = bytes(rng.randrange(1, 200) for _ in range(9600))
    size = ptime_ms * 8
    out = b""
    for tick in range(66):
        for number in range(len(sound) // size):
            if number * ptime_ms // 20 == tick:
                buffer.push(number, number * size, sound[number * size : (number + 1) * size])
        out += buffer.pull() or b""
    assert out == sound


def test_reordered_and_doubled_packets_come_out_in_order() -> None:
    buffer = JitterBuffer()
    packets = {n: [packet(n)] for n in range(40)}
    packets[10], packets[11] = [packet(11)], [packet(10), packet(10), packet(11)]
    out = [pulled for pulled in play_through(buffer, packets, 45) if pulled is not None]
    assert out == [frame(number) for number in range(40)]
    assert buffer.counts.duplicate == 2
    assert buffer.counts.lost == 0


def test_a_late_packet_is_waited_for_and_the_delay_grows() -> None:
    buffer = JitterBuffer()
    packets = {n: [packet(n)] for n in range(60)}
    for number in range(20, 60):
        packets[number] = []
    for number in range(20, 60):
        packets.setdefault(number + 2, []).append(packet(number))
    out = play_through(buffer, packets, 64)
    assert [pulled for pulled in out if pulled is not None] == [frame(number) for number in range(60)]
    assert out.count(None) <= 4


def test_loss_is_a_hole_of_its_own_length() -> None:
    buffer = JitterBuffer()
    packets = {n: [packet(n)] for n in range(30) if n not in (10, 11, 20)}
    out = play_through(buffer, packets, 31)
    assert out == [None, *(None if n in (10, 11, 20) else frame(n) for n in range(30))]
    assert buffer.counts.lost == 3


@pytest.mark.parametrize("jump", [2**31, 8_000_000, -500_000, 16001])
def test_a_jump_of_the_timestamp_costs_no_memory_and_little_sound(jump: int) -> None:
    buffer = JitterBuffer()
    packets = {n: [packet(n, first_timestamp=0 if n < 20 else jump % SPAN)] for n in range(60)}
    out = [pulled for pulled in play_through(buffer, packets, 62) if pulled is not None]
    assert out[-40:] == [frame(number) for number in range(20, 60)]
    assert buffer.counts.resyncs == 1


def test_one_stray_packet_moves_nothing() -> None:
    buffer = JitterBuffer()
    packets = {n: [packet(n)] for n in range(40)}
    packets[20].append((30_000, 3_000_000_000, b"\x01" * 160))
    out = play_through(buffer, packets, 41)
    assert out == [None, *(frame(number) for number in range(40))]


def test_a_sender_that_stood_still_on_hold_is_heard_again() -> None:
    buffer = JitterBuffer()
    packets = {n: [packet(n)] for n in range(20)} | {n + 30: [packet(n)] for n in range(20, 60)}
    out = [pulled for pulled in play_through(buffer, packets, 95) if pulled is not None]
    assert out[-34:] == [frame(number) for number in range(26, 60)]


def test_a_burst_after_a_stall_does_not_delay_for_ever() -> None:
    buffer = JitterBuffer()
    packets = {n: [packet(n)] for n in range(200)}
    packets[50] = [packet(n) for n in range(30, 51)]
    for number in range(30, 50):
        packets[number] = []
    play_through(buffer, packets, 200)
    assert buffer.delay_ms <= 80


def test_our_own_stall_loses_nothing() -> None:
    buffer = JitterBuffer()
    packets = {n: [packet(n)] for n in range(100)}
    packets[40 + MOST_MADE_UP] = [packet(n) for n in range(40, 41 + MOST_MADE_UP)]
    out = []
    for tick in range(101):
        if 40 <= tick < 40 + MOST_MADE_UP:
            continue
        for arrived in packets.get(tick, []):
            buffer.push(*arrived)
        made_up = MOST_MADE_UP if tick == 40 + MOST_MADE_UP else 0
        out += [buffer.pull() for _ in range(1 + made_up)]
    assert out == [None, *(frame(number) for number in range(100))]


def test_a_fast_clock_is_followed() -> None:
    buffer = JitterBuffer()
    number = 0
    for tick in range(20_000):
        while number * 19.98 <= tick * 20:
            buffer.push(number % 65536, number * 160 % SPAN, b"\xd5" * 160)
            number += 1
        buffer.pull()
    assert buffer.delay_ms <= 80
    assert buffer.counts.skipped >= 10


def test_ten_hours_of_one_packet_and_silence_cost_nothing() -> None:
    buffer = JitterBuffer()
    buffer.push(0, 0, frame(1))
    for _ in range(100_000):
        buffer.pull()
    assert sys.getsizeof(buffer._packets) < 1000


@settings(max_examples=300)
@example([(0, False, False), (3, False, False), (7, False, False), (3, True, True), (5, False, False), *_ON_TIME * 2])
@given(st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.booleans()), min_size=1, max_size=150))
def test_no_network_reverses_or_repeats_sound(fates: list[tuple[int, bool, bool]]) -> None:
    """fates: for each packet its delay in ticks, whether it is lost, whether it comes twice."""
    buffer = JitterBuffer()
    packets: dict[int, list[tuple[int, int, bytes]]] = {}
    for number, (delay, lost, twice) in enumerate(fates):
        if not lost:
            packets.setdefault(number + delay, []).append(packet(number))
        if twice:
            packets.setdefault(number + 2 * delay, []).append(packet(number))
    out = play_through(buffer, packets, len(fates) + 40)
    numbers = [pulled[0] - 1 for pulled in out if pulled is not None]
    assert numbers == sorted(set(numbers))


def test_jitter_of_forty_milliseconds_is_absorbed_after_a_second() -> None:
    rng = random.Random(3550)
    buffer = JitterBuffer()
    packets: dict[int, list[tuple[int, int, bytes]]] = {}
    for number in range(1000):
        packets.setdefault(number + rng.choice((0, 0, 0, 1, 1, 2)), []).append(packet(number))
    out = play_through(buffer, packets, 1005)
    holes = out[50:1000].count(None)
    assert holes <= 10
    assert buffer.counts.late <= 10
    assert buffer.delay_ms <= 100


@pytest.mark.parametrize("parts_per_million", [-1000, 1000])
def test_a_clock_that_drifts_through_every_phase_costs_one_frame_for_each_that_it_drifts(
    parts_per_million: int,
) -> None:
    buffer, number, holes = JitterBuffer(), 0, 0
    interval_ms = 20 * (1 - parts_per_million / 1e6)
    for tick in range(1, 20_000):
        while number * interval_ms + 1 <= tick * 20:
            waited_ms = int(tick * 20 - number * interval_ms - 1)
            buffer.push(number % 65536, number * 160 % SPAN, b"\xd5" * 160, waited_ms)
            number += 1
        holes += buffer.pull() is None and number > 1
        assert buffer.delay_ms <= 20
    drifted = 20
    assert buffer.counts.late == 0
    assert (holes, buffer.counts.skipped) == ((0, drifted + 1) if parts_per_million > 0 else (drifted, 1))


def test_after_a_packet_that_came_too_late_the_delay_stays_for_half_a_minute() -> None:
    buffer, delays_ms = JitterBuffer(), []
    for number in range(3000):
        late = number == 1000
        if not late:
            buffer.push(number, number * 160, b"\xd5" * 160, 12)
        buffer.pull()
        if late:
            buffer.push(number, number * 160, b"\xd5" * 160, 19)
        delays_ms.append(buffer.delay_ms)
    assert set(delays_ms[100:1000]) == {0}
    assert set(delays_ms[1002:2500]) == {20}
    assert buffer.counts.late == 0


def test_a_clock_that_is_set_while_a_packet_waits_skips_no_more_than_can_wait() -> None:
    buffer = JitterBuffer()
    hour_ms = 3_600_000
    for number in range(100):
        if number in (0, 60):
            buffer.push(number, number * 160, frame(number), hour_ms)
        buffer.pull()
    assert buffer.counts.skipped <= 100
    assert buffer.counts.late == 0
