"""How likely a sequence of Chinese words is: a trigram language model in KenLM's binary form, with its word list.

The model that we use is the one of the input method libime (models/debian/libime-words.yaml): 165,000 words, made for
choosing characters by their sound, which is the very thing that a recogniser gets wrong.
"""

import math
from collections.abc import Hashable
from pathlib import Path
from typing import Any, Protocol

from domain.errors import ModelError

_LN10 = math.log(10.0)
_WORD_LIST = b"<unk>\0"

Context = Hashable
"""What a word model remembers of the words before; equal contexts have equal futures."""


class WordModel(Protocol):
    """A language model over words. Log probabilities are natural."""

    words: tuple[str, ...]
    """All words that it knows."""

    start: Context
    """The context in which nothing has been said."""

    def follow(self, context: Context, word: str) -> tuple[float, Context]:
        """The log probability of a known word after `context`, and the context after it."""


class KenlmWords:
    """The model in a file; ModelError when it is not one. Mapped into memory, so that processes share it."""

    def __init__(self, file: Path) -> None:
        import kenlm

        config = kenlm.Config()
        config.load_method = kenlm.LoadMethod.LAZY
        try:
            self._model: Any = kenlm.Model(str(file), config)
            self.words = _word_list(file)
        except (OSError, RuntimeError, ValueError) as error:
            raise ModelError(
                f"the language model does not load: {error}", where=str(file), remedy="run `hotline models verify`"
            ) from error
        self._new_state = kenlm.State
        self.start: Context = kenlm.State()
        self._model.NullContextWrite(self.start)

    def follow(self, context: Context, word: str) -> tuple[float, Context]:
        after = self._new_state()
        return self._model.BaseScore(context, word, after) * _LN10, after


def _word_list(file: Path) -> tuple[str, ...]:
    """The words that KenLM keeps, each ended by a NUL, behind the trie."""
    content = file.read_bytes()
    begin = content.rfind(_WORD_LIST)
    if begin < 0:
        raise ValueError("it has no word list")
    return tuple(content[begin + len(_WORD_LIST) :].decode().rstrip("\0").split("\0"))
