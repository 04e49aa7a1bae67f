"""What one leg is sent: 20 ms frames in, RTP packets of the length that the far end wishes out, pure.

Sequence numbers and timestamps go on without a break through prompts, bridges and holds (RFC 3550 §5.1).
"""

from domain.g711 import ALAW_TO_ULAW, BYTES_PER_FRAME, FRAME_MS
from telephony.media.dtmf import DigitPacket
from telephony.media.rtp import build_rtp
from telephony.media.wideband import WidebandEncoder
from telephony.ports import Codec, MediaDescription

_BYTES_PER_MS = 8
_PCMA, _PCMU = Codec.PCMA, Codec.PCMU


class SoundOut:
    """One call of `frame`, `event` or `pause` in each tick."""

    __slots__ = ("_begun", "_begun_marker", "_sequence", "_ssrc", "_timestamp", "_voiced", "_wideband")

    def __init__(self, *, ssrc: int, first_sequence: int, first_timestamp: int) -> None:
        self._ssrc = ssrc
        self._sequence = first_sequence
        self._timestamp = first_timestamp
        self._voiced = False
        self._begun = b""
        self._begun_marker = False
        self._wideband: WidebandEncoder | None = None

    def frame(self, remote: MediaDescription, alaw: bytes, wide: bytes | None, *, voiced: bool) -> list[bytes]:
        """20 ms of sound. wide: the same as G.722, where it came that way. voiced: not our own silence."""
        marker = voiced and not self._voiced
        self._voiced = voiced
        sound = alaw if remote.codec is _PCMA else self._encode(remote.codec, alaw, wide)
        if remote.ptime_ms == FRAME_MS and not self._begun:
            packets = [self._packet(remote.payload, self._timestamp, sound, marker)]
        else:
            packets = self._repack(remote.payload, remote.ptime_ms * _BYTES_PER_MS, sound, marker)
        self._timestamp += BYTES_PER_FRAME
        return packets

    def event(self, payload_type: int, digit: DigitPacket) -> list[bytes]:
        """A packet of a key in place of sound."""
        self.restart()
        packet = self._packet(payload_type, self._timestamp - digit.offset, digit.payload, digit.marker)
        self._timestamp += BYTES_PER_FRAME
        return [packet]

    def pause(self) -> None:
        """20 ms pass, and nothing is sent."""
        self.skip(1)

    def skip(self, ticks: int) -> None:
        """So many 20 ms pass without a call."""
        self.restart()
        self._timestamp += ticks * BYTES_PER_FRAME

    def restart(self) -> None:
        """Another codec comes, or something else than sound: what is not yet a whole packet is dropped."""
        self._voiced = False
        self._begun = b""

    def _encode(self, codec: Codec, alaw: bytes, wide: bytes | None) -> bytes:
        if codec is _PCMU:
            return alaw.translate(ALAW_TO_ULAW)
        if wide is not None:
            return wide
        if self._wideband is None:
            self._wideband = WidebandEncoder()
        return self._wideband.payload(alaw)

    def _repack(self, payload_type: int, size: int, sound: bytes, marker: bool) -> list[bytes]:
        """Packets of `size` bytes as far as there are enough; the rest waits for the next frame."""
        starts = self._timestamp - len(self._begun)
        self._begun += sound
        self._begun_marker = self._begun_marker or marker
        packets: list[bytes] = []
        while len(self._begun) >= size:
            packets.append(self._packet(payload_type, starts, self._begun[:size], self._begun_marker))
            self._begun = self._begun[size:]
            self._begun_marker = False
            starts += size
        return packets

    def _packet(self, payload_type: int, timestamp: int, payload: bytes, marker: bool) -> bytes:
        self._sequence += 1
        return build_rtp(payload_type, self._sequence, timestamp, self._ssrc, payload, marker)
