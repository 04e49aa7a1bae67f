"""Ten thousand keys over a line that loses one packet in twenty, in each way that keys come and in all of them at once.

All of it in virtual time: the sender's packets, the loss, and what a leg of the media plane makes of them.
"""

import random
from dataclasses import dataclass

import numpy as np

from bench.figure import Figure
from domain.call import DigitSource
from domain.g711 import ALAW_SILENCE, alaw_encode
from telephony.media.digit_join import DigitJoin
from telephony.media.dtmf import DigitSender
from telephony.media.dtmf_tones import tone
from telephony.media.rtp import build_rtp
from telephony.media.rtp_session import DigitHeard, RtpSession
from telephony.media.tone_watch import watch
from telephony.ports import Codec, MediaDescription

KEYS = 10_000
LOSS = 0.05
_FAR_END = ("192.0.2.1", 4000)
_TICKS_PER_KEY = 14
_TONE_MS, _TONE_FRAMES = 100, 5
_INFO_AFTER_TICKS = 9
_MESSAGE_FRAMES = 1_000


@dataclass(frozen=True)
class Ways:
    """How the far end sends its keys."""

    events: bool = False
    tones: bool = False
    info: bool = False


def key_figures() -> list[Figure]:
    """Missed and doubled keys for telephone-events, tones, and both with INFO besides."""
    figures = []
    for name, ways in (
        ("rfc4733", Ways(events=True)),
        ("tones", Ways(tones=True)),
        ("all_ways", Ways(events=True, tones=True, info=True)),
    ):
        pressed, counted = press(ways)
        missed, doubled = differences(pressed, counted)
        figures.append(Figure(f"keys_{name}_missed_of_{KEYS}", missed, "keys", 0, "lower"))
        figures.append(Figure(f"keys_{name}_doubled_of_{KEYS}", doubled, "keys", 0, "lower"))
    return figures


def press(ways: Ways, keys: int = KEYS, seed: int = 12345) -> tuple[str, str]:
    """The keys pressed, and the keys counted."""
    rng = random.Random(seed)
    pressed = "".join(rng.choices("0123456789*#", k=keys))
    session = RtpSession(ssrc=1, first_sequence=0, first_timestamp=0, silent_after_ms=1 << 40)
    session.connect(MediaDescription(address=_FAR_END[0], port=_FAR_END[1], codec=Codec.PCMA, payload=8), 0)
    line, join, counted = _Line(session, rng), DigitJoin(), []
    sender = DigitSender()
    for tick in range(_TICKS_PER_KEY * (keys + 1)):
        now_ms, place = 20 * tick, tick % _TICKS_PER_KEY
        key = pressed[tick // _TICKS_PER_KEY] if tick < _TICKS_PER_KEY * keys else ""
        if key and place == 0 and ways.events:
            sender.add(key)
        event = sender.next_packet()
        line.send(8, 160 * tick, line.sound(key if ways.tones else "", place), now_ms)
        if event is not None:
            line.send(101, 160 * tick - event.offset, event.payload, now_ms)
        session.hear(now_ms)
        watch([session])
        reports = [(event.digit, event.source) for event in session.events if isinstance(event, DigitHeard)]
        session.events.clear()
        if key and ways.info and place == _INFO_AFTER_TICKS:
            reports.append((key, DigitSource.INFO))
        counted += [digit for digit, source in reports if join.is_new(digit, source, now_ms)]
    return pressed, "".join(counted)


class _Line:
    """The far end's packets on their way, of which some are lost."""

    def __init__(self, session: RtpSession, rng: random.Random) -> None:
        self._session = session
        self._rng = rng
        self._sequence = 0
        noise = np.random.default_rng(1).normal(0, 60, 160 * _MESSAGE_FRAMES)
        self._noise = alaw_encode(noise.astype(np.int16))

    def send(self, payload_type: int, timestamp: int, payload: bytes, now_ms: int) -> None:
        self._sequence += 1
        if self._rng.random() >= LOSS:
            self._session.receive(build_rtp(payload_type, self._sequence, timestamp, 9, payload), _FAR_END, now_ms)

    def sound(self, key: str, place: int) -> bytes:
        """The tones of a key in its first frames, a quiet line else."""
        if key and place < _TONE_FRAMES:
            return tone(key, _TONE_MS)[160 * place : 160 * place + 160]
        start = 160 * self._rng.randrange(_MESSAGE_FRAMES)
        return self._noise[start : start + 160].ljust(160, bytes([ALAW_SILENCE]))


def differences(pressed: str, counted: str) -> tuple[int, int]:
    """Keys that are missing in `counted`, and keys that are too many there."""
    missed = doubled = at = 0
    for place, key in enumerate(pressed):
        ahead = counted[at : at + 8].find(key)
        if ahead < 0 or (ahead > 0 and pressed[place + 1 : place + 2] == counted[at : at + 1]):
            missed += 1
            continue
        doubled += ahead
        at += ahead + 1
    return missed, doubled + len(counted) - at
