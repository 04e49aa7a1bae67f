"""Character error rate, as data sets of read Mandarin are scored.

Both texts are folded first: full width to half, traditional to simplified, digits to Chinese numerals, 两 to 二 and
幺 to 一, punctuation and spaces dropped.
"""

from collections.abc import Iterable

from asr.spoken_form import spoken_form
from asr.spoken_text import simplified

_SAME = str.maketrans("两幺〇", "二一零")


def folded(text: str) -> str:
    """The characters that count."""
    return spoken_form(simplified(text)).sounds.translate(_SAME)


def edit_distance(one: str, other: str) -> int:
    """Least number of characters to replace, insert or delete."""
    row = list(range(len(other) + 1))
    for place, character in enumerate(one, 1):
        following = [place]
        for column, against in enumerate(other, 1):
            following.append(min(row[column] + 1, following[-1] + 1, row[column - 1] + (character != against)))
        row = following
    return row[-1]


def character_error_rate(pairs: Iterable[tuple[str, str]]) -> float:
    """Errors divided by the characters of the references, over all (reference, recognised) pairs; 0.0 without any."""
    errors = characters = 0
    for reference, recognised in pairs:
        said = folded(reference)
        errors += edit_distance(said, folded(recognised))
        characters += len(said)
    return errors / characters if characters else 0.0
