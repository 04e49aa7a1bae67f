"""Which of Whisper's tokens Chinese speech may need: whole and broken Chinese characters, digits, short Latin words.

Whisper's tokens are pieces of UTF-8, written with a letter for each byte (GPT-2's encoder.py): a character that is
rare is spelled by two or three of them, so that a piece may begin or end within a character. All single bytes stay, so
that nothing becomes impossible to write.
"""

import re
from collections.abc import Sequence
from functools import cache

_LONGEST_LATIN = 3
"""Letters; longer words stay when they are written in capitals only: WIFI."""
_LEADS = (*range(0xE2, 0xEA), 0xEF)
"""First bytes of what UTF-8 has for Chinese characters, their punctuation and the full-width forms."""
_CHINESE = re.compile(r"[\x00-\x7f\u2010-\u2027\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]*")
_CONTINUES = range(0x80, 0xC0)
TEXT_ENDS = "<|endoftext|>"


def chinese_tokens(tokens: Sequence[str]) -> list[int]:
    """The ids of those that stay, ascending. tokens: the vocabulary, marks such as <|zh|> behind <|endoftext|>.

    Marks stay but for those of times. ValueError when it is no vocabulary of Whisper.
    """
    first_mark = tokens.index(TEXT_ENDS)
    words = [place for place, token in enumerate(tokens[:first_mark]) if _is_needed(bytes_of(token))]
    marks = [place for place, token in enumerate(tokens) if place >= first_mark and not _is_time(token)]
    return [*words, *marks]


def _is_time(mark: str) -> bool:
    return mark[2:3].isdigit()


def _is_needed(piece: bytes) -> bool:
    if len(piece) <= 1:
        return True
    if piece.isascii():
        word = piece.decode().strip()
        return len(word) <= _LONGEST_LATIN or word.isdigit() or word.isupper()
    return _is_chinese(piece)


def _is_chinese(piece: bytes) -> bool:
    """Whether whole characters in it are Chinese or ASCII, and a begun one at its end may become so."""
    inner = piece.lstrip(bytes(_CONTINUES))
    last = max((place for place, byte in enumerate(inner) if byte >= _CONTINUES.stop), default=0)
    whole, begun = (inner, b"") if _is_text(inner) else (inner[:last], inner[last:])
    if not _is_text(whole) or (begun and begun[0] not in _LEADS):
        return False
    return _CHINESE.fullmatch(whole.decode()) is not None


def _is_text(piece: bytes) -> bool:
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    return True


def bytes_of(token: str) -> bytes:
    """What a word of the vocabulary writes; KeyError for a mark with letters that stand for no byte."""
    letters = _bytes_by_letter()
    return bytes(letters[letter] for letter in token)


@cache
def _bytes_by_letter() -> dict[str, int]:
    """Bytes that are letters or signs stand for themselves, the others for U+0100 and on in their order."""
    own = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in own]
    return {chr(byte): byte for byte in own} | {chr(0x100 + place): byte for place, byte in enumerate(others)}
