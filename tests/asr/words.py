"""A word model that a test can read: single words and pairs with the log probabilities given, all else unlikely."""

from asr.word_model import Context

_RARE = -12.0


class FewWords:
    """Keeps the contract of WordModel; the context is the word before."""

    start: Context = ""

    def __init__(self, words: dict[str, float], pairs: dict[tuple[str, str], float] | None = None) -> None:
        self.words = tuple(words)
        self._alone = words
        self._pairs = pairs or {}

    def follow(self, context: Context, word: str) -> tuple[float, Context]:
        if not isinstance(context, str):
            raise TypeError(f"not a context of mine: {context!r}")
        return self._pairs.get((context, word), self._alone.get(word, _RARE)), word
