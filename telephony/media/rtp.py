"""RTP packets (RFC 3550 §5.1): parse and build, pure.

A datagram that is not RTP gives an `RtpRefusal`, never an exception: anybody can send one, thousands a second.
"""

import struct
from enum import StrEnum

import msgspec

_HEADER = struct.Struct(">BBHII")
_VERSION = 2
_FIRST_RTCP_TYPE, _LAST_RTCP_TYPE = 200, 204
HEADER_BYTES = _HEADER.size
PLAIN = struct.Struct(">HHII")
"""The header with its first two bytes as one number: `PLAIN_HEADER` (marked: `_MARKED`) and the payload type."""
PLAIN_HEADER = _VERSION << 14
_MARKED = PLAIN_HEADER | 0x80
TIMESTAMP_SPAN = 1 << 32
SEQUENCE_SPAN = 1 << 16


class RtpPacket(msgspec.Struct, frozen=True, gc=False):
    """What one packet says. timestamp: in samples; payload: without padding, perhaps empty."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


class RtpRefusal(StrEnum):
    """Why a datagram is not taken."""

    TOO_SHORT = "too_short"
    VERSION = "version"
    RTCP = "rtcp"
    TRUNCATED = "truncated"
    PADDING = "padding"


def parse_rtp(datagram: bytes) -> RtpPacket | RtpRefusal:
    """The packet in `datagram`; contributing sources, header extension and padding are stepped over."""
    size = len(datagram)
    if size < HEADER_BYTES:
        return RtpRefusal.TOO_SHORT
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(datagram)
    if first >> 6 != _VERSION:
        return RtpRefusal.VERSION
    if _FIRST_RTCP_TYPE <= second <= _LAST_RTCP_TYPE:
        return RtpRefusal.RTCP
    start, end = HEADER_BYTES, size
    if first & 0x3F:
        bounds = _payload_bounds(datagram, first)
        if isinstance(bounds, RtpRefusal):
            return bounds
        start, end = bounds
    return RtpPacket(second & 0x7F, second >= 0x80, sequence, timestamp, ssrc, datagram[start:end])


def _payload_bounds(datagram: bytes, first: int) -> tuple[int, int] | RtpRefusal:
    """Start and end of the payload when the first byte says that there is more than the plain header."""
    start, end = HEADER_BYTES + 4 * (first & 0x0F), len(datagram)
    if first & 0x10:
        if start + 4 > end:
            return RtpRefusal.TRUNCATED
        start += 4 + 4 * int.from_bytes(datagram[start + 2 : start + 4], "big")
    if start > end:
        return RtpRefusal.TRUNCATED
    if first & 0x20:
        padding = datagram[-1]
        if padding == 0 or start + padding > end:
            return RtpRefusal.PADDING
        end -= padding
    return start, end


def build_rtp(
    payload_type: int, sequence: int, timestamp: int, ssrc: int, payload: bytes, marker: bool = False
) -> bytes:
    """A packet with the plain 12-byte header; sequence and timestamp wrap around."""
    kind = _MARKED | payload_type if marker else PLAIN_HEADER | payload_type
    return PLAIN.pack(kind, sequence % SEQUENCE_SPAN, timestamp % TIMESTAMP_SPAN, ssrc) + payload


def signed_distance(later: int, earlier: int, span: int) -> int:
    """How far `later` is after `earlier` on a counter that wraps at `span`; negative when it is before."""
    half = span // 2
    return (later - earlier + half) % span - half
