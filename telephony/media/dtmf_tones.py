"""The tone pairs of keys (ITU-T Q.23): how they sound, and which one 10 ms of sound hold, pure.

The spotting is Goertzel's filter at the eight frequencies, written as one matrix product so that a tick asks for all
legs at once. A pair counts when its two tones carry nearly all of the energy, none of them much more than the other
(twist, ITU-T Q.24), and loud enough: a voice does that for a moment at most, and `inband_digits` wants three in a row.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from domain.g711 import ALAW_DECODE, BYTES_PER_FRAME, RATE_HZ, alaw_encode

KEYS = "123A456B789C*0#D"
NO_KEY = -1
BLOCKS_PER_FRAME = 2
BLOCK_SAMPLES = BYTES_PER_FRAME // BLOCKS_PER_FRAME
"""10 ms: short enough for tones that are 1.5 % off, long enough to tell neighbouring rows apart."""

_ROWS_HZ = (697, 770, 852, 941)
_COLUMNS_HZ = (1209, 1336, 1477, 1633)
_AMPLITUDE = 5000.0
"""Of each tone: about -13 dBm0, as exchanges send them."""
_QUIETEST_POWER = 250.0**2
"""Mean square of a block: two tones of -39 dBm0, well below the -25 dBm0 that must be heard."""
_LEAST_SHARE = 0.72
_MOST_ROW_OVER_COLUMN = 12.0
_MOST_COLUMN_OVER_ROW = 5.0
_RAMP_SAMPLES = 16


def _waves() -> NDArray[np.float32]:
    """(80, 16): cosine and sine of each frequency, scaled so that a tone's projection is its share of the energy."""
    time_s = np.arange(BLOCK_SAMPLES)[:, None] / RATE_HZ
    angles = 2 * np.pi * time_s * np.array([*_ROWS_HZ, *_COLUMNS_HZ])[None, :]
    waves = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    scaled: NDArray[np.float32] = (waves * np.sqrt(2 / BLOCK_SAMPLES)).astype(np.float32)
    return scaled


def _spans() -> NDArray[np.float32]:
    """(16, 80, 4): for each key an orthonormal basis of what its two tones can be, whatever their phases."""
    waves = _waves()
    bases = []
    for key in range(len(KEYS)):
        row, column = key // 4, 4 + key % 4
        bases.append(np.linalg.qr(waves[:, [row, row + 8, column, column + 8]].astype(np.float64))[0])
    return np.array(bases, dtype=np.float32)


_WAVES = _waves()
_SPANS = _spans()
_DECODE = ALAW_DECODE.astype(np.float32)


def spot(frames: list[bytes]) -> NDArray[np.int64]:
    """Which key each 10 ms of the A-law frames (160 bytes each) hold: (frames, 2) places in `KEYS`, or NO_KEY."""
    codes = np.frombuffer(b"".join(frames), dtype=np.uint8)
    blocks = _DECODE.take(codes).reshape(-1, BLOCK_SAMPLES)
    energy = np.einsum("ij,ij->i", blocks, blocks)
    parts = (_WAVES.T @ blocks.T) ** 2
    tones = parts[:8] + parts[8:]
    low, high = tones[:4].max(axis=0), tones[4:].max(axis=0)
    likely = (energy >= _QUIETEST_POWER * BLOCK_SAMPLES) & (low + high > 0.5 * energy)
    likely &= (low < _MOST_ROW_OVER_COLUMN * high) & (high < _MOST_COLUMN_OVER_ROW * low)
    found = np.full(len(blocks), NO_KEY, dtype=np.int64)
    chosen = np.flatnonzero(likely)
    if chosen.size:
        keys = 4 * tones[:4, chosen].argmax(axis=0) + tones[4:, chosen].argmax(axis=0)
        within = np.einsum("ij,ijk->ik", blocks[chosen], _SPANS[keys])
        share = np.einsum("ij,ij->i", within, within) / energy[chosen]
        found[chosen] = np.where(share < _LEAST_SHARE, NO_KEY, keys)
    return found.reshape(-1, BLOCKS_PER_FRAME)


@lru_cache(maxsize=64)
def tone(key: str, duration_ms: int) -> bytes:
    """The sound of a key (one of KEYS) as A-law, without a click at its ends."""
    place = KEYS.index(key)
    samples = RATE_HZ * duration_ms // 1000
    time_s = np.arange(samples) / RATE_HZ
    pair_hz = (_ROWS_HZ[place // 4], _COLUMNS_HZ[place % 4])
    pcm = sum((_AMPLITUDE * np.sin(2 * np.pi * hz * time_s) for hz in pair_hz), start=np.zeros(samples))
    ramp = np.minimum(1.0, (np.arange(samples) + 1) / _RAMP_SAMPLES)
    return alaw_encode((pcm * ramp * ramp[::-1]).astype(np.int16))
