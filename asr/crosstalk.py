"""Whether an utterance is what its telephone was sent, fed back by a hybrid or picked up by the handset. Pure.

What a telephone is sent is the other side's voice, and prompts. Such an echo is that sound, later, weaker and coloured:
one short filter makes it from that. So the delay is looked for, the filter is fitted, and the utterance is crosstalk
only when the filter explains it everywhere. Whoever speaks at the same time is not explained, be it for a tenth of a
second: a doubt keeps the utterance. The filter is fitted on every second block and tried on the others, so that it
cannot learn what it has to explain.
"""

from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from asr.recogniser import Samples
from domain.g711 import RATE_HZ

LEAD_MS = 440
"""So much of the other side's sound from before the utterance is looked at: the longest delay, and the filter."""
_PER_MS = RATE_HZ // 1000
_LEAD = LEAD_MS * _PER_MS
_LONGEST_DELAY_MS = 400
_TAPS_BEFORE, _TAPS_AFTER = 16, 48
_BLOCK = 64 * _PER_MS
"""Samples that are explained, or not, together."""
_FEWEST_LOUD = 8
"""Blocks with sound: half a second."""
_LOWER = 10 ** (-6 / 10)
"""An echo has at most so much of the power of what it comes from."""
_LOUD = 6.0
"""A block counts from this multiple of the noise's power."""
_FLOOR_PERCENT = 10
_NOISE = 3.0
_LEFT_IN_BLOCK, _LEFT = 0.25, 0.1
"""What may stay unexplained: a share of the power, of each block and of all, beside _NOISE times the noise's."""
_EMPHASIS = 0.9

Wave = NDArray[np.float32]


class Origin(Enum):
    """UNKNOWN: too little sound to tell."""

    OWN = auto()
    CROSSTALK = auto()
    UNKNOWN = auto()


def is_crosstalk(own: Samples, other: Samples) -> bool:
    """As `origin` has it; a doubt is none."""
    return origin(own, other) is Origin.CROSSTALK


def origin(own: Samples, other: Samples) -> Origin:
    """own: an utterance at 8 kHz, with the silence around it; other: what its telephone was sent at the same time, and
    LEAD_MS before it. 8 ms of one core for a second of sound, none where what was sent is not the louder one."""
    blocks = min(len(own), len(other) - _LEAD) // _BLOCK
    if blocks < _FEWEST_LOUD:
        return Origin.UNKNOWN
    mine = own[: blocks * _BLOCK].astype(np.float32)
    theirs = other[: _LEAD + blocks * _BLOCK].astype(np.float32)
    powers, floor = _powers(mine), _floor(mine)
    loud = powers > _LOUD * floor
    if not loud.any():
        return Origin.UNKNOWN
    if powers[loud].mean() > _LOWER * float(np.mean(theirs**2)):
        return Origin.OWN
    if loud.sum() < _FEWEST_LOUD:
        return Origin.UNKNOWN
    left = _left(mine, _lagged(theirs, len(mine), _delay(mine, theirs)), loud)
    explained = bool(
        np.all(left <= _LEFT_IN_BLOCK * powers[loud] + _NOISE * floor)
        and left.sum() <= _LEFT * powers[loud].sum() + _NOISE * floor * loud.sum()
    )
    return Origin.CROSSTALK if explained else Origin.OWN


def _powers(wave: Wave, size: int = _BLOCK) -> NDArray[np.float32]:
    """Of each block."""
    powers: NDArray[np.float32] = np.mean(wave[: len(wave) // size * size].reshape(-1, size) ** 2, axis=1)
    return powers


def _floor(wave: Wave) -> float:
    """The power of the quietest moments: the line's own noise."""
    return float(np.percentile(_powers(wave, 20 * _PER_MS), _FLOOR_PERCENT)) + 1.0


def _delay(mine: Wave, theirs: Wave) -> int:
    """By how many samples the other side's sound comes later here, by the highest correlation."""
    own, other = (np.append(wave[:1], wave[1:] - _EMPHASIS * wave[:-1]) for wave in (mine, theirs))
    size = next_fast_len(len(other) + len(own), real=True)
    spectrum = rfft(other, size) * np.conj(rfft(own, size))
    agreement = np.abs(irfft(spectrum, size)[: _LEAD + 1])
    delays = _LEAD - np.arange(_LEAD + 1)
    allowed = delays <= _LONGEST_DELAY_MS * _PER_MS
    return int(delays[allowed][np.argmax(agreement[allowed])])


def _lagged(theirs: Wave, length: int, delay: int) -> Wave:
    """What the filter has to make each sample of: the other side's around the delayed place; (length, taps)."""
    first = _LEAD - delay - _TAPS_AFTER
    padded = np.concatenate([np.zeros(max(0, -first), np.float32), theirs, np.zeros(_TAPS_BEFORE, np.float32)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, _TAPS_BEFORE + _TAPS_AFTER + 1)
    taps: Wave = windows[max(0, first) : max(0, first) + length]
    return taps


def _left(mine: Wave, heard: Wave, loud: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The power that stays unexplained in each loud block, by a filter that was fitted on the others."""
    places = np.flatnonzero(loud)
    blocks = [(heard[at * _BLOCK : (at + 1) * _BLOCK], mine[at * _BLOCK : (at + 1) * _BLOCK]) for at in places]
    squares = [(taps.T @ taps, taps.T @ wave) for taps, wave in blocks]
    left = np.zeros(len(blocks), dtype=np.float32)
    for fold in range(2):
        fitted = squares[1 - fold :: 2]
        matrix, vector = (np.sum([pair[part] for pair in fitted], axis=0) for part in range(2))
        ridge = 1e-4 * np.trace(matrix) / len(vector) + 1e-3
        taps = np.linalg.solve(matrix + ridge * np.eye(len(vector)), vector).astype(np.float32)
        for number in range(fold, len(blocks), 2):
            left[number] = np.mean((blocks[number][1] - blocks[number][0] @ taps) ** 2)
    return left
