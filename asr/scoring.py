"""Character error rate, as data sets of read Mandarin are scored.

Both texts are folded first: full width to half, traditional to simplified, digits to Chinese numerals, 两 to 二 and
幺 to 一, punctuation and spaces dropped.
"""

import re
import unicodedata
from collections.abc import Iterable

from asr.spoken_text import simplified

_DIGITS = "零一二三四五六七八九"
_THOUSANDS_COMMA = re.compile(r"(?<=\d),(?=\d{3})")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")
_YEAR = re.compile(r"\d{4}(?=年)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SAME = str.maketrans("两幺〇", "二一零")


def folded(text: str) -> str:
    """The characters that count."""
    text = simplified(unicodedata.normalize("NFKC", text)).lower()
    text = _THOUSANDS_COMMA.sub("", text)
    text = _PERCENT.sub(lambda match: "百分之" + match.group(1), text)
    text = _YEAR.sub(lambda match: _one_by_one(match.group()), text)
    text = _NUMBER.sub(lambda match: _read(match.group()), text)
    return "".join(character for character in text.translate(_SAME) if character.isalnum())


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


def _one_by_one(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)


def _read(number: str) -> str:
    """A number as it is read: long ones and those with a leading zero digit by digit, others by value."""
    whole, _, fraction = number.partition(".")
    if fraction:
        return f"{_by_value(int(whole))}点{_one_by_one(fraction)}"
    is_code = (len(whole) >= 5 and not whole.endswith("000")) or whole.startswith("0") or len(whole) > 8
    return _one_by_one(whole) if is_code else _by_value(int(whole))


def _below_ten_thousand(value: int) -> str:
    out, skipped = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            out += ("零" if skipped and out else "") + _DIGITS[digit] + name
        skipped = not digit
    return out


def _by_value(value: int) -> str:
    if value == 0:
        return "零"
    if value >= 10**12:
        return _one_by_one(str(value))
    out, gap = "", False
    for unit, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part = value // unit % 10**4
        if part:
            out += ("零" if out and (part < 1000 or gap) else "") + _below_ten_thousand(part) + name
        gap = bool(out) and not part
    return out[1:] if out.startswith("一十") else out
