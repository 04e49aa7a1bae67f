"""One leg's RTP, pure: datagrams in, 20 ms frames and keys out, and the datagrams to send.

The plane calls, once in each tick: `receive` for every datagram, then `hear`, and when all legs have heard, `say` with
what the leg shall hear of the others.
Sound is A-law inside; µ-law is translated here, at the edge. Timestamps and sequence numbers go on without a break
through prompts, bridges and holds.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from domain.call import DigitSource
from domain.g711 import ALAW_TO_ULAW, BYTES_PER_FRAME, FRAME_MS, ULAW_TO_ALAW
from telephony.concealment import SILENT_FRAME, Concealment
from telephony.dtmf import DigitReceiver, DigitSender
from telephony.jitter import JitterBuffer
from telephony.latch import Address, SourceLatch
from telephony.playback import Playback
from telephony.ports import Codec, MediaDescription
from telephony.rtp import RtpPacket, RtpRefusal, build_rtp, parse_rtp

_STATIC_PAYLOADS = {0: Codec.PCMU, 8: Codec.PCMA}
CHUNK_FRAMES = 5
_MOST_FRAMES_LEFT = 5
HOLD_ADDRESS = "0.0.0.0"  # noqa: S104 - how RFC 3264 §8.4 says hold; nothing is bound to it


class Refusal(StrEnum):
    """Why a datagram that is RTP, or comes from nowhere, was not taken."""

    NOT_RTP = "not_rtp"
    RTCP = "rtcp"
    STRANGER = "stranger"
    UNKNOWN_PAYLOAD = "unknown_payload"


class DigitHeard(msgspec.Struct, frozen=True):
    digit: str
    source: DigitSource = DigitSource.RFC4733


class SoundPlayed(msgspec.Struct, frozen=True):
    token: int


class ChunkHeard(msgspec.Struct, frozen=True):
    media_ms: int
    alaw: bytes


class LegSilent(msgspec.Struct, frozen=True):
    seconds: float


SessionEvent = DigitHeard | SoundPlayed | ChunkHeard | LegSilent


@dataclass
class SessionCounts:
    """Packets of one leg since it was opened."""

    received: int = 0
    sent: int = 0
    refused: dict[Refusal, int] = field(default_factory=dict)

    def refuse(self, why: Refusal) -> None:
        self.refused[why] = self.refused.get(why, 0) + 1


class RtpSession:
    """ssrc, first_sequence, first_timestamp: random in service (RFC 3550 §5.1). Times in ms on any monotonic clock."""

    def __init__(self, *, ssrc: int, first_sequence: int, first_timestamp: int, silent_after_ms: int) -> None:
        self.counts = SessionCounts()
        self.jitter = JitterBuffer()
        self.latch = SourceLatch()
        self.events: list[SessionEvent] = []
        self.bridge_frame: bytes | None = None
        self._ssrc = ssrc
        self._sequence = first_sequence
        self._timestamp = first_timestamp
        self._silent_after_ms = silent_after_ms
        self._remote: MediaDescription | None = None
        self._remote_ssrc: int | None = None
        self._digits_in = DigitReceiver()
        self._digits_out = DigitSender()
        self._concealment = Concealment()
        self._playback = Playback()
        self._voiced = False
        self._chunk: bytearray | None = None
        self._chunk_ms = 0
        self._quiet_since_ms: int | None = None

    def connect(self, remote: MediaDescription, now_ms: int) -> None:
        """The far end's sound goes to and comes from `remote`; again after a re-INVITE."""
        self._remote = remote
        self.latch.expect((remote.address, remote.port))
        self._quiet_since_ms = now_ms if remote.sends else None

    def play(self, alaw: bytes, *, token: int, loop: bool) -> None:
        """Send this instead of silence or of whom the leg hears; b"" stops."""
        self._playback.begin(alaw, token=token, loop=loop)

    def listen(self, media_zero_ms: int) -> None:
        """Begin to gather what is heard in chunks of 100 ms."""
        if self._chunk is None:
            self._chunk = bytearray()
            self._chunk_ms = media_zero_ms

    def send_digit(self, digit: str) -> bool:
        """False when the far end takes no telephone-events, or it is no key."""
        if self._remote is None or self._remote.digits_payload is None:
            return False
        return self._digits_out.add(digit)

    def receive(self, datagram: bytes, source: Address, now_ms: int) -> None:
        """Take one datagram; what does not belong to the leg is counted and dropped."""
        packet = parse_rtp(datagram)
        if not isinstance(packet, RtpPacket):
            self.counts.refuse(Refusal.RTCP if packet is RtpRefusal.RTCP else Refusal.NOT_RTP)
            return
        if not self.latch.admits(source, now_ms):
            self.counts.refuse(Refusal.STRANGER)
            return
        self.counts.received += 1
        if self._remote is not None and self._remote.sends:
            self._quiet_since_ms = now_ms
        if packet.ssrc != self._remote_ssrc:
            self._remote_ssrc = packet.ssrc
            self.jitter.reset()
            self._digits_in = DigitReceiver()
        self._sort(packet)

    def _sort(self, packet: RtpPacket) -> None:
        """By payload type: a key, sound in either law, or nothing that we know."""
        remote = self._remote
        kind = packet.payload_type
        if remote is not None and kind == remote.digits_payload:
            digit = self._digits_in.receive(packet.timestamp, packet.payload)
            if digit is not None:
                self.events.append(DigitHeard(digit))
            return
        codec = remote.codec if remote is not None and kind == remote.payload else _STATIC_PAYLOADS.get(kind)
        if codec is None:
            self.counts.refuse(Refusal.UNKNOWN_PAYLOAD)
            return
        sound = packet.payload if codec is Codec.PCMA else packet.payload.translate(ULAW_TO_ALAW)
        self.jitter.push(packet.sequence, packet.timestamp, sound)

    def hear(self, now_ms: int) -> None:
        """Take the next 20 ms out of the jitter buffer, for the bridge and for whoever listens."""
        frame = self.jitter.pull()
        self.bridge_frame = self._concealment.frame(frame)
        if self._chunk is not None:
            self._gather(SILENT_FRAME if frame is None else frame)
        if self._quiet_since_ms is not None and now_ms - self._quiet_since_ms >= self._silent_after_ms:
            self.events.append(LegSilent((now_ms - self._quiet_since_ms) / 1000))
            self._quiet_since_ms = None

    def _gather(self, frame: bytes) -> None:
        chunk = self._chunk
        if chunk is None:
            return
        chunk += frame
        if len(chunk) >= CHUNK_FRAMES * BYTES_PER_FRAME:
            self.events.append(ChunkHeard(self._chunk_ms, bytes(chunk)))
            self._chunk_ms += CHUNK_FRAMES * FRAME_MS
            chunk.clear()

    def finish(self) -> list[ChunkHeard]:
        """The last sound of a leg that is closed: what waits in the jitter buffer, and a chunk that is not full."""
        for _ in range(_MOST_FRAMES_LEFT if self._chunk is not None else 0):
            if self.jitter.delay_ms == 0:
                break
            self._gather(self.jitter.pull() or SILENT_FRAME)
        last = [event for event in self.events if isinstance(event, ChunkHeard)]
        self.events.clear()
        if self._chunk:
            last.append(ChunkHeard(self._chunk_ms, bytes(self._chunk)))
        self._chunk = None
        return last

    def say(self, heard: bytes | None) -> bytes | None:
        """The datagram to send in this tick to `latch.destination`; None when the far end takes none.

        heard: the A-law frame of those whom this leg hears, sent while nothing is played to it; None: silence.
        """
        remote = self._remote
        if remote is None:
            return None
        frame = self._playback.next_frame()
        for token in self._playback.take_played():
            self.events.append(SoundPlayed(token))
        if frame is None:
            frame = heard
        timestamp = self._timestamp
        self._timestamp += BYTES_PER_FRAME
        if not remote.receives or remote.port == 0 or remote.address == HOLD_ADDRESS:
            self._voiced = False
            return None
        digit = self._digits_out.next_packet()
        if digit is not None and remote.digits_payload is not None:
            self._voiced = False
            return self._packet(remote.digits_payload, timestamp - digit.offset, digit.payload, digit.marker)
        marker = frame is not None and not self._voiced
        self._voiced = frame is not None
        sound = SILENT_FRAME if frame is None else frame
        if remote.codec is Codec.PCMU:
            sound = sound.translate(ALAW_TO_ULAW)
        return self._packet(remote.payload, timestamp, sound, marker)

    def _packet(self, payload_type: int, timestamp: int, payload: bytes, marker: bool) -> bytes:
        self._sequence += 1
        self.counts.sent += 1
        return build_rtp(payload_type, self._sequence, timestamp, self._ssrc, payload, marker=marker)

    def skip(self, ticks: int) -> None:
        """Ticks that were given up: media time goes on, what was not heard is silence."""
        self._timestamp += ticks * BYTES_PER_FRAME
        for _ in range(ticks if self._chunk is not None else 0):
            self._gather(SILENT_FRAME)
