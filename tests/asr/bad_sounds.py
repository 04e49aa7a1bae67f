"""Sound in which nobody says anything, 3 s each at 8 kHz."""

import numpy as np

from asr.recogniser import Samples
from asr.telephone import as_int16
from domain.g711 import RATE_HZ
from tests.asr.sounds import silence, tone

MS = 3000
_COUNT = MS * RATE_HZ // 1000
_MELODY_HZ = (262, 330, 392, 523, 440, 349, 294, 392, 523, 392, 330, 262)


def music() -> Samples:
    """A plucked melody with its bass, a note each quarter of a second."""
    time_s = np.arange(_COUNT // len(_MELODY_HZ)) / RATE_HZ
    decay = np.exp(-4 * time_s)
    notes = [
        decay * sum(np.sin(2 * np.pi * hz * part * time_s) / part for part in (0.5, 1, 2, 3, 4)) for hz in _MELODY_HZ
    ]
    return as_int16((0.15 * np.concatenate(notes)).astype(np.float32))


def bad_sounds() -> dict[str, Samples]:
    """By name."""
    signs = np.where(np.random.default_rng(3).normal(size=_COUNT) > 0, 1, -1)
    click = silence(MS)
    click[_COUNT // 2] = 32767
    return {
        "silence": silence(MS),
        "tone": tone(MS, 1000.0),
        "clipped tone": np.clip(10 * tone(MS, 300.0).astype(np.int32), -32768, 32767).astype(np.int16),
        "ringing": np.concatenate([tone(1000, 450.0), silence(MS - 1000)]),
        "music": music(),
        "one-bit noise": (signs * 32767).astype(np.int16),
        "faint one-bit noise": (signs * 2000).astype(np.int16),
        "a constant": np.full(_COUNT, 12_000, dtype=np.int16),
        "a click": click,
    }
