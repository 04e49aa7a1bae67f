"""A telephone line: 8 kHz, 300–3400 Hz, G.711 A-law: what benches, tests and fits make of other sound."""

from math import gcd

import numpy as np
from numpy.typing import NDArray

from asr.recogniser import Samples
from domain.g711 import RATE_HZ, alaw_decode, alaw_encode

QUIET_BEFORE_S, QUIET_AFTER_S = 0.3, 0.5
"""What a listener keeps before and after the voice."""
_LINE_NOISE = 8.0
"""Standard deviation, of 32767: −72 dBFS, a quiet line."""
_TAPS = 255
_BAND_HZ = (300.0, 3400.0)


def resampled(samples: NDArray[np.float32], rate_hz: int, to_hz: int) -> NDArray[np.float32]:
    """The same sound at another rate, by a polyphase filter."""
    if rate_hz == to_hz:
        return samples
    from scipy.signal import resample_poly  # a second to import, which commands without sound need not pay

    common = gcd(rate_hz, to_hz)
    out: NDArray[np.float32] = resample_poly(samples, to_hz // common, rate_hz // common).astype(np.float32)
    return out


def as_int16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """−1..1 as int16, clipped."""
    return np.clip(np.round(samples * 32767.0), -32768, 32767).astype(np.int16)


def telephone_alaw(samples: NDArray[np.float32], rate_hz: int) -> bytes:
    """Samples (−1..1) as the A-law bytes that a telephone at the other end of a line would send."""
    from scipy.signal import firwin

    narrow = resampled(samples, rate_hz, RATE_HZ)
    band = firwin(_TAPS, _BAND_HZ, pass_zero=False, fs=RATE_HZ)
    return alaw_encode(as_int16(np.convolve(narrow, band, "same").astype(np.float32)))


def on_quiet_line(alaw: bytes) -> Samples:
    """A voice between a little of a quiet telephone line, after A-law at 8 kHz; the same each time."""
    chance = np.random.default_rng(len(alaw))
    before, after = (
        chance.normal(0.0, _LINE_NOISE, round(seconds * RATE_HZ)).astype(np.int16)
        for seconds in (QUIET_BEFORE_S, QUIET_AFTER_S)
    )
    return alaw_decode(alaw_encode(before) + alaw + alaw_encode(after)).reshape(-1)
