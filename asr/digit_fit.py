"""Fits the states of digits to sounds of which is known what is read out. Pure, and equal for equal sounds.

Where each digit is nobody tells: they are first laid evenly over the sound, then, some times, where the states that
were fitted so far find them (Viterbi training).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asr.digit_path import likeliest_path
from asr.digit_states import NAMES, OTHER, SILENCE, STATES, STATES_A_NAME, DigitStates
from domain.errors import ModelError

FIT = 2
"""Raised whenever anything here, or in the encoder, changes what comes out."""
_ROUNDS = 4
_EVENED = 0.5
"""So much of the covariance is that of a ball, as there are few frames for so many numbers."""


@dataclass(frozen=True, eq=False)
class ReadFrames:
    """frames: (frames, width) of the encoder; voiced: the first frame of the voice and that behind its last;
    names: the digits' names in order, "" when something else is said."""

    frames: NDArray[np.float32]
    voiced: tuple[int, int]
    names: str


def fit_states(read: Sequence[ReadFrames]) -> DigitStates:
    """ModelError when not every digit's name is among what is read, or no other speech."""
    said = {name for one in read for name in one.names}
    if said != set(NAMES) or all(one.names for one in read):
        raise ModelError(
            "states of digits cannot be fitted: not every name of a digit is said, or no other words",
            where="asr.digit_fit",
            remedy="read all of them out",
        )
    labels = [_laid_evenly(one) for one in read]
    states = _states(read, labels)
    for _ in range(_ROUNDS):
        labels = [_laid_again(one, states, before) for one, before in zip(read, labels, strict=True)]
        states = _states(read, labels)
    return states


def _laid_evenly(read: ReadFrames) -> NDArray[np.int64]:
    """The state of each frame."""
    first, end = read.voiced
    labels = np.full(len(read.frames), SILENCE)
    if not read.names:
        labels[first:end] = OTHER
        return labels
    firsts = [STATES_A_NAME * NAMES.index(name) for name in read.names]
    states = np.add.outer(firsts, np.arange(STATES_A_NAME)).ravel()
    labels[first:end] = states[np.arange(end - first) * len(states) // (end - first)]
    return labels


def _laid_again(read: ReadFrames, states: DigitStates, before: NDArray[np.int64]) -> NDArray[np.int64]:
    if not read.names:
        return before
    scores = states.scores(read.frames)
    scores[:, OTHER] = scores[:, SILENCE]  # nothing else is said here
    path = likeliest_path(scores, [(NAMES.index(name),) for name in read.names])
    return before if path is None else path.labels


def _states(read: Sequence[ReadFrames], labels: Sequence[NDArray[np.int64]]) -> DigitStates:
    """The mean of each state, and the covariance that all have about theirs."""
    frames = np.concatenate([one.frames for one in read]).astype(np.float64)
    of = np.concatenate(labels)
    counts = np.bincount(of, minlength=STATES)
    means = np.zeros((STATES, frames.shape[1]))
    np.add.at(means, of, frames)
    means /= np.maximum(counts, 1)[:, None]
    means[counts == 0] = frames.mean(0)
    apart = frames - means[of]
    covariance = apart.T @ apart / len(frames)
    width = len(covariance)
    evened = (1 - _EVENED) * covariance + _EVENED * np.trace(covariance) / width * np.eye(width)
    weights = np.linalg.solve(evened, means.T)
    offsets = -0.5 * np.einsum("sw,ws->s", means, weights)
    return DigitStates(weights.astype(np.float32), offsets.astype(np.float32))
