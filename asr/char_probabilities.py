"""How probable an engine finds each character that it writes, and each of the text that is made of it. Pure."""

from collections.abc import Sequence
from itertools import groupby

from rapidfuzz.distance import Levenshtein


def char_probabilities(pieces: Sequence[bytes], probabilities: Sequence[float]) -> tuple[str, tuple[float, ...]]:
    """The text that the tokens are together, and each character's probability: that of its least probable token.

    pieces: each token's bytes of UTF-8, of which a rare character takes several. What is no UTF-8 (a character whose
    rest was not written) is left out.
    """
    text: list[str] = []
    least: list[float] = []
    content = b"".join(pieces)
    of_bytes = [probability for piece, probability in zip(pieces, probabilities, strict=True) for _ in piece]
    at = 0
    while at < len(content):
        size = _size(content[at])
        try:
            text.append(content[at : at + size].decode())
            least.append(min(of_bytes[at : at + size]))
        except UnicodeDecodeError:
            size = 1
        at += size
    return "".join(text), tuple(least)


def carried(raw: str, probabilities: Sequence[float], text: str) -> tuple[float, ...]:
    """For each character of `text`, which was made of `raw`, the probability of what stands there in `raw`.

    A character of another spelling or script has that of the one in whose place it is; where several stand for several
    others, each has the least of them; what is added, that of the character before it.
    """
    out: list[float] = []
    for _, run in groupby(Levenshtein.opcodes(raw, text), key=lambda block: block.tag == "equal"):
        blocks = list(run)
        length = blocks[-1].dest_end - blocks[0].dest_start
        there = list(probabilities[blocks[0].src_start : blocks[-1].src_end])
        if len(there) == length:
            out += there
        elif length:
            out += [min(there) if there else (out[-1] if out else 1.0)] * length
    return tuple(out)


def _size(lead: int) -> int:
    """Of a character in UTF-8 that begins with this byte."""
    return 1 + (lead >= 0xC0) + (lead >= 0xE0) + (lead >= 0xF0)
