"""Which choice of a menu was said: the phrase that sounds nearest to what an engine wrote, or none of them.

One short word on the telephone is rarely written right; but where only some phrases can be meant, most of its sounds
are enough. The whole utterance is compared, so that a sentence is never taken for one of the phrases in it.
"""

from collections.abc import Sequence
from functools import lru_cache

from asr.hot_words import HotWordIndex, parts
from asr.recogniser import Hypothesis
from asr.rescoring import Believed
from asr.sound_alike import folded, is_chinese, readings
from asr.spoken_form import spoken_form
from domain.speech import Correction, HotWord

_FARTHEST = 0.45
"""Distance for each syllable of the phrase (docs/asr.md)."""
_MARGIN = 0.1
"""How much nearer than the next phrase it has to be."""
_UNLIKELY = 0.05
"""For each unit of log probability that a hypothesis is behind the first."""
_EXTRA = 0.6
"""A syllable too many or too few."""
_CONFUSED, _HALF, _LIKE_ENDING = 0.1, 0.5, 0.25


def chosen(phrases: Sequence[str], hypotheses: Sequence[Hypothesis]) -> Believed | None:
    """The phrase that was said, with what the engine wrote as its original; None when no phrase is near enough.

    phrases: at least one; hypotheses: at least one.
    """
    top = max(hypothesis.log_probability for hypothesis in hypotheses)
    said = [(spoken_form(each.text).sounds, _UNLIKELY * (top - each.log_probability)) for each in hypotheses]
    ranked = sorted(
        (min(_distance(sounds, phrase) + late for sounds, late in said) / len(phrase), phrase) for phrase in phrases
    )
    (nearest, phrase), *others = ranked
    if nearest > _FARTHEST or (others and others[0][0] - nearest < _MARGIN):
        return None
    original = hypotheses[0].text
    return Believed(phrase, () if original == phrase else (Correction(0, len(phrase), original),))


@lru_cache(maxsize=256)
def hint_index(phrases: tuple[str, ...]) -> HotWordIndex:
    """A menu's phrases as hot words: likelier than elsewhere, whatever else is said."""
    return HotWordIndex(HotWord(phrase) for phrase in phrases)


def _distance(said: str, phrase: str) -> float:
    """Edit distance of syllables."""
    row = [_EXTRA * column for column in range(len(phrase) + 1)]
    for heard in said:
        following = [row[0] + _EXTRA]
        for column, meant in enumerate(phrase):
            changed = row[column] + _syllable_distance(heard, meant)
            following.append(min(changed, row[column + 1] + _EXTRA, following[-1] + _EXTRA))
        row = following
    return row[-1]


@lru_cache(maxsize=65536)
def _syllable_distance(one: str, other: str) -> float:
    """0 for the same sound in any reading, to 1 for two that have nothing in common."""
    return min(_sound_distance(here, there) for here in _sounds(one) for there in _sounds(other))


def _sounds(char: str) -> tuple[str, ...]:
    return readings(char) if is_chinese(char) else (char,)


def _sound_distance(one: str, other: str) -> float:
    if one == other:
        return 0.0
    (begins, ends), (also_begins, also_ends) = parts(folded(one)), parts(folded(other))
    if (begins, ends) == (also_begins, also_ends):
        return _CONFUSED
    ending = 0.0 if ends == also_ends else _LIKE_ENDING if ends[-1:] == also_ends[-1:] else _HALF
    return (0.0 if begins == also_begins else _HALF) + ending
