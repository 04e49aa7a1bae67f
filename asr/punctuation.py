"""Punctuation where an engine writes none: a comma where the voice pauses, an ending by the last words. Pure."""

import re
from collections.abc import Sequence

from asr.changed_text import Change
from asr.recogniser import Word

_PAUSE_S = 0.3
_LEAST_CHARACTERS = 2
"""A clause is longer than that: 呃 alone is a hesitation."""
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_MARK = re.compile(r"[，。？！；：、,.?!;:…]")
_OPEN_ENDS = frozenset("的地得把被在和跟与是就对从向给到于很更最这那不没还也又都几第零一二三四五六七八九十百千万两幺点")
"""Nobody ends a clause with them: who pauses there is thinking, or reads out a number."""
_CLOSED_BEGINNINGS = frozenset("的地得了着过吗呢吧啊呀们零一二三四五六七八九十百千万幺点号楼")
_LAST_CLAUSE = re.compile(r"[^，、；：,;:。？！]*$")
_PARTICLES = re.compile(r"[啊呀呢呐了的哦]*$")
_ASKING_END = re.compile(
    r"(?:吗|怎么办|怎么弄|怎么样|怎样|为什么|为啥|多少钱?|多久|多长时间|什么时候|什么时间|哪里|哪儿|几点|几号|几天|谁|什么意思"
    r"|怎么回事|咋回事|咋办|什么原因|行不行|好不好|对不对|是不是|能不能|可不可以|有没有|要不要|(?<!没)(?<!有)什么)$"
)
_ASKING_WORDS = re.compile(
    r"^请问|为什么|为何|凭什么|难道|究竟|是否|有没有|是不是|能不能|可不可以|会不会|要不要|该不该|能否|可否|何时|什么时候|怎么可能|谁来"
    r"|(?<![什怎这那多])么$"
)
"""Anywhere in the last clause."""
_ASKING = re.compile(r"请问|为什么|怎么|什么|谁|哪|几|多少|多久|是不是|能不能|能否|可不可以|有没有|会不会|要不要|如何")
_TELLING = re.compile(
    r"不知|不清楚|没有?什么|没啥|无论|不管|不论|随便|都不|也不|谁都|谁也|哪都|怎么都|告诉|反映|投诉|想知道|核实|调查|检查|严查|查一下|怀疑|确定"
    r"|考虑|质疑|未知|未可知|知晓|说明|没谁|怎么怎么"
)


def commas(text: str, words: Sequence[Word]) -> tuple[Change, ...]:
    """Where the engine's words have pauses between them and the text has no marks; () where they are not its words."""
    sounding = [place for place, char in enumerate(text) if char.isalnum()]
    spoken = [sum(char.isalnum() for char in word.text) for word in words]
    if not words or sum(spoken) != len(sounding) or _MARK.search(text[:-1]):
        return ()
    out: list[Change] = []
    said, since = 0, 0
    for word, count, following in zip(words, spoken, words[1:], strict=False):
        said += count
        if following.start_s - word.end_s < _PAUSE_S or said >= len(sounding):
            continue
        place = sounding[said]
        long_enough = place - since >= _LEAST_CHARACTERS and len(sounding) - said >= _LEAST_CHARACTERS
        if said and long_enough and _may_part(text[sounding[said - 1]], text[place]):
            out.append(Change(place, place, "，"))
            since = place
    return tuple(out)


def final_mark(text: str) -> str:
    """？ when the last clause asks something, else 。"""
    found = _LAST_CLAUSE.search(text)
    clause = found[0] if found else text
    bare = _PARTICLES.sub("", clause)
    if clause.endswith("吗"):
        return "？"
    if _TELLING.search(clause):
        return "。"
    asks = _ASKING_WORDS.search(bare) or _ASKING_END.search(bare) or (clause.endswith("呢") and _ASKING.search(clause))
    return "？" if asks else "。"


def _may_part(before: str, after: str) -> bool:
    chinese = _CHINESE.match(before) and _CHINESE.match(after)
    return bool(chinese) and before not in _OPEN_ENDS and after not in _CLOSED_BEGINNINGS
