"""The jitter buffer: packets of any length in any order go in, 20 ms frames in order come out, pure.

Its clock is the pulling: one `pull` each 20 ms moves the place that is played by 160 samples, whether sound is there or
not, so a stream that pauses or loses packets keeps its time. The delay is 20 ms to begin with, on top of what a packet
waits for the tick; a packet that comes too late makes it longer (60 ms at most), a quiet half minute makes it shorter
again. What packets have to spare above that, or on a calm line above what their own spread asks for (`spare_time`), is
taken out in quiet frames: a sender's fast clock, a burst after a stall, the 20 ms of the beginning. Anything that does
not fit for longer - a timestamp that jumped, a sender that stood still during hold - makes it begin anew there; nothing
is ever allocated for the gap.
"""

from dataclasses import dataclass

from domain.g711 import ALAW_DECODE, ALAW_SILENCE, BYTES_PER_FRAME
from telephony.media.rtp import SEQUENCE_SPAN, TIMESTAMP_SPAN, signed_distance
from telephony.media.spare_time import SpareTime

LONGEST_PAYLOAD = 1600
"""200 ms; nobody packs telephony longer."""

_WINDOW = 8000
_SAMPLES_PER_MS = 8
_LONGEST_DELAY = 3 * BYTES_PER_FRAME
_CAPACITY = 128
_WATCH_PULLS = 30
"""600 ms; longer than what the tick makes up for after a stall of our own, which is no surplus."""
_CALM_PULLS = 1500
_JUMPS_BELIEVED = 2
_LATES_BELIEVED = 5
_SEEN_BITS = 64
_ALL_SEEN = (1 << _SEEN_BITS) - 1
_QUIET_LEVEL = 256
_LOUD_CODES = bytes(code for code in range(256) if abs(int(ALAW_DECODE[code])) > _QUIET_LEVEL)


@dataclass(slots=True)
class JitterCounts:
    """What became of the packets. skipped: frames left out to shorten the delay."""

    lost: int = 0
    duplicate: int = 0
    late: int = 0
    refused: int = 0
    resyncs: int = 0
    skipped: int = 0


