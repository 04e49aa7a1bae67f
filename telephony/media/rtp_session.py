"""One leg's RTP, pure: datagrams in, 20 ms frames and keys out, and the datagrams to send.

The plane calls, once in each tick: `receive` for every datagram, then `hear`, and when all legs have heard, `say` with
what the leg shall hear of the others. Sound is A-law inside; other codecs are translated at the edge (`sound_in`,
`sound_out`).
"""

from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from domain.call import DigitSource
from domain.g711 import FRAME_MS
from telephony.media import comfort_noise
from telephony.media.concealment import SILENT_FRAME
from telephony.media.dtmf import DigitReceiver, DigitSender
from telephony.media.inband_digits import InbandDigits, InbandSender
from telephony.media.latch import Address, SourceLatch
from telephony.media.mixing import mix
from telephony.media.playback import Playback
from telephony.media.rtp import HEADER_BYTES, PLAIN, PLAIN_HEADER, RtpPacket, RtpRefusal, parse_rtp
from telephony.media.silence_watch import LegBack, LegSilent, SilenceWatch
from telephony.media.sound_in import SoundIn
from telephony.media.sound_out import SoundOut
from telephony.ports import Codec, MediaDescription

_STATIC_PAYLOADS = {0: Codec.PCMU, 8: Codec.PCMA, 9: Codec.G722}
CHUNK_FRAMES = 5
CHUNK_MS = CHUNK_FRAMES * FRAME_MS
_SILENT_CHUNK = SILENT_FRAME * CHUNK_FRAMES
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


SessionEvent = DigitHeard | SoundPlayed | ChunkHeard | LegSilent | LegBack


@dataclass(slots=True)
class SessionCounts:
    """Packets of one leg since it was opened."""

    refused: dict[Refusal, int] = field(default_factory=dict)

    def refuse(self, why: Refusal) -> None:
        self.refused[why] = self.refused.get(why, 0) + 1


