"""Finding the phrases of a word list in recognised speech, by their characters and by their sound."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from agent_assist.phonetic import fold, folded_syllable, phrase_syllables, syllable, voiced

_CACHED_TEXTS = 4096
_ANY = "*"
_PAUSE = re.compile(r"[^\w\s]")


class Hit(msgspec.Struct, frozen=True):
    """`phrase` was said in text[start:end]; likeness 1.0 when written the same, less when it only sounds the same."""

    start: int
    end: int
    phrase: str
    likeness: float


class Lexicon:
    """A word list that is searched in one pass over a text, whatever its size. No phrase goes over punctuation.

    Sound decides as follows, since short words have many homophones: two characters need one written the same and the
    other of the same unfolded syllable; three need all folded syllables and one written the same; four and more need
    all folded syllables, or all but one with half of the characters written the same.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._written: set[str] = set()
        self._sounding: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        for phrase in phrases:
            bare, _ = voiced(phrase)
            if bare:
                self._add(bare)
        self._lengths = tuple(sorted({len(phrase) for phrase in self._written}, reverse=True))
        self.find = lru_cache(maxsize=_CACHED_TEXTS)(self._find)

    def _add(self, phrase: str) -> None:
        self._written.add(phrase)
        if len(phrase) < 2:
            return
        for sounds in {phrase_syllables(phrase), tuple(map(syllable, phrase))}:
            folded = tuple(map(fold, sounds))
            self._sounding[folded].add(phrase)
            if len(phrase) >= 4:
                for place in range(len(phrase)):
                    self._sounding[(*folded[:place], _ANY, *folded[place + 1 :])].add(phrase)

    def _find(self, text: str) -> tuple[Hit, ...]:
        """All phrases in `text`, in order; where two overlap the better and then the longer one stays."""
        bare, places = voiced(text)
        folded = tuple(map(folded_syllable, bare))
        hits: list[Hit] = []
        for length in self._lengths:
            for start in range(len(bare) - length + 1):
                end = start + length
                if places[end - 1] - places[start] >= length and _PAUSE.search(text, places[start], places[end - 1]):
                    continue
                found = self._at(bare[start:end], folded[start:end])
                if found is not None:
                    phrase, likeness = found
                    hits.append(Hit(places[start], places[end - 1] + 1, phrase, likeness))
        return _without_overlap(hits)

    def _at(self, window: str, folded: tuple[str, ...]) -> tuple[str, float] | None:
        if window in self._written:
            return window, 1.0
        candidates = self._sounding.get(folded, set()) if len(window) >= 2 else set()
        best = max(((_likeness(window, phrase), phrase) for phrase in candidates), default=(0.0, ""))
        if best[0] == 0.0 and len(window) >= 4:
            near: set[str] = set()
            for place in range(len(window)):
                near |= self._sounding.get((*folded[:place], _ANY, *folded[place + 1 :]), set())
            best = max(((_near_likeness(window, phrase), phrase) for phrase in near), default=(0.0, ""))
        return (best[1], best[0]) if best[0] > 0 else None


def _likeness(window: str, phrase: str) -> float:
    """Likeness of two strings whose folded syllables are equal; 0 when that is not enough."""
    same = sum(a == b for a, b in zip(window, phrase, strict=True))
    if len(phrase) == 2:
        strict = all(syllable(a) == syllable(b) for a, b in zip(window, phrase, strict=True))
        return 0.6 if same == 1 and strict else 0.0
    if len(phrase) == 3:
        return 0.75 if same >= 1 else 0.0
    return 0.85 if same >= len(phrase) // 2 else 0.7


def _near_likeness(window: str, phrase: str) -> float:
    """Likeness of two strings of which one syllable differs."""
    same = sum(a == b for a, b in zip(window, phrase, strict=True))
    return 0.55 if same * 2 >= len(phrase) else 0.0


def _without_overlap(hits: list[Hit]) -> tuple[Hit, ...]:
    taken: list[Hit] = []
    for hit in sorted(hits, key=lambda one: (-(one.end - one.start) * one.likeness, one.start)):
        if all(hit.end <= other.start or hit.start >= other.end for other in taken):
            taken.append(hit)
    return tuple(sorted(taken, key=lambda one: one.start))
