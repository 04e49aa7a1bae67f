"""Where somebody speaks in a clean recording, by its level alone: what detectors are judged by in bench.vad.

The threshold is that of ITU-T P.56, method B: 15.9 dB below the active speech level, which is the level of the parts
above that threshold with a hang-over of 200 ms. A frame of 10 ms is voice where the 25 ms around its middle are louder.
What is louder for less than 50 ms is a click; what is quieter for less than the 200 ms is a stop or a breath within the
speech. No detector has a say in it.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

FRAME_MS = 10
_MARGIN_DB = 15.9
_HANG_OVER_S = 0.2
_TIME_CONSTANT_S = 0.03
_WINDOW_S = 0.025
_BRIDGED_FRAMES = 20
_CLICK_FRAMES = 5
_QUIETEST_DB, _STEP_DB = -90.0, 0.25

Wave = NDArray[np.float32]
Flags = NDArray[np.bool_]


def active_threshold_db(samples: Wave, rate_hz: int) -> float:
    """The level (dB, of samples −1..1) from which P.56 calls these samples active; −90 where nothing sounds."""
    envelope = np.abs(samples).astype(np.float64)
    for _ in range(2):
        forget = np.exp(-1 / (rate_hz * _TIME_CONSTANT_S))
        envelope = lfilter([1 - forget], [1, -forget], envelope)
    energy = float(np.sum(samples.astype(np.float64) ** 2))
    hang = round(_HANG_OVER_S * rate_hz)
    threshold_db = _QUIETEST_DB
    while (above := np.flatnonzero(envelope >= 10 ** (threshold_db / 20))).size:
        ends = np.append(np.diff(above), len(envelope) - above[-1])
        active_db = 10 * np.log10(energy / float(np.minimum(ends, hang).sum()) + 1e-12)
        if active_db - threshold_db <= _MARGIN_DB:
            break
        threshold_db += _STEP_DB
    return threshold_db


def levels_db(samples: Wave, rate_hz: int) -> NDArray[np.float64]:
    """For each 10 ms the level of the 25 ms around their middle."""
    step, window = rate_hz * FRAME_MS // 1000, round(rate_hz * _WINDOW_S)
    power = np.convolve(samples.astype(np.float64) ** 2, np.full(window, 1 / window), "same")
    middles = np.arange(len(samples) // step) * step + step // 2
    levels: NDArray[np.float64] = 10 * np.log10(power[middles] + 1e-12)
    return levels


def voice_of(samples: Wave, rate_hz: int) -> Flags:
    """For each 10 ms whether somebody speaks."""
    voiced: Flags = levels_db(samples, rate_hz) > active_threshold_db(samples, rate_hz)
    for begin, end in _runs(voiced):
        voiced[begin:end] = end - begin >= _CLICK_FRAMES
    spans = _runs(voiced)
    for (_, end), (begin, _) in pairwise(spans):
        voiced[end:begin] = begin - end < _BRIDGED_FRAMES
    return voiced


def _runs(flags: Flags) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]
