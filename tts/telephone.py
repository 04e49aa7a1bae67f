"""Synthesised sound made fit for a telephone line: no dead air at the ends, 300–3400 Hz, one level, A-law."""

from math import gcd

import numpy as np
from numpy.typing import NDArray

from domain.g711 import RATE_HZ, alaw_encode

LEVEL_DBFS = -20.0
"""RMS of the voiced parts."""
PEAK = 0.9
_FRAME_MS = 20
_SILENCE_BELOW_PEAK_DB = 42.0
_LEAD_MS = 20
_TAIL_MS = 60
_LOW_HZ = 120.0
_HIGH_HZ = 3500.0


def frame_rms(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """RMS of each whole 20 ms frame (a shorter sound is one frame)."""
    size = min(len(samples), rate_hz * _FRAME_MS // 1000)
    if size == 0:
        return np.zeros(0, dtype=np.float32)
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    return np.sqrt(np.mean(np.square(frames), axis=1, dtype=np.float32))


def _voiced(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.bool_]:
    rms = frame_rms(samples, rate_hz)
    loudest = float(rms.max(initial=0.0))
    return rms > max(loudest * 10 ** (-_SILENCE_BELOW_PEAK_DB / 20), 1e-5)


def trim_silence(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """Without the silence before and after, save for 20 and 60 ms; empty when all is silence."""
    voiced = np.flatnonzero(_voiced(samples, rate_hz))
    if not len(voiced):
        return samples[:0]
    frame = rate_hz * _FRAME_MS // 1000
    start = int(voiced[0]) * frame - rate_hz * _LEAD_MS // 1000
    end = (int(voiced[-1]) + 1) * frame + rate_hz * _TAIL_MS // 1000
    return samples[max(0, start) : end]


def shorten_pauses(samples: NDArray[np.float32], rate_hz: int, longest_ms: int) -> NDArray[np.float32]:
    """The same sound with the middle of each longer pause taken out; on the telephone a short pause is enough."""
    frame = rate_hz * _FRAME_MS // 1000
    voiced = _voiced(samples, rate_hz)
    keep = np.ones(len(samples), dtype=np.bool_)
    edges = np.flatnonzero(np.diff(np.concatenate(([True], voiced, [True])).astype(np.int8)))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        surplus = (end - start) - longest_ms // _FRAME_MS
        if surplus > 0:
            first = (start + longest_ms // _FRAME_MS // 2) * frame
            keep[first : first + surplus * frame] = False
    return samples[keep]


def level(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """The same sound with its voiced frames at LEVEL_DBFS, or less where a peak would pass PEAK."""
    voiced = _voiced(samples, rate_hz)
    if not voiced.any():
        return samples
    rms = float(np.sqrt(np.mean(np.square(frame_rms(samples, rate_hz)[voiced]))))
    gain = min(10 ** (LEVEL_DBFS / 20) / rms, PEAK / float(np.abs(samples).max()))
    return (samples * gain).astype(np.float32)


def telephone_samples(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """float32 at 8 kHz, band-limited and levelled."""
    from scipy.signal import butter, resample_poly, sosfiltfilt  # a second to import, which only rendering pays

    divisor = gcd(rate_hz, RATE_HZ)
    narrow = resample_poly(samples, RATE_HZ // divisor, rate_hz // divisor).astype(np.float32)
    band = butter(4, (_LOW_HZ, _HIGH_HZ), btype="bandpass", fs=RATE_HZ, output="sos")
    pad = min(len(narrow) - 1, 240)
    if pad > 0:
        narrow = sosfiltfilt(band, narrow, padlen=pad).astype(np.float32)
    return level(narrow, RATE_HZ)


def telephone_alaw(samples: NDArray[np.float32], rate_hz: int) -> bytes:
    """A-law at 8 kHz, one byte a sample."""
    narrow = telephone_samples(samples, rate_hz)
    return alaw_encode((np.clip(narrow, -1.0, 1.0) * 32767).astype(np.int16))