class JitterBuffer:
    """A-law or µ-law bytes at 8 kHz, one byte a sample; memory is at most about 20 kB whatever comes."""

    __slots__ = (
        "_calm", "_misfit_timestamp", "_misfits", "_newest_end", "_packets", "_play", "_played_end", "_pulls", "_seen",
        "_sequence", "_spare", "_surplus", "_target", "counts",
    )  # fmt: skip

    def __init__(self) -> None:
        self.counts = JitterCounts()
        self._packets: dict[int, bytes] = {}
        self._play: int | None = None
        self._newest_end = 0
        self._played_end = 0
        self._target = BYTES_PER_FRAME
        self._sequence: int | None = None
        self._seen = 0
        self._misfits = 0
        self._misfit_timestamp = 0
        self._pulls = 0
        self._calm = 0
        self._spare = SpareTime()
        self._surplus = 0

    @property
    def delay_ms(self) -> int:
        """How much sound waits now."""
        return 0 if self._play is None else max(0, self._newest_end - self._play) // 8

    def push(self, sequence: int, timestamp: int, payload: bytes, waited_ms: int = 0) -> None:
        """Take a packet; whatever is wrong with it is counted, never raised.

        waited_ms: how long before the next pull was due it came to this machine (negative: after that), where it is
        known; without it the delay stays at 20 ms or more. Nearly all packets are the very one that comes next, and in
        time: they go the short way.
        """
        play, at, length = self._play, self._newest_end, len(payload)
        if (
            play is not None
            and timestamp == at % TIMESTAMP_SPAN
            and self._sequence is not None
            and sequence == (self._sequence + 1) % SEQUENCE_SPAN
            and 0 < length <= BYTES_PER_FRAME
            and play - length < at <= play + _WINDOW
            and len(self._packets) < _CAPACITY
        ):
            self._sequence = sequence
            if self._seen != _ALL_SEEN:
                self._seen = (self._seen << 1 | 1) & _ALL_SEEN
            self._misfits = 0
            self._spare.note(at - play + waited_ms * _SAMPLES_PER_MS)
            self._packets[at] = payload
            self._newest_end = at + length
        else:
            self._place_in(sequence, timestamp, payload, waited_ms)

    def _place_in(self, sequence: int, timestamp: int, payload: bytes, waited_ms: int) -> None:
        """A packet that is not the one that comes next: some are lost before it, it is late, twice, or rubbish."""
        if not 0 < len(payload) <= LONGEST_PAYLOAD:
            self.counts.refused += 1
            return
        ahead = self._note_sequence(sequence)
        if ahead is None:
            self.counts.duplicate += 1
            return
        if self._play is None:
            self._begin(timestamp)
        at = self._place(timestamp)
        if at is not None:
            self._spare.note(at - self._playing() + waited_ms * _SAMPLES_PER_MS)
        if at is None:
            at = self._misfit(timestamp, ahead, believed=1 if ahead == 1 else _JUMPS_BELIEVED)
        elif at + len(payload) <= max(self._playing(), self._played_end):
            at = self._late(at, timestamp, len(payload), ahead)
        else:
            self._misfits = 0
        if at is not None:
            self._store(at, payload)

    def pass_over(self, sequence: int) -> None:
        """A packet of the stream that is no sound (a key, comfort noise) had this number: it is not lost."""
        self._note_sequence(sequence)

    def pull(self) -> bytes | None:
        """The next 160 bytes; None where nothing of them has come."""
        play = self._play
        if play is None:
            return None
        frame = self._take(play)
        self._play = play + BYTES_PER_FRAME
        self._pulls += 1
        if self._surplus or self._pulls >= _WATCH_PULLS:
            self._watch(frame)
        return frame

    def reset(self) -> None:
        """Begin anew with the next packet (another source, another SSRC); the counts go on."""
        self._packets.clear()
        self._play = None
        self._sequence = None
        self._seen = 0
        self._misfits = 0
        self._surplus = 0

    def _playing(self) -> int:
        return self._play if self._play is not None else 0

    def _begin(self, timestamp: int) -> None:
        """Play from `timestamp` on, after the target delay. Places are kept above 0 so that they never go negative."""
        at = timestamp + TIMESTAMP_SPAN
        self._packets.clear()
        self._play = at - self._target
        self._newest_end = self._played_end = at
        self._spare.forget()
        self._pulls = self._surplus = self._misfits = 0

    def _place(self, timestamp: int) -> int | None:
        """Where `timestamp` lies on the unwrapped time line; None when it is more than a second away."""
        play = self._playing()
        distance = signed_distance(timestamp, play % TIMESTAMP_SPAN, TIMESTAMP_SPAN)
        return play + distance if -_WINDOW <= distance <= _WINDOW else None

    def _note_sequence(self, sequence: int) -> int | None:
        """How far it is ahead of the newest so far (0 or less: it comes behind); None when it was there already."""
        if self._sequence is None:
            self._sequence, self._seen = sequence, 1
            return 1
        ahead = signed_distance(sequence, self._sequence, SEQUENCE_SPAN)
        if ahead > 0:
            self.counts.lost += ahead - 1 if ahead < _SEEN_BITS else 0
            self._seen = (self._seen << min(ahead, _SEEN_BITS) | 1) & _ALL_SEEN
            self._sequence = sequence
            return ahead
        if ahead <= -_SEEN_BITS:
            self._sequence, self._seen = sequence, 1
            return _SEEN_BITS
        bit = 1 << -ahead
        if self._seen & bit:
            return None
        self._seen |= bit
        self.counts.lost = max(0, self.counts.lost - 1)
        return ahead

    def _misfit(self, timestamp: int, ahead: int, *, believed: int) -> int | None:
        """A packet far from what is played: its place after a new beginning, None while it is not believed.

        Believed are so many in a row that their sender numbered upwards; one that only comes behind never is.
        """
        near = abs(signed_distance(timestamp, self._misfit_timestamp, TIMESTAMP_SPAN)) <= LONGEST_PAYLOAD
        if ahead > 0:
            self._misfits = self._misfits + 1 if self._misfits and near else 1
            self._misfit_timestamp = timestamp
        if ahead <= 0 or self._misfits < believed:
            self.counts.late += 1
            return None
        self.counts.resyncs += 1
        self._begin(timestamp)
        return timestamp + TIMESTAMP_SPAN

    def _late(self, at: int, timestamp: int, length: int, sequence_ahead: int) -> int | None:
        """A packet whose time has passed: wait for it when nothing after it was played yet, else it is lost."""
        self._target = min(self._target + BYTES_PER_FRAME, _LONGEST_DELAY)
        self._calm = -self._pulls
        ahead = max(self._newest_end, at + length) - at
        if at >= self._played_end and ahead <= _LONGEST_DELAY + length:
            self._move(at)
            self._misfits = 0
            return at
        if self._newest_end - self._playing() < self._target and self._newest_end > self._playing():
            self._move(self._playing() - BYTES_PER_FRAME)
        return self._misfit(timestamp, sequence_ahead, believed=_LATES_BELIEVED)

    def _store(self, at: int, payload: bytes) -> None:
        for start in range(0, len(payload), BYTES_PER_FRAME):
            if len(self._packets) >= _CAPACITY:
                self.counts.refused += 1
                return
            self._packets.setdefault(at + start, payload[start : start + BYTES_PER_FRAME])
        self._newest_end = max(self._newest_end, at + len(payload))

    def _take(self, start: int) -> bytes | None:
        """The 160 samples from `start` on; what lies before is forgotten."""
        packets = self._packets
        whole = packets.get(start)
        if whole is not None and len(whole) == BYTES_PER_FRAME:
            del packets[start]
            self._played_end = start + BYTES_PER_FRAME
            return whole
        return self._assemble(start) if packets else None

    def _assemble(self, start: int) -> bytes | None:
        """A frame out of packets that do not lie on its bounds."""
        end = start + BYTES_PER_FRAME
        frame: bytearray | None = None
        for at in sorted(self._packets):
            if at >= end:
                break
            payload = self._packets[at]
            stop = at + len(payload)
            if stop > start:
                frame = frame or bytearray([ALAW_SILENCE]) * BYTES_PER_FRAME
                first, last = max(at, start), min(stop, end)
                frame[first - start : last - start] = payload[first - at : last - at]
                self._played_end = max(self._played_end, last)
            if stop <= end:
                del self._packets[at]
        return None if frame is None else bytes(frame)

    def _watch(self, frame: bytes | None) -> None:
        """Shorten the delay where it has been longer than needed for 600 ms."""
        if self._pulls >= _WATCH_PULLS:
            self._calm += self._pulls
            if self._calm >= _CALM_PULLS:
                self._target = max(self._target - BYTES_PER_FRAME, BYTES_PER_FRAME)
                self._calm = 0
            least, self._pulls = self._spare.close(), 0
            needed = self._target if self._target > BYTES_PER_FRAME else self._spare.needed
            spare = 0 if least is None else max(0, least - needed)
            self._surplus = min(spare, _WINDOW) // BYTES_PER_FRAME  # more only seems to be: a clock was set meanwhile
            if self._surplus * BYTES_PER_FRAME > _LONGEST_DELAY:
                self._skip(self._surplus)
        if self._surplus and (frame is None or _is_quiet(frame)):
            self._skip(1)

    def _move(self, play: int) -> None:
        """Play from there on instead."""
        self._spare.shift(self._playing() - play)
        self._play = play

    def _skip(self, frames: int) -> None:
        for _ in range(frames):
            self._take(self._playing())
            self._move(self._playing() + BYTES_PER_FRAME)
        self.counts.skipped += frames
        self._surplus -= frames


def _is_quiet(frame: bytes) -> bool:
    return len(frame.translate(None, _LOUD_CODES)) == len(frame)
