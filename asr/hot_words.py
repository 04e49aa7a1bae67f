"""The city's own words (departments, streets, estates, policies) by their sound, to be found in what an engine wrote.

A word is found where every syllable is the same, or one that the telephone makes equal (asr.sound_alike); in a word of
four characters and more one syllable may share its beginning or its end only. All words are one tree of syllables, so
that five thousand of them cost little more than fifty.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from pypinyin import lazy_pinyin

from asr.sound_alike import folded, is_chinese, readings
from domain.speech import LONGEST_HOT_WORD, SHORTEST_HOT_WORD, HotWord

_FAR_FROM = 4
"""Characters of a word in which one syllable may be another one."""
_BEGINNING = 2
_BEGINNINGS_KEPT = 2048
"""Few words go on beyond two characters, and the same two come again and again."""
_MATCHES_KEPT = 8192


@dataclass(frozen=True)
class HotMatch:
    """A hot word that may have been said. same, near: as in SoundAlike; far: of another sound that begins or ends
    alike (one place at most)."""

    word: HotWord
    same: tuple[int, ...]
    near: tuple[int, ...]
    far: tuple[int, ...]


@dataclass
class _Node:
    """What may follow a row of folded syllables, and the words that end here with their unfolded syllables."""

    children: dict[str, "_Node"] = field(default_factory=dict)
    ends: list[tuple[HotWord, tuple[str, ...]]] = field(default_factory=list)
    longest: int = 0
    """Characters of the longest word that goes on from here."""


_Reached = tuple[_Node, int]
"""A row of syllables that was heard, and the place of the one that is not as the text has it, or -1."""


class Shelf(Protocol):
    """Where the city's words are put for an engine."""

    def put(self, words: Iterable[HotWord]) -> None:
        """From now on these. Five thousand take about a second: not on an event loop."""


class HotWordShelf:
    """Where an engine finds the city's words as they are now; they may be changed from any thread."""

    def __init__(self, words: Iterable[HotWord] = ()) -> None:
        self.index = HotWordIndex(words)

    def put(self, words: Iterable[HotWord]) -> None:
        """From now on these. Five thousand take about a second: not on an event loop."""
        self.index = HotWordIndex(words)


class HotWordIndex:
    """Words by their sound; of no words as well. A word that stands twice has its last weight; weight 0 takes it out.

    Words that are too short, too long or not Chinese are left out: their makers refuse them with a reason.
    """

    def __init__(self, words: Iterable[HotWord] = ()) -> None:
        weighed = {word.word: word for word in words}
        self._root = _Node()
        self._by_second: defaultdict[str, list[tuple[str, _Node]]] = defaultdict(list)
        """By a second syllable the first ones, and where both lead."""
        self._words = 0
        for word in weighed.values():
            if word.weight > 0 and SHORTEST_HOT_WORD <= len(word.word) <= LONGEST_HOT_WORD and is_chinese(word.word):
                self._add(word)
        for start, begun in self._root.children.items():
            for sound, node in begun.children.items():
                self._by_second[sound].append((start, node))
        self._after = lru_cache(maxsize=_BEGINNINGS_KEPT)(self._reached_after)
        self.at_beginning = lru_cache(maxsize=_MATCHES_KEPT)(self._at_beginning)
        """The hot words that may stand at the beginning of a text (LONGEST_HOT_WORD characters of it are enough)."""

    def __len__(self) -> int:
        return self._words

    def _add(self, word: HotWord) -> None:
        syllables = tuple(str(sound) for sound in lazy_pinyin(word.word))
        node = self._root
        for place, syllable in enumerate(syllables):
            node.longest = max(node.longest, len(syllables) - place)
            node = node.children.setdefault(folded(syllable), _Node())
        node.ends.append((word, syllables))
        self._words += 1

    def _at_beginning(self, text: str) -> tuple[HotMatch, ...]:
        found: dict[str, HotMatch] = {}
        beginning = text[:_BEGINNING]
        reached = self._after(beginning)
        for place in range(len(beginning), len(text) + 1):
            for node, far in reached:
                for word, syllables in node.ends:
                    if far >= 0 and len(word.word) < _FAR_FROM:
                        continue
                    match = _compared(text, word, syllables, far)
                    known = found.get(word.word)
                    if known is None or len(match.far) < len(known.far):
                        found[word.word] = match
            if not reached or place == len(text):
                break
            reached = _reached(reached, text[place], place)
        return tuple(found.values())

    def _reached_after(self, beginning: str) -> tuple[_Reached, ...]:
        if len(beginning) < _BEGINNING:
            return ()
        first, second = map(_folded_readings, beginning)
        begun = [(self._root.children[sound], -1) for sound in first if sound in self._root.children]
        begun_otherwise = [
            (node, 0)
            for sound in second
            for start, node in self._by_second.get(sound, ())
            if start not in first and _BEGINNING + node.longest >= _FAR_FROM and _akin_to(start, first)
        ]
        return (*_reached(begun, beginning[1], 1), *begun_otherwise)


def _reached(before: Iterable[_Reached], char: str, place: int) -> tuple[_Reached, ...]:
    """Where a further character of the text, its `place`, leads to from where the ones before it led."""
    sounds = _folded_readings(char)
    after: list[_Reached] = []
    for node, far in before:
        after += [(node.children[sound], far) for sound in sounds if sound in node.children]
        if far < 0 and place + node.longest >= _FAR_FROM:
            after += [
                (child, place)
                for sound, child in node.children.items()
                if place + 1 + child.longest >= _FAR_FROM and sound not in sounds and _akin_to(sound, sounds)
            ]
    return tuple(after)


def _compared(text: str, word: HotWord, syllables: tuple[str, ...], far: int) -> HotMatch:
    same: list[int] = []
    near: list[int] = []
    for place, (written, said, sound) in enumerate(zip(text, word.word, syllables, strict=False)):
        if written != said and place != far:
            (same if sound in readings(written) else near).append(place)
    return HotMatch(word, tuple(same), tuple(near), (far,) if far >= 0 else ())


@lru_cache(maxsize=16384)
def _folded_readings(char: str) -> frozenset[str]:
    return frozenset(folded(reading) for reading in readings(char)) if is_chinese(char) else frozenset((char,))


@lru_cache(maxsize=65536)
def _akin_to(sound: str, sounds: frozenset[str]) -> bool:
    return any(_akin(sound, heard) for heard in sounds)


@lru_cache(maxsize=65536)
def _akin(one: str, other: str) -> bool:
    """Whether two folded syllables begin with the same consonant or end alike."""
    return parts(one)[0] == parts(other)[0] != "" or parts(one)[1] == parts(other)[1]


@lru_cache(maxsize=1024)
def parts(syllable: str) -> tuple[str, str]:
    """The consonant that a syllable begins with, "" for none, and the rest."""
    bare = syllable.lstrip("bpmfdtnlgkhjqxzcsrwy")
    return syllable[: len(syllable) - len(bare)], bare
