"""Frames in which digits are said, made of numbers: each state of a name has its place among all frames."""

from functools import cache

import numpy as np

from asr.digit_fit import ReadFrames, fit_states
from asr.digit_states import NAMES, OTHER, SILENCE, STATES, STATES_A_NAME, DigitStates

_WIDTH = 24
_NOISE = 0.3
_SILENT = 10
_PLACES = np.random.default_rng(1).normal(0.0, 1.0, (STATES, _WIDTH))


def frames_saying(names: str, seed: int, *, words: int = 0, pause_after: int = 0) -> np.ndarray:
    """Silence, other words for so many frames, the names (a pause behind the first few), silence."""
    chance = np.random.default_rng(seed)
    states = [SILENCE] * _SILENT + [OTHER] * words
    for number, name in enumerate(names, 1):
        for part in range(STATES_A_NAME):
            states += [STATES_A_NAME * NAMES.index(name) + part] * int(chance.integers(3, 7))
        states += [SILENCE] * (8 if number == pause_after else 0)
    states += [SILENCE] * _SILENT
    return (_PLACES[states] + chance.normal(0.0, _NOISE, (len(states), _WIDTH))).astype(np.float32)


def read_frames() -> list[ReadFrames]:
    """Every name at each place of a line, and other words."""
    out = []
    for seed, shift in enumerate([*range(len(NAMES))] * 3):
        names = NAMES[shift:] + NAMES[:shift]
        names = names + names[-1]
        frames = frames_saying(names, seed)
        out.append(ReadFrames(frames, (_SILENT, len(frames) - _SILENT), names))
    words = frames_saying("", 100, words=60)
    return [*out, ReadFrames(words, (_SILENT, len(words) - _SILENT), "")]


@cache
def made_states() -> DigitStates:
    return fit_states(read_frames())
