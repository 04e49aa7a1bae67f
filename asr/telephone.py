"""A telephone line: 8 kHz, 300–3400 Hz, G.711 A-law: what benches and tests make of wide-band sound."""

from math import gcd

import numpy as np
from numpy.typing import NDArray

from domain.g711 import RATE_HZ, alaw_encode

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
