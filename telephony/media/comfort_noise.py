"""Comfort noise (RFC 3389): what is heard while the far end only describes its background, pure.

The payload gives the level and, perhaps, reflection coefficients of the spectrum: white noise through their all-pole
filter, one second of it, from which frames are cut at random. The recording keeps plain silence: it shall not hold
what nobody said.
"""

import random
from functools import lru_cache

import numpy as np

from domain.g711 import BYTES_PER_FRAME, RATE_HZ, alaw_encode

PAYLOAD_TYPE = 13
_MOST_COEFFICIENTS = 10
_REFLECTION_STEP = 258 / 32768
_LOUDEST_DBOV = -30.0
"""Background that would be louder is a mistake or an attack on the listener's ear."""
_FULL_SCALE = 32767.0
_STABLE = 0.98


class ComfortNoise:
    """Follows the noise packets of one stream."""

    __slots__ = ("_payload", "described")

    def __init__(self) -> None:
        self.described = False
        self._payload = b""

    def describe(self, payload: bytes) -> None:
        """A noise packet came: from now on a missing frame is noise."""
        self._payload = bytes(payload[: 1 + _MOST_COEFFICIENTS])
        self.described = bool(self._payload)

    def stop(self) -> None:
        """Sound came: a missing frame is a lost one again."""
        self.described = False

    def frame(self) -> bytes | None:
        """160 A-law bytes of the described noise; None while there is none described."""
        if not self.described:
            return None
        noise = _noise(self._payload)
        start = random.randrange(len(noise) - BYTES_PER_FRAME)
        return noise[start : start + BYTES_PER_FRAME]


@lru_cache(maxsize=256)
def _noise(payload: bytes) -> bytes:
    """A second of noise of this description."""
    level_dbov = max(-127.0, min(_LOUDEST_DBOV, -float(payload[0] & 0x7F)))
    reflections = [max(-_STABLE, min(_STABLE, (code - 127) * _REFLECTION_STEP)) for code in payload[1:]]
    white = np.random.default_rng(payload[0]).standard_normal(RATE_HZ)
    shaped = np.fft.irfft(np.fft.rfft(white) / np.fft.rfft(_predictor(reflections), RATE_HZ), RATE_HZ)
    rms = float(np.sqrt(np.mean(shaped**2)))
    scaled = shaped * (_FULL_SCALE * 10 ** (level_dbov / 20) / rms)
    return alaw_encode(np.clip(scaled, -_FULL_SCALE, _FULL_SCALE).astype(np.int16))


def _predictor(reflections: list[float]) -> list[float]:
    """The filter's polynomial, by Levinson's step-up; stable since every coefficient is below 1."""
    polynomial = [1.0]
    for reflection in reflections:
        longer = [*polynomial, 0.0]
        polynomial = [forward + reflection * backward for forward, backward in zip(longer, longer[::-1], strict=True)]
    return polynomial
