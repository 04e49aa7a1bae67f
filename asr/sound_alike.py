"""Which words sound like a piece of text: by their syllables, and by syllables that the telephone makes equal.

The telephone's band ends at 3400 Hz, where the difference of s and sh, z and zh, c and ch lies; many speakers have no
n beside l, no -ng beside -n, and no hu- beside f.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, lazy_pinyin, pinyin
from pypinyin.constants import PHRASES_DICT
from pypinyin.style import convert

_CHINESE = ("\u4e00", "\u9fff")
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("r", "l"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))
_MOST_HOMOPHONES = 12
"""Words of one syllable that are tried; the commonest."""
_MOST_WORDS = 30


@dataclass(frozen=True)
class SoundAlike:
    """A word that may have been said. same: characters of another spelling and the same sound; near: of a sound that
    the telephone makes equal; the others are as in the text."""

    word: str
    same: tuple[int, ...]
    near: tuple[int, ...]


@lru_cache(maxsize=4096)
def folded(syllable: str) -> str:
    """A toneless syllable with what the telephone confuses made equal."""
    for spoken, kept in _INITIALS:
        if syllable.startswith(spoken):
            syllable = kept + syllable[len(spoken) :]
            break
    if syllable.startswith("hu") and len(syllable) > 2:
        syllable = "f" + syllable[2:]
    for spoken, kept in _FINALS:
        if syllable.endswith(spoken):
            return syllable[: -len(spoken)] + kept
    return syllable


@lru_cache(maxsize=16384)
def readings(char: str) -> tuple[str, ...]:
    """All toneless readings of one character."""
    return tuple(pinyin(char, style=Style.NORMAL, heteronym=True)[0])


class SoundIndex:
    """The words of a vocabulary by their sound. Takes about a second for 165,000 words.

    vocabulary: words, the commonest first among those that sound the same.
    """

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        self._known: set[str] = set()
        for word in vocabulary:
            self._known.add(word)
            if not is_chinese(word):
                continue
            for syllables in _word_readings(word):
                self._by_sound[_key(syllables)].append(word)
        self.alike = lru_cache(maxsize=32768)(self._alike)
        """Known words that sound like a piece of text, itself included when it is one."""

    def _alike(self, piece: str) -> tuple[SoundAlike, ...]:
        found = {piece: SoundAlike(piece, (), ())} if piece in self._known else {}
        if is_chinese(piece):
            limit = _MOST_HOMOPHONES if len(piece) == 1 else _MOST_WORDS
            for syllables in _word_readings(piece):
                for word in self._by_sound.get(_key(syllables), ())[:limit]:
                    found.setdefault(word, _compared(piece, syllables, word))
        return tuple(found.values())


def is_chinese(text: str) -> bool:
    """Whether all of it is Chinese characters."""
    first, last = _CHINESE
    return all(first <= char <= last for char in text)


def _key(syllables: tuple[str, ...]) -> str:
    return " ".join(map(folded, syllables))


def _word_readings(word: str) -> tuple[tuple[str, ...], ...]:
    """One character has all its readings, a longer word the one that it has as a word."""
    if len(word) == 1:
        return tuple((reading,) for reading in readings(word))
    phrase = PHRASES_DICT.get(word)
    if phrase is not None and len(phrase) == len(word):
        return (tuple(_toneless(sounds[0]) for sounds in phrase),)
    return (tuple(readings(char)[0] for char in word),)


@lru_cache(maxsize=4096)
def _toneless(syllable: str) -> str:
    return str(convert(syllable, Style.NORMAL, strict=True, default=syllable))


def _compared(piece: str, syllables: tuple[str, ...], word: str) -> SoundAlike:
    same: list[int] = []
    near: list[int] = []
    for place, (written, said, sound) in enumerate(zip(piece, word, lazy_pinyin(word), strict=True)):
        if written == said:
            continue
        equal = sound == syllables[place] or sound in readings(written)
        (same if equal else near).append(place)
    return SoundAlike(word, tuple(same), tuple(near))
