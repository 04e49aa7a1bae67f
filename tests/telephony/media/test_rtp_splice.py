"""Calls one after the other are one stream for the browser."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from telephony.media.rtp import RtpPacket, build_rtp, parse_rtp, signed_distance
from telephony.media.rtp_splice import RtpSplice

SPANS = (1 << 16, 1 << 32)


def packets(ssrc, sequence, timestamp, count):
    return [build_rtp(8, sequence + i, timestamp + 160 * i, ssrc, bytes([i]) * 160) for i in range(count)]


def sent(splice, datagrams, start_ms):
    out = [parse_rtp(splice.put(datagram, start_ms + 20 * i)) for i, datagram in enumerate(datagrams)]
    assert all(isinstance(packet, RtpPacket) for packet in out)
    return out


@given(
    st.lists(st.tuples(st.integers(1, 99), st.integers(0, 65535), st.integers(0, (1 << 32) - 1)), min_size=2),
    st.integers(0, 65535),
    st.integers(0, (1 << 32) - 1),
)
def test_source_and_counters_go_on_over_calls(calls, first_sequence, first_timestamp):
    splice = RtpSplice(7, first_sequence, first_timestamp)
    out, now_ms = [], 0
    for number, (ssrc, sequence, timestamp) in enumerate(calls):
        out += sent(splice, packets(100 * number + ssrc, sequence, timestamp, 3), now_ms)
        now_ms += 10_000
    assert {packet.ssrc for packet in out} == {7}
    for one, other in itertools.pairwise(out):
        assert signed_distance(other.sequence, one.sequence, SPANS[0]) == 1
    gaps = [signed_distance(b.timestamp, a.timestamp, SPANS[1]) for a, b in itertools.pairwise(out)]
    assert gaps == ([160, 160, (10_000 - 40) * 8] * len(calls))[:-1]
    assert [packet.marker for packet in out] == [True, False, False] * len(calls)
    assert [packet.payload[0] for packet in out] == [0, 1, 2] * len(calls)


def test_a_late_packet_keeps_its_place():
    splice = RtpSplice(7, 10, 1000)
    first, second, third = packets(1, 65535, 0, 3)
    got = [parse_rtp(splice.put(each, 0)) for each in (first, third, second)]
    assert [packet.sequence for packet in got] == [11, 13, 12]


def test_what_is_no_rtp_is_not_sent():
    splice = RtpSplice(7, 10, 1000)
    assert splice.put(b"", 0) is None
    assert splice.put(b"\x80\xc8" + bytes(20), 0) is None
    assert splice.put(build_rtp(8, 1, 1, 1, b""), 0) is None
