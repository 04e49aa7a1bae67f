"""Whether an utterance is what its telephone was sent, fed back by a hybrid or picked up by the handset. Pure.

What a telephone is sent is the other side's voice, and prompts. Such an echo is that sound, later, weaker and coloured:
one short filter makes it from that. So the delay is looked for, the filter is fitted, and the utterance is crosstalk
only when the filter explains it everywhere; where a jitter buffer moves it on its way, a filter each half second.
Whoever speaks at the same time is not explained, be it for a tenth of a second: a doubt keeps the utterance. The filter
is fitted on every second block and tried on the others, so that it cannot learn what it has to explain.
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
_LEFT_IN_BLOCK, _LEFT, _FAINT = 0.25, 0.1, 0.05
"""What may stay unexplained beside _NOISE times the noise's power: a share of each block's, of all blocks', and in a
block that is faint itself so much of the mean block's: nobody is understood 13 dB below an echo."""
_EMPHASIS = 0.9
_PART = 8 * _PER_MS
_STRETCH = 8
"""Blocks that are explained by a filter of their own where one for all does not do; they begin two blocks apart."""
_FEWEST_IN_STRETCH = 4
_HALF, _SOME = 0.6, 0.2
"""Where not even a fifth of the blocks lose so much, none of it is an echo."""

Wave = NDArray[np.float32]


class Origin(Enum):
    """UNKNOWN: too little sound to tell, in all or of the last half second, which differs from what was an echo."""

    OWN = auto()
    CROSSTALK = auto()
    UNKNOWN = auto()


def is_crosstalk(own: Samples, other: Samples) -> bool:
    """As `origin` has it; a doubt is none."""
    return origin(own, other) is Origin.CROSSTALK


def origin(own: Samples, other: Samples, *, goes_on: bool = False) -> Origin:
    """own: an utterance at 8 kHz, with the silence around it; other: what its telephone was sent at the same time, and
    LEAD_MS before it. goes_on: own has no beginning, which was judged before: what can only be explained together with
    that is passed over. 3 to 25 ms of one core for a second of sound, none where what was sent is not the louder."""
    blocks = min(len(own), len(other) - _LEAD) // _BLOCK
    if blocks < _FEWEST_LOUD:
        return Origin.UNKNOWN
    mine = own[: blocks * _BLOCK].astype(np.float32)
    theirs = other[: _LEAD + blocks * _BLOCK].astype(np.float32)
    powers, floor = _powers(mine), _floor(mine)
    loud = powers > _LOUD * floor
    if not loud.any():
        return Origin.UNKNOWN
    if powers[loud].mean() > _LOWER * _loudness(theirs):
        return Origin.OWN
    if loud.sum() < _FEWEST_LOUD:
        return Origin.UNKNOWN
    return _judged(mine, theirs, loud, goes_on=goes_on)


def _judged(mine: Wave, theirs: Wave, loud: NDArray[np.bool_], *, goes_on: bool) -> Origin:
    """By what filters leave of the loud blocks, of which there are at least _FEWEST_LOUD."""
    left, powers, floor = _left(mine, theirs, loud), _powers(mine)[loud], _floor(mine)
    if not (_explained(left, powers, floor).all() and _little(left, powers, floor)):
        rough = _left_of_parts(mine, theirs, loud, every=_STRETCH // 2)
        if np.mean(rough.mean(axis=1) < _HALF * powers) >= _SOME:
            left = np.minimum(left, _left_of_parts(mine, theirs, loud, every=1))
            worst = np.argmax(left.mean(axis=1) / powers)
            left[worst, left[worst].argmax()] = 0.0  # where it moved a part lies across the joint: no filter makes it
    judged = slice(_FEWEST_IN_STRETCH + 1 if goes_on else 0, None)
    explained = _explained(left, powers, floor)[judged]
    if explained.all() and _little(left[judged], powers[judged], floor):
        return Origin.CROSSTALK
    may_have_moved = explained[:-_FEWEST_LOUD].all()
    return Origin.UNKNOWN if may_have_moved else Origin.OWN


def _explained(left: Wave, powers: Wave, floor: float) -> NDArray[np.bool_]:
    """For each block. left: the power that stays unexplained in each loud block's parts; powers: the blocks'."""
    allowed = np.maximum(_LEFT_IN_BLOCK * powers, _FAINT * powers.mean()) + _NOISE * floor
    explained: NDArray[np.bool_] = left.mean(axis=1) <= allowed
    return explained


def _little(left: Wave, powers: Wave, floor: float) -> bool:
    """Whether little of all blocks together stays unexplained."""
    return bool(left.mean(axis=1).sum() <= _LEFT * powers.sum() + _NOISE * floor * len(powers))


def _left_of_parts(mine: Wave, theirs: Wave, loud: NDArray[np.bool_], *, every: int) -> Wave:
    """As `_left`, with a filter for each half second: a jitter buffer that grows or shrinks moves the echo.

    every: after so many loud blocks the next stretch of them ends.
    """
    places = np.flatnonzero(loud)
    least = np.full((len(places), _BLOCK // _PART), np.inf, dtype=np.float32)
    for end in range(max(every, _FEWEST_IN_STRETCH), len(places) + _FEWEST_IN_STRETCH + 1, every):
        stretch = slice(max(0, end - _STRETCH), min(end, len(places)))
        if stretch.stop - stretch.start >= _FEWEST_IN_STRETCH:
            first, last = places[stretch.start], places[stretch.stop - 1] + 1
            sent = theirs[first * _BLOCK : _LEAD + last * _BLOCK]
            left = _left(mine[first * _BLOCK : last * _BLOCK], sent, loud[first:last])
            least[stretch] = np.minimum(least[stretch], left)
    return least


def _powers(wave: Wave, size: int = _BLOCK) -> NDArray[np.float32]:
    """Of each block."""
    powers: NDArray[np.float32] = np.mean(wave[: len(wave) // size * size].reshape(-1, size) ** 2, axis=1)
    return powers


def _loudness(wave: Wave) -> float:
    """Its mean power where it is loud, 0 for silence: a prompt that has just begun is as loud as one that goes on."""
    powers = _powers(wave)
    loud = powers[powers > _LOUD * _floor(wave)]
    return float(loud.mean()) if len(loud) else 0.0


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


def _left(mine: Wave, theirs: Wave, loud: NDArray[np.bool_]) -> Wave:
    """The power that stays unexplained in each part of each loud block, by a filter that was fitted on other blocks."""
    heard = _lagged(theirs, len(mine), _delay(mine, theirs))
    places = np.flatnonzero(loud)
    blocks = [(heard[at * _BLOCK : (at + 1) * _BLOCK], mine[at * _BLOCK : (at + 1) * _BLOCK]) for at in places]
    squares = [(taps.T @ taps, taps.T @ wave) for taps, wave in blocks]
    left = np.zeros((len(blocks), _BLOCK // _PART), dtype=np.float32)
    for fold in range(2):
        fitted = squares[1 - fold :: 2]
        matrix, vector = (np.sum([pair[part] for pair in fitted], axis=0) for part in range(2))
        ridge = 1e-4 * np.trace(matrix) / len(vector) + 1e-3
        taps = np.linalg.solve(matrix + ridge * np.eye(len(vector)), vector).astype(np.float32)
        for number in range(fold, len(blocks), 2):
            left[number] = _powers(blocks[number][1] - blocks[number][0] @ taps, _PART)
    return left
