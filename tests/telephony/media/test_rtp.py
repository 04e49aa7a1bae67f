"""RTP packets: whatever arrives gives a packet or a refusal."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.media.rtp import RtpPacket, RtpRefusal, build_rtp, parse_rtp, signed_distance


@given(st.binary(max_size=400))
def test_any_datagram_gives_a_packet_or_a_refusal(datagram: bytes) -> None:
    result = parse_rtp(datagram)
    assert isinstance(result, RtpPacket | RtpRefusal)
    if isinstance(result, RtpPacket):
        assert len(result.payload) <= len(datagram) - 12


@given(
    st.integers(0, 71), st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.booleans()
)
def test_what_is_built_is_parsed(kind: int, sequence: int, timestamp: int, ssrc: int, marker: bool) -> None:
    packet = parse_rtp(build_rtp(kind, sequence, timestamp, ssrc, b"sound", marker=marker))
    assert packet == RtpPacket(kind, marker, sequence, timestamp, ssrc, b"sound")


@given(st.integers(0, 15), st.binary(max_size=20).map(lambda words: words[: len(words) // 4 * 4]), st.integers(0, 9))
def test_sources_extension_and_padding_are_stepped_over(sources: int, extension: bytes, padding: int) -> None:
    first = 0x80 | sources | 0x10 | (0x20 if padding else 0)
    datagram = struct.pack(">BBHII", first, 8, 1, 2, 3) + bytes(4 * sources)
    datagram += struct.pack(">HH", 0xBEDE, len(extension) // 4) + extension + b"sound"
    if padding:
        datagram += bytes(padding - 1) + bytes([padding])
    packet = parse_rtp(datagram)
    assert isinstance(packet, RtpPacket)
    assert packet.payload == b"sound"


@pytest.mark.parametrize(
    ("datagram", "refusal"),
    [
        (b"", RtpRefusal.TOO_SHORT),
        (b"\x80" + bytes(10), RtpRefusal.TOO_SHORT),
        (b"\x40" + bytes(20), RtpRefusal.VERSION),
        (b"\x80\xc8" + bytes(26), RtpRefusal.RTCP),
        (b"\x81\xcc" + bytes(26), RtpRefusal.RTCP),
        (b"\x8f\x08" + bytes(20), RtpRefusal.TRUNCATED),
        (b"\x90\x08" + bytes(10), RtpRefusal.TRUNCATED),
        (b"\x90\x08" + bytes(12) + b"\xff\xff", RtpRefusal.TRUNCATED),
        (b"\xa0\x08" + bytes(20), RtpRefusal.PADDING),
        (b"\xa0\x08" + bytes(19) + b"\xff", RtpRefusal.PADDING),
    ],
)
def test_refusals(datagram: bytes, refusal: RtpRefusal) -> None:
    assert parse_rtp(datagram) is refusal


def test_distance_on_a_counter_that_wraps() -> None:
    assert signed_distance(5, 65530, 65536) == 11
    assert signed_distance(65530, 5, 65536) == -11
