"""The likeliest Chinese for what an engine heard: a search over words that sound like its own, by a language model.

An engine's sounds are more often right than its characters. So each piece of its text may be read as any known word
that sounds the same or nearly so; each character that differs costs the more, the surer the engine was of its own.
The search is a dynamic programme over the places of the text with a beam at each (as an input method turns sounds into
characters).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from asr.hot_words import HotMatch, HotWordIndex
from asr.numerals import DIGITS
from asr.sound_alike import SoundAlike, SoundIndex
from asr.word_model import Context, WordModel
from domain.speech import LONGEST_HOT_WORD

_LONGEST_WORD = 6
_BEAM = 8
_HOPELESS = 1.5
"""A path that is so much less likely than the best one at its place is not followed (docs/asr.md)."""
_NUMERALS = frozenset(DIGITS + "十百千万亿点两幺")
_NUMERALS_AT_LEAST = 4
"""A run of so many is a number: no word model knows which digit follows."""
_NUMERAL = -1.0
_UNKNOWN = -16.1
"""Log probabilities of a character in a number and of one that is no word."""


@dataclass(frozen=True)
class Costs:
    """language: weight of the language model's log probability against the engine's; same, near, far: what a character
    that sounds the same, nearly so, or otherwise costs where the engine was sure (docs/asr.md: all fits are flat around
    these). hot, hot_character: what stands for the language model in a hot word, for the word and each character.
    """

    language: float = 0.2
    same: float = 1.0
    near: float = 2.0
    far: float = 3.0
    hot: float = -2.0
    hot_character: float = 0.5


@dataclass(frozen=True)
class Rewriting:
    """sounds: as long as the text that it stands for; score: log probability, to be added to the engine's own."""

    sounds: str
    score: float


@dataclass(frozen=True)
class _Path:
    score: float
    context: Context
    sounds: str


class Rewriter:
    """Finds rewritings with one language model."""

    def __init__(self, model: WordModel, index: SoundIndex, costs: Costs | None = None) -> None:
        self._model = model
        self._index = index
        self._costs = costs or Costs()

    def best(self, sounds: str, sureness: Sequence[float], hot: Sequence[HotWordIndex] = ()) -> Rewriting:
        """The best rewriting of `sounds` (a spoken form).

        sureness: for each character 0..1, how sure the engine is of it; 1 leaves the costs as they are.
        hot: words that are likelier here than the language model knows.
        """
        beams: list[dict[Context, _Path]] = [{} for _ in range(len(sounds) + 1)]
        beams[0][self._model.start] = _Path(0.0, self._model.start, "")
        for place in range(len(sounds)):
            paths = _hopeful(beams[place])
            if paths:
                self._go_on(paths, sounds, sureness, beams)
                for words in hot:
                    self._go_on_hot(
                        paths, words.at_beginning(sounds[place : place + LONGEST_HOT_WORD]), sureness, beams
                    )
        best = max(beams[-1].values(), key=lambda path: path.score)
        return Rewriting(best.sounds, best.score)

    def _go_on(
        self, paths: list[_Path], sounds: str, sureness: Sequence[float], beams: list[dict[Context, _Path]]
    ) -> None:
        place = len(paths[0].sounds)
        number = _number_at(sounds, place)
        if number:
            self._put_aside(paths, number, _NUMERAL * len(number), beams)
            return
        for end in range(place + 1, min(place + _LONGEST_WORD, len(sounds)) + 1):
            piece, sure, beam = sounds[place:end], sureness[place:end], beams[end]
            least = max((path.score for path in beam.values()), default=-math.inf) - _HOPELESS
            for word in self._index.alike(piece):
                cost = self._cost(word, sure)
                for path in paths:
                    # No word is surer than sure: of what is hopeless without its probability the model is not asked.
                    if path.score - cost < least:
                        break
                    log_probability, context = self._model.follow(path.context, word.word)
                    score = path.score + self._costs.language * log_probability - cost
                    if score >= least:
                        least = max(least, score - _HOPELESS)
                        _keep(beam, _Path(score, context, path.sounds + word.word))
        if not beams[place + 1]:
            self._put_aside(paths, sounds[place], _UNKNOWN, beams)

    def _go_on_hot(
        self,
        paths: list[_Path],
        matches: Sequence[HotMatch],
        sureness: Sequence[float],
        beams: list[dict[Context, _Path]],
    ) -> None:
        """With words of which the language model knows nothing: what follows them begins anew."""
        path, costs = paths[0], self._costs
        place = len(path.sounds)
        for match in matches:
            word = match.word.word
            gain = costs.hot + costs.hot_character * len(word) * match.word.weight
            cost = (
                costs.same * sum(sureness[place + at] for at in match.same)
                + costs.near * sum(sureness[place + at] for at in match.near)
                + costs.far * sum(sureness[place + at] for at in match.far)
            )
            _keep(beams[place + len(word)], _Path(path.score + gain - cost, self._model.start, path.sounds + word))

    def _put_aside(
        self, paths: list[_Path], piece: str, log_probability: float, beams: list[dict[Context, _Path]]
    ) -> None:
        """A piece that is no word: what follows it begins anew."""
        for path in paths:
            score = path.score + self._costs.language * log_probability
            _keep(beams[len(path.sounds) + len(piece)], _Path(score, self._model.start, path.sounds + piece))

    def _cost(self, word: SoundAlike, sureness: Sequence[float]) -> float:
        if not word.same and not word.near:
            return 0.0
        same = sum([sureness[place] for place in word.same])
        near = sum([sureness[place] for place in word.near])
        return self._costs.same * same + self._costs.near * near


def _hopeful(beam: dict[Context, _Path]) -> list[_Path]:
    """The paths that are worth going on with, the best one first."""
    paths = sorted(beam.values(), key=lambda path: -path.score)[:_BEAM]
    return [path for path in paths if path.score >= paths[0].score - _HOPELESS]


def _number_at(sounds: str, place: int) -> str:
    end = place
    while end < len(sounds) and sounds[end] in _NUMERALS:
        end += 1
    return sounds[place:end] if end - place >= _NUMERALS_AT_LEAST else ""


def _keep(beam: dict[Context, _Path], path: _Path) -> None:
    known = beam.get(path.context)
    if known is None or known.score < path.score:
        beam[path.context] = path
