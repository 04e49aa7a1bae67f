"""From an engine's best hypotheses to the text that is believed: each is rewritten, and the likeliest one is taken."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from asr.agreement import shares
from asr.hot_words import HotWordIndex
from asr.recogniser import Hypothesis
from asr.rewriting import Rewriter
from asr.sound_alike import SoundIndex
from asr.spoken_form import SpokenForm, spoken_form
from asr.word_model import KenlmWords
from domain.speech import Correction

_LEAST_SURE = 0.3
"""A character's sureness when no other hypothesis has it."""


@dataclass(frozen=True)
class Believed:
    """text: the likeliest text; corrections: what in it is not as the engine wrote it, in order, not overlapping."""

    text: str
    corrections: tuple[Correction, ...]


class Rescorer:
    """Chooses among hypotheses with the help of a language model."""

    def __init__(self, rewriter: Rewriter) -> None:
        self._rewriter = rewriter

    def believed(self, hypotheses: Sequence[Hypothesis], hot: Sequence[HotWordIndex] = ()) -> Believed:
        """The likeliest text. hypotheses: at least one; those that say the same strengthen each other. hot: words that
        are likelier here than elsewhere."""
        forms = [spoken_form(hypothesis.text) for hypothesis in hypotheses]
        sureness = _sureness(hypotheses, forms)
        found: dict[str, tuple[float, float, Believed]] = {}
        for hypothesis, form, sure in zip(hypotheses, forms, sureness, strict=True):
            if not form.sounds:
                continue
            rewriting = self._rewriter.best(form.sounds, sure, hot)
            score = hypothesis.log_probability + rewriting.score
            text = form.with_sounds(hypothesis.text, rewriting.sounds)
            total, best, believed = found.get(rewriting.sounds, (-math.inf, -math.inf, Believed("", ())))
            if score > best:
                best, believed = score, Believed(text, corrections(hypothesis.text, text))
            found[rewriting.sounds] = (_added(total, score), best, believed)
        if not found:
            return Believed(hypotheses[0].text, ())
        return max(found.values(), key=lambda entry: entry[0])[2]


def rescorer_with(model_file: Path) -> Rescorer:
    """A rescorer with the word model in a file; takes one or two seconds. ModelError when it does not load."""
    model = KenlmWords(model_file)
    commonest_first = sorted(model.words, key=lambda word: -model.follow(model.start, word)[0])
    return Rescorer(Rewriter(model, SoundIndex(commonest_first)))


def corrections(original: str, text: str) -> tuple[Correction, ...]:
    """Where two texts of equal length differ, neighbouring characters together."""
    spans: list[tuple[int, int]] = []
    for place, (before, after) in enumerate(zip(original, text, strict=True)):
        if before == after:
            continue
        if spans and spans[-1][1] == place:
            spans[-1] = (spans[-1][0], place + 1)
        else:
            spans.append((place, place + 1))
    return tuple(Correction(start, end, original[start:end]) for start, end in spans)


def _sureness(hypotheses: Sequence[Hypothesis], forms: Sequence[SpokenForm]) -> list[list[float]]:
    """For each hypothesis and each of its sounds, how much of the hypotheses' weight has it too."""
    return [[_LEAST_SURE + (1 - _LEAST_SURE) * share for share in shares(forms, hypotheses, form)] for form in forms]


def _added(one: float, other: float) -> float:
    """log(eᵃ + eᵇ)."""
    high, low = max(one, other), min(one, other)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))