class RtpSession:
    """ssrc, first_sequence, first_timestamp: random in service (RFC 3550 §5.1). Times in ms on any monotonic clock."""

    __slots__ = (
        "_chunk", "_chunk_ms", "_digits_in", "_digits_out", "_keying", "_keys_are_events", "_over", "_playback",
        "_remote", "_remote_ssrc", "_takes_none", "_tones_out", "_usual_kind", "_watch", "bridge_frame", "counts",
        "events", "inband", "latch", "out", "sound", "tone_frame", "wide_frame",
    )  # fmt: skip

    def __init__(self, *, ssrc: int, first_sequence: int, first_timestamp: int, silent_after_ms: int) -> None:
        self.counts = SessionCounts()
        self.sound = SoundIn()
        self.out = SoundOut(ssrc=ssrc, first_sequence=first_sequence, first_timestamp=first_timestamp)
        self.latch = SourceLatch()
        self.inband = InbandDigits()
        self.events: list[SessionEvent] = []
        self.bridge_frame: bytes | None = None
        self.wide_frame: bytes | None = None
        self.tone_frame: bytes | None = None
        self._remote: MediaDescription | None = None
        self._takes_none = True
        self._usual_kind = -1
        self._remote_ssrc: int | None = None
        self._digits_in = DigitReceiver()
        self._digits_out = DigitSender()
        self._tones_out = InbandSender()
        self._keys_are_events = False
        self._playback = Playback()
        self._over = Playback()
        self._keying = False
        self._chunk: list[bytes] | None = None
        self._chunk_ms = 0
        self._watch = SilenceWatch(silent_after_ms)

    def connect(self, remote: MediaDescription, now_ms: int) -> None:
        """The far end's sound goes to and comes from `remote`; again after a re-INVITE."""
        before, self._remote = self._remote, remote
        if before is not None and (before.payload, before.ptime_ms) != (remote.payload, remote.ptime_ms):
            self.out.restart()
        self._takes_none = not remote.receives or remote.port == 0 or remote.address == HOLD_ADDRESS
        self._usual_kind = -1 if remote.payload == remote.digits_payload else PLAIN_HEADER | remote.payload
        self.latch.expect((remote.address, remote.port))
        if (event := self._watch.begin(now_ms if remote.sends else None)) is not None:
            self.events.append(event)

    def play(self, alaw: bytes, *, token: int, loop: bool) -> None:
        """Send this instead of silence or of whom the leg hears; b"" stops."""
        self._playback.begin(alaw, token=token, loop=loop)

    def play_over(self, alaw: bytes) -> None:
        """Add this, once, to whom the leg hears; b"" stops it."""
        self._over.begin(alaw, token=0, loop=False)

    def listen(self, media_zero_ms: int) -> None:
        """Begin to gather what is heard in chunks of 100 ms."""
        if self._chunk is None:
            self._chunk = []
            self._chunk_ms = media_zero_ms

    def send_digit(self, digit: str) -> bool:
        """By RFC 4733, or as tones where the far end takes no telephone-events. False when it is no key."""
        if self._remote is None:
            return False
        sender = self._tones_out if self._remote.digits_payload is None else self._digits_out
        self._keying = True
        return sender.add(digit)

    def receive(self, datagram: bytes, source: Address, now_ms: int, waited_ms: int = 0) -> None:
        """Take one datagram; what does not belong to the leg is counted and dropped.

        waited_ms: how long before this tick was due it came (negative: after that), where it is known.
        """
        remote = self._remote
        if remote is not None and source == self.latch.source and len(datagram) >= HEADER_BYTES:
            kind, sequence, timestamp, ssrc = PLAIN.unpack_from(datagram)
            if kind == self._usual_kind and ssrc == self._remote_ssrc:
                self.latch.heard_ms = now_ms
                if remote.sends:
                    self._watch.since_ms = now_ms
                self.sound.push(remote.codec, sequence, timestamp, datagram[HEADER_BYTES:], waited_ms)
                return
        packet = parse_rtp(datagram)
        if not isinstance(packet, RtpPacket):
            self.counts.refuse(Refusal.RTCP if packet is RtpRefusal.RTCP else Refusal.NOT_RTP)
            return
        if not self.latch.admits(source, now_ms):
            self.counts.refuse(Refusal.STRANGER)
            return
        if remote is not None and remote.sends:
            self._watch.since_ms = now_ms
        if packet.ssrc != self._remote_ssrc:
            self._remote_ssrc = packet.ssrc
            self.sound.reset()
            self._digits_in = DigitReceiver()
        self._sort(packet, waited_ms)

    def _sort(self, packet: RtpPacket, waited_ms: int) -> None:
        """By payload type: a key, sound in a codec of ours, comfort noise, or nothing that we know."""
        remote = self._remote
        kind = packet.payload_type
        if remote is not None and kind == remote.digits_payload:
            self.sound.jitter.pass_over(packet.sequence)
            digit = self._digits_in.receive(packet.timestamp, packet.payload)
            if digit is not None:
                self._keys_are_events = True
                self.events.append(DigitHeard(digit))
            return
        codec = remote.codec if remote is not None and kind == remote.payload else _STATIC_PAYLOADS.get(kind)
        if codec is not None:
            self.sound.push(codec, packet.sequence, packet.timestamp, packet.payload, waited_ms)
        elif kind == comfort_noise.PAYLOAD_TYPE:
            self.sound.push_noise(packet.sequence, packet.payload)
        else:
            self.counts.refuse(Refusal.UNKNOWN_PAYLOAD)

    def hear(self, now_ms: int) -> None:
        """Take the next 20 ms out of the jitter buffer, for those who hear this leg and for whoever listens."""
        sound = self.sound
        frame = sound.pull()
        self.bridge_frame, self.wide_frame = sound.bridge_frame, sound.wide_frame
        self.tone_frame = None if self._keys_are_events else frame
        if frame is None and not self._keys_are_events:
            self._tell_tone(self.inband.lose())
        if self._chunk is not None:
            self._gather(SILENT_FRAME if frame is None else frame)
        if (event := self._watch.look(now_ms)) is not None:
            self.events.append(event)

    def hear_tones(self, found: tuple[int, ...]) -> None:
        """What `dtmf_tones.spot` found in this tick's `tone_frame`."""
        self._tell_tone(self.inband.hear(found))

    def _tell_tone(self, digit: str | None) -> None:
        if digit is not None:
            self.events.append(DigitHeard(digit, DigitSource.INBAND))

    def _gather(self, frame: bytes) -> None:
        chunk = self._chunk
        if chunk is None:
            return
        chunk.append(frame)
        if len(chunk) == CHUNK_FRAMES:
            self.events.append(ChunkHeard(self._chunk_ms, b"".join(chunk)))
            self._chunk_ms += CHUNK_MS
            chunk.clear()

    def finish(self) -> list[ChunkHeard]:
        """The last sound of a leg that is closed: what waits in the jitter buffer, and a chunk that is not full."""
        for _ in range(_MOST_FRAMES_LEFT if self._chunk is not None else 0):
            if self.sound.jitter.delay_ms == 0:
                break
            self._gather(self.sound.pull() or SILENT_FRAME)
        last = [event for event in self.events if isinstance(event, ChunkHeard)]
        self.events.clear()
        if self._chunk:
            last.append(ChunkHeard(self._chunk_ms, b"".join(self._chunk)))
        self._chunk = None
        return last

    def say(self, heard: bytes | None, heard_wide: bytes | None = None) -> list[bytes]:
        """The datagrams to send in this tick to `latch.destination`; none when the far end takes none.

        heard: the A-law frame of those whom this leg hears, sent while nothing is played to it; None: silence.
        heard_wide: the same as G.722, where it came that way.
        """
        remote = self._remote
        if remote is None:
            return []
        frame = self._next_played() if self._playback.sounding else None
        over = self._next_over() if self._over.sounding else None
        if self._takes_none:
            self.out.pause()
            return []
        if self._keying:
            digit = self._digits_out.next_packet()
            if digit is not None and remote.digits_payload is not None:
                return self.out.event(remote.digits_payload, digit)
            frame = self._tones_out.next_frame() or frame
            self._keying = not (self._digits_out.idle and self._tones_out.idle)
        if frame is not None:
            return self.out.frame(remote, frame, None, voiced=True)
        if over is not None:
            heard, heard_wide = over if heard is None else mix([[heard, over]])[0], None
        if heard is None:
            return self.out.frame(remote, SILENT_FRAME, None, voiced=False)
        return self.out.frame(remote, heard, heard_wide, voiced=True)

    def _next_played(self) -> bytes | None:
        frame = self._playback.next_frame()
        self.events += map(SoundPlayed, self._playback.take_played())
        return frame

    def _next_over(self) -> bytes | None:
        frame = self._over.next_frame()
        self._over.take_played()
        return frame

    def skip(self, ticks: int) -> None:
        """Ticks that were given up: media time goes on, what was not heard is silence."""
        self.out.skip(ticks)
        chunk = self._chunk
        if chunk is None:
            return
        while chunk and ticks:
            self._gather(SILENT_FRAME)
            ticks -= 1
        chunks, left = divmod(ticks, CHUNK_FRAMES)
        end_ms = self._chunk_ms + chunks * CHUNK_MS
        self.events += [ChunkHeard(at_ms, _SILENT_CHUNK) for at_ms in range(self._chunk_ms, end_ms, CHUNK_MS)]
        self._chunk_ms = end_ms
        chunk += [SILENT_FRAME] * left
