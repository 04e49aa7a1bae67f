"""Errors as a recogniser makes them: mostly homophones, some near sounds, some lost and some added characters."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable

from agent_assist.phonetic import fold, syllable

_HOMOPHONE_SHARE = 0.68
_NEAR_SOUND_SHARE = 0.17
_LOST_SHARE = 0.10
_ADDED = "啊呃嗯的那个就是"


class RecognitionNoise:
    """Draws each wrong character by its frequency in `texts` among those that sound the same."""

    def __init__(self, texts: Iterable[str]) -> None:
        counts = Counter(char for text in texts for char in text if "一" <= char <= "鿿")
        self._same: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._near: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for char, count in counts.items():
            self._same[syllable(char)][char] = count
            self._near[fold(syllable(char))][char] = count

    def spoil(self, text: str, rate: float, chance: random.Random) -> str:
        """`text` with about `rate` of its Chinese characters wrong."""
        out: list[str] = []
        for char in text:
            if not "一" <= char <= "鿿" or chance.random() >= rate:
                out.append(char)
                continue
            kind = chance.random()
            if kind < _HOMOPHONE_SHARE:
                out.append(_other(char, self._same[syllable(char)], chance))
            elif kind < _HOMOPHONE_SHARE + _NEAR_SOUND_SHARE:
                out.append(_other(char, self._near[fold(syllable(char))], chance))
            elif kind >= _HOMOPHONE_SHARE + _NEAR_SOUND_SHARE + _LOST_SHARE:
                out.extend((char, chance.choice(_ADDED)))
        return "".join(out)


def _other(char: str, candidates: dict[str, int], chance: random.Random) -> str:
    others = [other for other in candidates if other != char]
    weights = [candidates[other] ** 0.5 for other in others]
    return chance.choices(others, weights)[0] if others else char
