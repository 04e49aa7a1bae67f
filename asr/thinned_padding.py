"""The silence behind a clip, thinned out: Whisper needs much of it, but most of its frames say the same. Pure.

Whisper learned on windows of 30 s and loops on sound that ends at once, so seconds of silence stand behind each clip;
they were most of the encoder's work. A second of it stays as it is. Of the rest each _STRIDE frames are one, at the
place of their middle, and attention gives it the weight of all of them (log _STRIDE is added to what it is worth).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FRAMES_PER_S = 50
"""Of the encoder's output."""
_MOST_FRAMES = 1500
"""Whisper's window of 30 s."""
_DENSE = 50
"""Frames of silence that stay."""
_STRIDE = 8


@dataclass(frozen=True)
class Padding:
    """What stands behind the sound, and the least length of both together."""

    behind_s: float
    at_least_s: float


@dataclass(frozen=True)
class ThinFrames:
    """The frames that are encoded. places: where each stands in time; weights: for how many frames it stands."""

    places: NDArray[np.int64]
    weights: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.places)


def thin_frames(seconds: float, padding: Padding) -> ThinFrames:
    """Of sound that is so long. None of the sound is thinned out."""
    sound = math.ceil(seconds * FRAMES_PER_S)
    at_least = max(padding.at_least_s * FRAMES_PER_S, sound + padding.behind_s * FRAMES_PER_S)
    end = min(_MOST_FRAMES, math.ceil(at_least))
    dense = min(end, sound + _DENSE)
    begins = np.arange(dense, end, _STRIDE)
    counts = np.minimum(_STRIDE, end - begins)
    places = np.concatenate([np.arange(dense), begins + counts // 2])
    return ThinFrames(places, np.concatenate([np.ones(dense), counts]).astype(np.float32))
