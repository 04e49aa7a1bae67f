"""Cutting text where a speaker would breathe."""

import re

_SENTENCE = re.compile(r"[^。！？；!?;\n]+[。！？；!?;\n]*")
_CLAUSE = re.compile(r"[^，、：,:。！？；!?;\n]+[，、：,:。！？；!?;\n]*")


def sentences(text: str) -> tuple[str, ...]:
    """Whole sentences with their punctuation; their concatenation is the text without outer spaces."""
    return tuple(part.strip() for part in _SENTENCE.findall(text) if part.strip())


def clauses(text: str, *, first_characters: int = 8, characters: int = 24) -> tuple[str, ...]:
    """Pieces to speak one after another while the next one is synthesised.

    The first piece is a single clause if it has up to `first_characters`, so that it is heard soon; later pieces
    gather clauses up to `characters`. A clause that is longer stays whole: cutting inside it would be heard.
    """
    pieces: list[str] = []
    limit = first_characters
    for clause in (part.strip() for part in _CLAUSE.findall(text)):
        if not clause:
            continue
        ends_sentence = bool(pieces) and pieces[-1][-1] in "。！？；!?;"
        if pieces and not ends_sentence and len(pieces[-1]) + len(clause) <= limit:
            pieces[-1] += clause
        else:
            limit = characters if pieces else first_characters
            pieces.append(clause)
    return tuple(pieces)
