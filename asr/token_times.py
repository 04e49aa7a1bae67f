"""When each character was said, from the frames at which an engine looked while it wrote its tokens. Pure."""

from collections.abc import Sequence

from asr.recogniser import Word


def character_words(
    text: str, spans: Sequence[tuple[int, int]], path: Sequence[tuple[int, int]], frame_s: float
) -> tuple[Word, ...]:
    """Each sounding character of a text as a word with its time; () when a token or a character has none.

    spans: for each token the characters text[start:end] of which it is one or more, or a piece, in order.
    path: (token, frame) pairs in order, as dynamic time warping lays the tokens beside the frames; a last "token", the
    text's end, may stand behind the others. A pause belongs to the punctuation in it, else to a character beside it.
    """
    firsts: dict[int, int] = {}
    for token, frame in path:
        firsts.setdefault(token, frame)
    if not path or any(token not in firsts for token in range(len(spans))):
        return ()
    edges = [firsts[token] for token in range(len(spans))] + [firsts.get(len(spans), path[-1][1] + 1)]
    starts: dict[int, float] = {}
    ends: dict[int, float] = {}
    for token, (start, end) in enumerate(spans):
        first, length = edges[token], edges[token + 1] - edges[token]
        for place in range(start, end):
            starts.setdefault(place, first + length * (place - start) / (end - start))
            ends[place] = first + length * (place + 1 - start) / (end - start)
    sounding = [place for place, character in enumerate(text) if character.isalnum()]
    if any(place not in starts for place in sounding):
        return ()
    return tuple(Word(text[place], starts[place] * frame_s, ends[place] * frame_s, 1.0) for place in sounding)
