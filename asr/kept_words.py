"""Words with numerals in them that are no numbers, and so are never written in digits."""

import re
from collections.abc import Iterable
from functools import lru_cache

from asr.number_rules import NUMERALS

_FIXED = (
    "十分", "十足", "十字", "十天半月", "十天半个月", "十有八九", "十万火急", "十万八千里", "十月怀胎", "十八层地狱",
    "二百五", "百分百", "五百强", "八百里", "三百六十行", "一百零八将", "一千零一夜", "三十六计", "三七二十一",
    "九九八十一", "一五一十", "退一万步", "三十而立", "四十不惑", "十二生肖", "二十四节气", "十八大", "十九大",
    "二十大", "十二五", "十三五", "十四五", "十五五", "五一", "六一", "七一", "八一", "三八", "五四", "一二九",
    "九一八", "国庆十一", "十一假", "十一长假", "十一黄金周", "双十一", "双十二", "三月三", "七月半", "八月十五",
    "零距离", "两点一线", "二维", "三元", "九三", "十里", "十堰", "十三陵", "十渡", "七零八", "不怕一万",
)  # fmt: skip
"""Idioms, feasts, plans, and beginnings of names (三元桥, 十里堡)."""
_WEEKDAY = re.compile(rf"(?<![{NUMERALS}两])周[一二三四五六](?!周|个月|年)|(?:星期|礼拜)[一二三四五六]")
_NUMBERS = re.compile(f"十分钟|[五六八]一号|(?<=[点块毛米度])[{NUMERALS}]{{2}}")
"""Numbers although they read as a fixed word does: 三点三八."""


class KeptWords:
    """words: more of them, from the city's gazetteer and lists; those without numerals do not matter."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        fixed = sorted({*_FIXED, *filter(_has_numeral, words)}, key=lambda word: (-len(word), word))
        self._words = re.compile("|".join(map(_pattern, fixed)))

    def places(self, text: str) -> frozenset[int]:
        """The characters of `text` that stay as they are."""
        kept: set[int] = set()
        numbers = {place for found in _NUMBERS.finditer(text) for place in range(*found.span())}
        for pattern in (self._words, _WEEKDAY):
            for found in pattern.finditer(text):
                kept.update(range(*found.span()))
        return frozenset(kept - numbers)


def _pattern(word: str) -> str:
    """Its numerals may not be a part of a longer number: 三月三 is not in 三月三十日."""
    before = f"(?<![{NUMERALS}])" if word[0] in NUMERALS else ""
    after = f"(?![{NUMERALS}])" if word[-1] in NUMERALS else ""
    return before + re.escape(word) + after


@lru_cache(maxsize=65536)
def _has_numeral(word: str) -> bool:
    return any(char in NUMERALS for char in word)
