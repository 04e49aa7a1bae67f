"""The likeliest way through a clip on which so many digits are read out: where each is, and which. Pure.

A semi-Markov search (Viterbi): each state lasts 1 to _LONGEST frames, silence may stand between two digits, silence and
other speech before and behind them all. A step of it is done for all frames together: some hundreds of operations of
numpy for a number, 5 ms.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asr.digit_states import SILENCE, STATES_A_NAME, Scores, digit_named, names_of

_LONGEST = 12
"""Frames of a state: three of these are 0.7 s."""
_NEVER = -1e9

Names = Sequence[int]
"""Places in asr.digit_states.NAMES."""


@dataclass(frozen=True)
class DigitPath:
    """names: in the order in which they are said. labels: the state of each frame. first, end: the number's frames.

    gain: by how much the digits are likelier than silence and other speech in their place, natural logarithm.
    """

    names: tuple[int, ...]
    labels: NDArray[np.int64]
    first: int
    end: int
    gain: float

    @property
    def digits(self) -> str:
        return "".join(map(digit_named, self.names))

    @property
    def gain_per_frame(self) -> float:
        return self.gain / (self.end - self.first)


@dataclass(frozen=True, eq=False)
class _Step:
    """One digit of the search. before: of the best ways that end at each edge between frames; entered: the same with a
    silence behind them; lengths: for each name and state the frames of it that end there; chosen: the best name."""

    before: NDArray[np.float64]
    entered: NDArray[np.float64]
    lengths: list[NDArray[np.int64]]
    chosen: NDArray[np.int64]
    names: Names


def likeliest_path(scores: Scores, places: Sequence[Names]) -> DigitPath | None:
    """places: for each of the number's digits the names that it may have. None when the clip is too short for them."""
    if len(scores) < STATES_A_NAME * len(places):
        return None
    sums, around = _sums(scores)
    reached, steps = around, []
    for names in places:
        entered = _after_silence(reached, sums[SILENCE])
        ways = np.broadcast_to(entered, (len(names), len(entered)))
        lengths = []
        for state in range(STATES_A_NAME):
            ways, ended = _through(ways, sums[_rows(names, state)])
            lengths.append(ended)
        steps.append(_Step(reached, entered, lengths, ways.argmax(0), names))
        reached = ways.max(0)
    end = int((reached - around).argmax())
    return _traced(scores, steps, sums[SILENCE], end, float((reached - around)[end]))


def gains_of(scores: Scores, numbers: Sequence[str]) -> dict[str, float]:
    """For each string of digits, all equally long, the gain of its likeliest way, 1 always being called the same."""
    if not numbers or len(scores) < STATES_A_NAME * len(numbers[0]):
        return {}
    sums, around = _sums(scores)
    called = np.array([[names_of(digit)[way] for digit in digits] for digits in numbers for way in (0, -1)])
    ways = np.broadcast_to(around, (len(called), len(around)))
    for names in called.T:
        ways = _after_silence(ways, sums[SILENCE])
        for state in range(STATES_A_NAME):
            ways = _gained_through(ways, sums[_rows(names.tolist(), state)])
    gains = (ways - around).max(1).reshape(len(numbers), 2).max(1)
    return dict(zip(numbers, gains.tolist(), strict=True))


def _sums(scores: Scores) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Up to each edge between frames: of every state (STATES, edges), and of the best of silence and other speech."""
    sums = np.zeros((scores.shape[1], len(scores) + 1))
    np.cumsum(scores.T, axis=1, out=sums[:, 1:])
    around = np.zeros(len(scores) + 1)
    np.cumsum(scores[:, SILENCE:].max(1), out=around[1:])
    return sums, around


def _rows(names: Names, state: int) -> list[int]:
    return [STATES_A_NAME * name + state for name in names]


def _after_silence(ways: NDArray[np.float64], silence: NDArray[np.float64]) -> NDArray[np.float64]:
    """With as much silence behind them as is best, or none."""
    through: NDArray[np.float64] = np.maximum.accumulate(ways - silence, axis=-1) + silence
    return np.maximum(ways, through)


def _through(ways: NDArray[np.float64], sums: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Each way with the state behind it that its sums are of, and how many frames that lasts."""
    from_each = ways - sums
    best = np.full(from_each.shape, _NEVER)
    lengths = np.zeros(from_each.shape, np.int64)
    for frames in _lengths(from_each):
        begun, ended = from_each[:, :-frames], best[:, frames:]
        np.copyto(lengths[:, frames:], frames, where=begun > ended)
        np.maximum(begun, ended, out=ended)
    return best + sums, lengths


def _gained_through(ways: NDArray[np.float64], sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same without the lengths."""
    from_each = ways - sums
    best = np.full(from_each.shape, _NEVER)
    for frames in _lengths(from_each):
        np.maximum(from_each[:, :-frames], best[:, frames:], out=best[:, frames:])
    return best + sums


def _lengths(ways: NDArray[np.float64]) -> range:
    return range(1, min(_LONGEST, ways.shape[1] - 1) + 1)


def _traced(scores: Scores, steps: list[_Step], silence: NDArray[np.float64], end: int, gain: float) -> DigitPath:
    """From the last frame of the number back to its first."""
    labels = SILENCE + scores[:, SILENCE:].argmax(1)
    names, edge, first = [], end, end
    for step in reversed(steps):
        row = int(step.chosen[edge])
        names.append(step.names[row])
        for state in reversed(range(STATES_A_NAME)):
            begin = edge - int(step.lengths[state][row, edge])
            labels[begin:edge] = STATES_A_NAME * step.names[row] + state
            edge = begin
        first = edge
        if step.entered[edge] > step.before[edge] and step is not steps[0]:
            begin = int((step.before - silence)[: edge + 1].argmax())
            labels[begin:edge] = SILENCE
            edge = begin
    return DigitPath(tuple(reversed(names)), labels, first, end, gain)
