"""How far an engine's hypotheses agree on each character of a text.

This is what a confusion network tells, without building one: each hypothesis is laid beside the text, and a character's
share is the weight of those that have it in its place (L. Mangu, E. Brill, A. Stolcke: Finding consensus in speech
recognition, 2000).
"""

import math
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from asr.recogniser import Hypothesis
from asr.spoken_form import SpokenForm, spoken_form

FLATTENING = 0.5
"""Engines are surer of their first hypothesis than they are right."""


def shares(forms: Sequence[SpokenForm], hypotheses: Sequence[Hypothesis], of: SpokenForm) -> list[float]:
    """For each sound of `of` the share (0..1) of the hypotheses' weight that has it too; forms: the hypotheses' own."""
    out = [0.0] * len(of.sounds)
    for form, weight in zip(forms, _weights(hypotheses), strict=True):
        for block in Levenshtein.opcodes(of.sounds, form.sounds):
            if block.tag == "equal":
                for place in range(block.src_start, block.src_end):
                    out[place] += weight
    return [min(1.0, share) for share in out]


def agreement(text: str, hypotheses: Sequence[Hypothesis]) -> tuple[float, ...]:
    """For each character of `text` the share of the hypotheses' weight that has it in its place.

    A number in digits has that of its least sure sound; punctuation, which has no sound, that of the character before.
    """
    form = spoken_form(text)
    sounds = shares([spoken_form(hypothesis.text) for hypothesis in hypotheses], hypotheses, form)
    placed = {place: share for place, share in zip(form.places, sounds, strict=True) if place >= 0}
    numbers = iter(_runs(form, sounds))
    out: list[float] = []
    number: float | None = None
    for place, character in enumerate(text):
        if place in placed:
            number = None
            out.append(placed[place])
        elif character.isalnum():
            number = next(numbers, 0.0) if number is None else number
            out.append(number)
        else:
            out.append(out[-1] if out else 1.0)
    return tuple(out)


def _weights(hypotheses: Sequence[Hypothesis]) -> list[float]:
    top = max(hypothesis.log_probability for hypothesis in hypotheses)
    weights = [math.exp(FLATTENING * (hypothesis.log_probability - top)) for hypothesis in hypotheses]
    total = sum(weights)
    return [weight / total for weight in weights]


def _runs(form: SpokenForm, sounds: Sequence[float]) -> list[float]:
    """The least share of each run of sounds that stands for a number in digits."""
    least: list[float] = []
    inside = False
    for place, share in zip(form.places, sounds, strict=True):
        if place >= 0:
            inside = False
        elif inside:
            least[-1] = min(least[-1], share)
        else:
            least.append(share)
            inside = True
    return least
