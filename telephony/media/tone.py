"""Ring-back tone, music on hold and plain notes, made here: A-law at 8 kHz, the same bytes every time.

Ring-back is China's: 450 Hz, 1 s on, 4 s off (GB/T 7611). The music is our own: sixteen bars in 3/4 in C pentatonic,
soft plucked notes over a quiet bass, 28.8 s that go round without a seam, at -20 dBFS so that it neither startles nor
clips, and below 2 kHz so that a telephone carries all of it.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from domain.g711 import RATE_HZ, alaw_encode

RING_BACK_HZ = 450.0
_RING_ON_S, _RING_OFF_S = 1.0, 4.0
_LEVEL_DBFS = -20.0
_FULL_SCALE = 32767.0
_BEAT_S = 0.6
_BEATS_PER_BAR = 3

# One letter for a degree of the pentatonic scale, a space for a beat on which the last note goes on.
_SCALE_HZ = {"c": 261.63, "d": 293.66, "e": 329.63, "g": 392.0, "a": 440.0, "C": 523.25, "D": 587.33, "E": 659.26}
_MELODY = "e g|a C|g e|d  |e g|C D|a g|e  |C D|E D|C a|g  |a C|g e|d e|c  "
_BASS_HZ = (
    130.81,
    110.0,
    98.0,
    98.0,
    130.81,
    110.0,
    146.83,
    98.0,
    110.0,
    130.81,
    110.0,
    98.0,
    110.0,
    130.81,
    98.0,
    130.81,
)
_PARTIALS = ((1, 1.0), (2, 0.3), (3, 0.08))


@cache
def ring_back() -> bytes:
    """One period (5 s) of the ring-back tone, to be looped."""
    time_s = np.arange(int(_RING_ON_S * RATE_HZ)) / RATE_HZ
    burst = np.sin(2 * np.pi * RING_BACK_HZ * time_s)
    edge = np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / 0.01)
    pause = np.zeros(int(_RING_OFF_S * RATE_HZ))
    return _to_alaw(np.concatenate([burst * edge, pause]), reference=burst)


@cache
def music_on_hold() -> bytes:
    """The whole piece (28.8 s), to be looped."""
    bar_s = _BEATS_PER_BAR * _BEAT_S
    bars = _MELODY.split("|")
    piece = np.zeros(round(len(bars) * bar_s * RATE_HZ))
    for number, (bar, bass_hz) in enumerate(zip(bars, _BASS_HZ, strict=True)):
        _add(piece, _pluck(bass_hz, 2.4) * 0.5, number * bar_s)
        for beat, letter in enumerate(bar):
            if letter != " ":
                _add(piece, _pluck(_SCALE_HZ[letter], 1.8), number * bar_s + beat * _BEAT_S)
    return _to_alaw(piece, reference=piece)


def note(pitch_hz: float, length_s: float) -> bytes:
    """A plain tone without a click at its ends."""
    time_s = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
    wave = np.sin(2 * np.pi * pitch_hz * time_s)
    return _to_alaw(wave * np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / 0.01), reference=wave)


def _pluck(pitch_hz: float, length_s: float) -> NDArray[np.float64]:
    """A string: a soft beginning of 15 ms, a long end."""
    time_s = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
    envelope = np.minimum(1.0, time_s / 0.015) * np.exp(-time_s * 2.2) * np.minimum(1.0, time_s[::-1] / 0.1)
    wave = sum(weight * np.sin(2 * np.pi * pitch_hz * partial * time_s) for partial, weight in _PARTIALS)
    return np.asarray(wave * envelope, dtype=np.float64)


def _add(piece: NDArray[np.float64], note: NDArray[np.float64], at_s: float) -> None:
    """Put a note into the loop; what rings over the end rings at the beginning."""
    place = (round(at_s * RATE_HZ) + np.arange(len(note))) % len(piece)
    np.add.at(piece, place, note)


def _to_alaw(sound: NDArray[np.float64], *, reference: NDArray[np.float64]) -> bytes:
    """Scaled so that `reference` has the level of -20 dBFS (RMS)."""
    gain = _FULL_SCALE * 10 ** (_LEVEL_DBFS / 20) / float(np.sqrt(np.mean(reference**2)))
    return alaw_encode(np.clip(sound * gain, -_FULL_SCALE, _FULL_SCALE).astype(np.int16))
