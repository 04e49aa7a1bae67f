"""The media plane's RTP of one call after the other as one stream, pure.

A browser keeps one connection and one stream for the whole shift, but each call brings its own source, sequence and
timestamps (RFC 3550 §5.1). What goes out keeps our source and counts on; between calls time has passed.
"""

from domain.g711 import RATE_HZ
from telephony.media.rtp import HEADER_BYTES, RtpPacket, build_rtp, parse_rtp

_FRAME_TICKS = RATE_HZ // 50


class RtpSplice:
    """ssrc: of the stream that goes out, as our SDP named it."""

    def __init__(self, ssrc: int, first_sequence: int, first_timestamp: int) -> None:
        self._ssrc = ssrc
        self._sequence = first_sequence
        self._timestamp = first_timestamp
        self._sequence_shift = 0
        self._timestamp_shift = 0
        self._source: int | None = None
        self._sent_ms = 0

    def put(self, datagram: bytes, now_ms: int) -> bytes | None:
        """The packet to send for this one of the media plane's; None when it is no RTP. now_ms: monotonic."""
        packet = parse_rtp(datagram)
        if not isinstance(packet, RtpPacket) or len(datagram) <= HEADER_BYTES:
            return None
        first = packet.ssrc != self._source
        if first:
            passed = _FRAME_TICKS if self._source is None else max(1, (now_ms - self._sent_ms) * RATE_HZ // 1000)
            self._source = packet.ssrc
            self._sequence_shift = self._sequence + 1 - packet.sequence
            self._timestamp_shift = self._timestamp + passed - packet.timestamp
        self._sequence = packet.sequence + self._sequence_shift
        self._timestamp = packet.timestamp + self._timestamp_shift
        self._sent_ms = now_ms
        return build_rtp(
            packet.payload_type,
            self._sequence,
            self._timestamp,
            self._ssrc,
            packet.payload,
            marker=packet.marker or first,
        )
