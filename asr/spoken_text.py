"""From an engine's raw words to what is written down: script, punctuation, loops and words that nobody said.

Whisper was trained on subtitles: on silence, music or noise it writes the credits that stood under them.
"""

import re
from functools import lru_cache
from typing import Protocol, cast

from asr.punctuation import final_mark

_ENDINGS = "。？！…"
_CHINESE_MARKS = str.maketrans({",": "，", "?": "？", "!": "！", ";": "；", ":": "："})
_BETWEEN_CHINESE = re.compile(r"(?<=[\u3400-\u9fff])[,?!;:](?=[\u3400-\u9fff]|$)")
_SPACE = re.compile(r"\s+")
_SPACE_AT_CHINESE = re.compile(
    r"(?<=[\u3000-\u303f\u3400-\u9fff\uff00-\uffef])\s+|\s+(?=[\u3000-\u303f\u3400-\u9fff\uff00-\uffef])"
)
_LOOP = re.compile(r"(.{1,12}?)\1{4,}")
_LONGEST_NUMBER = 20
"""Digits that somebody reads out in one breath, and some: identity numbers have 18, bank cards 19."""
_CREDITS = re.compile(
    r"字幕(?:由|by|製作|制作|志愿者|提供|组|：|:)|amara\.?org|请不吝|点赞.{0,3}订阅|订阅.{0,3}转发|明镜与点点|打赏支持|优优独播剧场"
    r"|^(?:作词|作曲|编曲)|yoyo television|中文字幕|李宗盛|由.{0,6}社群提供",
    re.IGNORECASE,
)
_FAREWELLS = re.compile(
    r"^(?:(?:谢谢|感谢)(?:大家)?(?:的)?(?:观看|收看|收听)|(?:我们)?下(?:期|次|个视频)再见|拜拜)[。！!]*$"
)
_WORD = re.compile(r"[\w]")
_VERB_ZHE = re.compile(r"(?<![名显卓昭土专论原编遗译拙巨合所大])著(?![名作称者述书有])")
"""In Taiwan's spelling 著 is also the particle 着, which OpenCC's t2s leaves alone."""


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@lru_cache(maxsize=1)
def _to_simplified() -> _Converter:
    import opencc

    return cast(_Converter, opencc.OpenCC("t2s"))


def simplified(text: str) -> str:
    """Traditional characters as simplified ones, whatever else stays."""
    return _to_simplified().convert(text)


def has_loop(text: str) -> bool:
    """Whether something of up to 12 characters comes five times or more in a row; digits of a number may (五五五)."""
    return any(not _is_number(match) for match in _LOOP.finditer(text))


def without_loops(text: str) -> str:
    """The text with each loop cut to two turns."""
    return _LOOP.sub(lambda match: match.group() if _is_number(match) else match.group(1) * 2, text)


def is_credit(text: str, no_speech: float) -> bool:
    """Whether these are the words of a subtitle's credits rather than of a caller.

    Farewells to an audience might be said on a telephone: they count only when the engine doubts that anyone spoke.
    """
    plain = simplified(text).strip()
    return bool(_CREDITS.search(plain)) or (no_speech > 0.2 and bool(_FAREWELLS.match(plain)))


def written(raw: str) -> str:
    """The raw words as they are shown: simplified, no stray spaces, Chinese punctuation, loops cut."""
    text = _VERB_ZHE.sub("着", without_loops(simplified(_SPACE.sub(" ", raw).strip())))
    text = _SPACE_AT_CHINESE.sub("", text)
    text = _BETWEEN_CHINESE.sub(lambda match: match.group().translate(_CHINESE_MARKS), text)
    return text if _WORD.search(text) else ""


def ended(text: str) -> str:
    """A final's text with a full stop or a question mark where it has no ending."""
    if not text or text[-1] in _ENDINGS:
        return text
    bare = text.rstrip("，、；：,.;:")
    return bare + final_mark(bare)


def _is_number(loop: re.Match[str]) -> bool:
    digits = all(character in "0123456789零一二三四五六七八九幺" for character in loop.group(1))
    return digits and len(loop.group()) <= _LONGEST_NUMBER
