"""Whether a confidence means something: what was promised beside what was right."""

from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import Levenshtein

from asr.scoring import folded
from asr.spoken_form import spoken_form

_BINS = 10


def right_places(reference: str, text: str) -> dict[int, bool]:
    """For each place of `text` that holds a sound whether it is in the reference too; digits have no places."""
    form = spoken_form(text)
    said = folded(reference)
    matched = {
        place
        for block in Levenshtein.opcodes(folded(form.sounds), said)
        if block.tag == "equal"
        for place in range(block.src_start, block.src_end)
    }
    return {place: number in matched for number, place in enumerate(form.places) if place >= 0}


def calibration_error(promised: Sequence[float], right: Sequence[float], weights: Sequence[float]) -> float:
    """Expected calibration error: the mean distance between promise and truth over ten equal bins of the promise.

    right: the share that is right, 0..1; weights: how many characters each stands for. (Naeini et al., 2015.)
    """
    values, truth, mass = np.asarray(promised), np.asarray(right), np.asarray(weights, dtype=float)
    bins = np.minimum((values * _BINS).astype(int), _BINS - 1)
    error = sum(abs(np.sum(mass[bins == one] * (values - truth)[bins == one])) for one in range(_BINS))
    return float(error / mass.sum())
