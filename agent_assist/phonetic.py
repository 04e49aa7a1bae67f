"""How Chinese characters sound, folded so that what is often confused on the telephone becomes equal.

The recogniser's errors are mostly homophones; a folded syllable is the key that the said and the written share.
"""

import re
from functools import lru_cache

from pypinyin import lazy_pinyin

_SOUNDS = re.compile(r"[0-9A-Za-z一-鿿〇]")
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("r", "l"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@lru_cache(maxsize=16384)
def syllable(char: str) -> str:
    """The toneless pinyin of one character in its commonest reading; any other character is its own sound."""
    return str(lazy_pinyin(char)[0]).lower()


@lru_cache(maxsize=16384)
def folded_syllable(char: str) -> str:
    """As `syllable`, with zh=z, ch=c, sh=s, n=l=r, hu-=f and -ng=-n."""
    return fold(syllable(char))


def fold(sound: str) -> str:
    """One toneless syllable folded."""
    for spoken, folded in _INITIALS:
        if sound.startswith(spoken):
            sound = folded + sound[len(spoken) :]
            break
    if sound.startswith("hu") and len(sound) > 2:
        sound = "f" + sound[2:]
    for spoken, folded in _FINALS:
        if sound.endswith(spoken):
            return sound[: -len(spoken)] + folded
    return sound


def phrase_syllables(phrase: str) -> tuple[str, ...]:
    """One toneless syllable a character, polyphones read by their phrase (银行 yin hang)."""
    sounds = tuple(str(sound).lower() for sound in lazy_pinyin(phrase))
    return sounds if len(sounds) == len(phrase) else tuple(map(syllable, phrase))


def voiced(text: str) -> tuple[str, tuple[int, ...]]:
    """The characters that sound (no punctuation, no blanks), and the place of each in `text`."""
    places = tuple(place for place, char in enumerate(text) if _SOUNDS.match(char))
    return "".join(text[place] for place in places), places
