"""Who hears whom where several are heard at once: everybody says a note of their own, each is looked for."""

import asyncio
import time

import numpy as np

from domain.g711 import RATE_HZ, alaw_decode
from hotline.phone_line import PhoneLine
from telephony.media.tone import note

CITIZEN_HZ, AGENT_HZ, LEADER_HZ = 500, 740, 1180
TONES_HZ = (CITIZEN_HZ, AGENT_HZ, LEADER_HZ)
_AMPLITUDE = np.abs(alaw_decode(note(CITIZEN_HZ, 0.1)).astype(np.int32)).max()
_WINDOW = RATE_HZ // 2
"""Half a second: each note goes round in it without a remainder."""
_HEARD_SHARE = 0.3
"""Of a note's amplitude; one that is not there has less than 1 %."""
_LOOK_EVERY_S = 0.1
_WITHIN_S = 45.0


def tones_in(alaw: bytes) -> set[int]:
    """Which of the notes can be heard in it."""
    samples = alaw_decode(bytes(alaw)).astype(np.float64)
    spectrum = 2 * np.abs(np.fft.rfft(samples)) / len(samples)
    level = {hz: spectrum[round(hz * len(samples) / RATE_HZ)] for hz in TONES_HZ}
    return {hz for hz in TONES_HZ if level[hz] > _HEARD_SHARE * _AMPLITUDE}


async def hear(*expected: tuple[PhoneLine, set[int]]) -> None:
    """Wait until each line hears these notes and no others, all at once and for a second on end."""
    deadline, since = time.monotonic() + _WITHIN_S, [len(line.heard) for line, _ in expected]
    while time.monotonic() < deadline:
        now = [len(line.heard) for line, _ in expected]
        heard = [
            tones_in(line.heard[-_WINDOW:]) if now[i] >= _WINDOW else set() for i, (line, _) in enumerate(expected)
        ]
        if heard != [tones for _, tones in expected]:
            since = now
        elif all(end - begin >= RATE_HZ for begin, end in zip(since, now, strict=True)):
            return
        await asyncio.sleep(_LOOK_EVERY_S)
    raise AssertionError(f"heard {heard} instead of {[tones for _, tones in expected]}")


def share_heard(alaw: bytes, heard: bytes) -> float:
    """How much of a sound that is sent as it is (a prompt) is among what was heard, by frames of 20 ms."""
    frames = {alaw[at : at + 160] for at in range(0, len(alaw) - 159, 160)}
    there = sum(bytes(frame) in heard for frame in frames)
    return there / len(frames)
