"""Gaussian states of the names of digits, on the frames of whisper's encoder: what each frame sounds like. Pure.

Three states from left to right for each name, one for silence, one for other speech. All have one covariance, so what
their log densities differ by is linear in the frame: the states are a matrix. Each machine fits its own
(asr.digit_fit).
"""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NAMES = "零一幺二三四五六七八九"
STATES_A_NAME = 3
SILENCE = STATES_A_NAME * len(NAMES)
OTHER = SILENCE + 1
STATES = OTHER + 1
_DIGITS = "01123456789"
"""Of each name."""
_HEAD = struct.Struct("<8sI")
_MAGIC = b"digits 1"

Scores = NDArray[np.float64]
"""(frames, STATES): log densities, less what is the same for all states of a frame."""


def names_of(digit: str) -> tuple[int, ...]:
    """The places in NAMES of what a digit is called: 1 is 一 or 幺."""
    return tuple(place for place, named in enumerate(_DIGITS) if named == digit)


def digit_named(name: int) -> str:
    """The digit that NAMES[name] means."""
    return _DIGITS[name]


@dataclass(frozen=True, eq=False)
class DigitStates:
    """weights: (width, STATES); offsets: (STATES,). A frame's scores are frame @ weights + offsets."""

    weights: NDArray[np.float32]
    offsets: NDArray[np.float32]

    @property
    def width(self) -> int:
        """Of the encoder whose frames these are."""
        return len(self.weights)

    def scores(self, frames: NDArray[np.floating]) -> Scores:
        """frames: (frames, width)."""
        return np.asarray(frames, np.float64) @ self.weights.astype(np.float64) + self.offsets

    def content(self) -> bytes:
        """As a file."""
        numbers = np.concatenate([self.weights.ravel(), self.offsets])
        return _HEAD.pack(_MAGIC, self.width) + numbers.astype("<f4").tobytes()


def states_in(content: bytes) -> DigitStates:
    """What `content` wrote; ValueError when it is something else, or cut."""
    if len(content) < _HEAD.size:
        raise ValueError("too short for states of digits")
    magic, width = _HEAD.unpack_from(content)
    if magic != _MAGIC or len(content) != _HEAD.size + 4 * STATES * (width + 1):
        raise ValueError("no states of digits, or cut")
    numbers = np.frombuffer(content, "<f4", offset=_HEAD.size).astype(np.float32)
    if not np.isfinite(numbers).all():
        raise ValueError("states of digits that are no numbers")
    return DigitStates(numbers[: STATES * width].reshape(width, STATES), numbers[STATES * width :])
