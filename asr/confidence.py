"""How likely each character of a final is right, and so what share of its characters.

An engine's own probabilities are those of its first hypothesis' tokens; what is believed may be another text. So the
confidence is fitted: a logistic function of how far the hypotheses agree on the character, of
how probable the engine finds what it heard, and of whether the character was rewritten. `python -m bench.confidence`
fits it to recordings with transcripts (docs/asr.md: on what this one stands).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from asr.agreement import agreement
from asr.recogniser import Heard
from asr.spoken_form import spoken_form

_EDGE = 0.02
"""Shares of 0 and 1 have no logit; eight hypotheses do not tell them from this anyway."""
_DECIMALS = 2


class Signs(NamedTuple):
    """What tells of one character. own: logit of the hypotheses' agreement on it; probability: log probability of the
    engine's first hypothesis for each of its sounds; rewritten: 1.0 when it is not as the engine spelt it, else 0.0."""

    own: float
    probability: float
    rewritten: float


@dataclass(frozen=True)
class ConfidenceFit:
    """Weights of the signs in the logit of a character's being right."""

    intercept: float
    own: float
    probability: float
    rewritten: float

    def confidence(self, signs: Signs) -> float:
        """0..1."""
        logit = self.intercept + sum(
            weight * sign for weight, sign in zip((self.own, self.probability, self.rewritten), signs, strict=True)
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


WHISPER_BASE = ConfidenceFit(intercept=1.91, own=0.38, probability=3.15, rewritten=1.14)
"""Of whisper-base with beam 8, as `bench.confidence` prints it: 7,671 characters, real speech and its noisy copies."""


def signs(heard: Heard) -> list[Signs]:
    """For each character of the text; `alternatives` must not be empty."""
    shares = agreement(heard.text, heard.alternatives)
    first = heard.alternatives[0]
    probability = first.log_probability / (1 + len(spoken_form(first.text).sounds))
    rewritten = {place for each in heard.corrections for place in range(each.start, each.end)}
    return [Signs(_logit(share), probability, float(place in rewritten)) for place, share in enumerate(shares)]


def with_confidence(heard: Heard, fit: ConfidenceFit) -> Heard:
    """The same words, with how likely each of their characters is right, and the mean of those that sound."""
    if not heard.text or not heard.alternatives:
        return heard
    confidences = tuple(round(fit.confidence(each), _DECIMALS) for each in signs(heard))
    return replace(heard, confidence=mean_confidence(heard.text, confidences), char_confidence=confidences)


def mean_confidence(text: str, char_confidence: Sequence[float]) -> float:
    """The expected share of right characters; punctuation does not count unless there is nothing else."""
    sounding = [one for one, character in zip(char_confidence, text, strict=True) if character.isalnum()]
    counted = sounding or list(char_confidence)
    return round(sum(counted) / len(counted), _DECIMALS)


def _logit(share: float) -> float:
    return math.log((share + _EDGE) / (1 - share + _EDGE))
