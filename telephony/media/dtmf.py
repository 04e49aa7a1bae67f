"""Keys as telephone events (RFC 4733): what is heard and what is sent, pure.

A key is told when its first packet comes, not at its end: that is 100 ms sooner, and loss of the end packets cannot
lose or double it.
"""

import struct
from collections import deque

import msgspec

from telephony.media.rtp import TIMESTAMP_SPAN, signed_distance

DIGITS = "0123456789*#ABCD"
_EVENT = struct.Struct(">BBH")
_END = 0x80
_SAMPLES_PER_TICK = 160
_UPDATES = 7
_ENDS = 3
_PAUSE_TICKS = 3
_MOST_WAITING = 64
_VOLUME = 10
_SAME_KEY_GAP = 320
"""Samples (40 ms) by which a key may seem to go on under a new timestamp without being a new key."""
_LONGEST_BEHIND = 40_000
"""Samples (5 s) by which a packet may come behind a newer key; one further back has timestamps that began anew."""


class DigitReceiver:
    """Turns the packets of telephone-event into keys, one for each key pressed."""

    def __init__(self) -> None:
        self._event = -1
        self._started = 0
        self._duration = 0
        self._ended = True
        self._heard_any = False

    def receive(self, timestamp: int, payload: bytes) -> str | None:
        """The key that this packet begins; None for repetitions, ends, strays, and events that are not keys."""
        if len(payload) < _EVENT.size:
            return None
        event, flags, duration = _EVENT.unpack_from(payload)
        if event >= len(DIGITS):
            return None
        ended = bool(flags & _END)
        if self._heard_any:
            ahead = signed_distance(timestamp, self._started, TIMESTAMP_SPAN)
            if -_LONGEST_BEHIND <= ahead <= 0:
                if ahead == 0:
                    self._duration = max(self._duration, duration)
                    self._ended = self._ended or ended
                return None
            if self._goes_on(event, ahead):
                self._started, self._duration, self._ended = timestamp, duration, ended
                return None
        self._heard_any = True
        self._event, self._started, self._duration, self._ended = event, timestamp, duration, ended
        return DIGITS[event]

    def _goes_on(self, event: int, ahead: int) -> bool:
        """A long key continues in a new segment (RFC 4733 §2.5.1.3), or its sender moves the timestamp by mistake."""
        return not self._ended and event == self._event and 0 < ahead <= self._duration + _SAME_KEY_GAP


class DigitPacket(msgspec.Struct, frozen=True):
    """One packet of a key to send. offset: samples from the key's start, which its timestamp keeps."""

    payload: bytes
    offset: int
    marker: bool


class DigitSender:
    """Sends keys one after another: 160 ms each, three end packets, and a pause before the next."""

    def __init__(self) -> None:
        self._waiting: deque[int] = deque()
        self._event = 0
        self._tick = -1

    @property
    def idle(self) -> bool:
        """Whether no key is under way and none waits."""
        return self._tick < 0 and not self._waiting

    def add(self, digit: str) -> bool:
        """Queue a key; False when it is not one of 0-9 * # A-D, or too many wait."""
        event = DIGITS.find(digit.upper()) if len(digit) == 1 else -1
        if event < 0 or len(self._waiting) >= _MOST_WAITING:
            return False
        self._waiting.append(event)
        return True

    def next_packet(self) -> DigitPacket | None:
        """What to send in this 20 ms instead of sound; None when no key is under way."""
        if self._tick < 0:
            if not self._waiting:
                return None
            self._event = self._waiting.popleft()
            self._tick = 0
        tick = self._tick
        self._tick += 1
        if tick >= _UPDATES + _ENDS:
            if tick + 1 >= _UPDATES + _ENDS + _PAUSE_TICKS:
                self._tick = -1
            return None
        ended = tick >= _UPDATES
        duration = _SAMPLES_PER_TICK * (min(tick, _UPDATES) + 1)
        payload = _EVENT.pack(self._event, (_END if ended else 0) | _VOLUME, duration)
        return DigitPacket(payload, _SAMPLES_PER_TICK * tick, tick == 0)
