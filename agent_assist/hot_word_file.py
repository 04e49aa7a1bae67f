"""The operator's own hot words: a text file with one word a line, behind it a weight if it is to have one.

青石街道
锦绣花园 2        sooner believed than others
入学 0            never: takes out what the gazetteer or the knowledge base names
# a remark
"""

import re
from pathlib import Path

from domain.errors import KnowledgeError
from domain.speech import LONGEST_HOT_WORD, SHORTEST_HOT_WORD, HotWord

HIGHEST_WEIGHT = 3.0
SAYABLE = re.compile(rf"[\u4e00-\u9fff]{{{SHORTEST_HOT_WORD},{LONGEST_HOT_WORD}}}")
_REMARK = "#"


def read_hot_words(file: Path) -> tuple[HotWord, ...]:
    """The words of the file, in its order; KnowledgeError names file:line of the first that is wrong."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise KnowledgeError(f"cannot read it ({error.strerror})", where=str(file), remedy="check the path") from error
    except UnicodeDecodeError as error:
        raise KnowledgeError("it is not UTF-8 text", where=str(file), remedy="save it as UTF-8") from error
    words: dict[str, HotWord] = {}
    for number, line in enumerate(lines, 1):
        cells = line.partition(_REMARK)[0].split()
        if cells:
            word = _hot_word(cells, f"{file}:{number}")
            if word.word in words:
                raise KnowledgeError(
                    f"'{word.word}' stands twice", where=f"{file}:{number}", remedy="remove one of them"
                )
            words[word.word] = word
    return tuple(words.values())


def _hot_word(cells: list[str], where: str) -> HotWord:
    word, *rest = cells
    if not SAYABLE.fullmatch(word):
        raise KnowledgeError(
            f"'{word}' is no hot word",
            where=where,
            remedy=f"write {SHORTEST_HOT_WORD} to {LONGEST_HOT_WORD} Chinese characters, "
            "numbers as they are said (二环路)",
        )
    if len(rest) > 1:
        raise KnowledgeError(
            f"more than a word and a weight: '{' '.join(cells)}'", where=where, remedy="one word a line"
        )
    try:
        weight = float(rest[0]) if rest else 1.0
    except ValueError:
        weight = -1.0
    if not 0.0 <= weight <= HIGHEST_WEIGHT:
        raise KnowledgeError(
            f"the weight '{rest[0]}'", where=where, remedy=f"write a number from 0 (never) to {HIGHEST_WEIGHT:g}"
        )
    return HotWord(word, weight)
