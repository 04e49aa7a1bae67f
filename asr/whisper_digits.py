"""Whisper restricted to the sounds of digits: hears a read-out number again."""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asr.chinese_whisper import ChineseWhisper
from asr.number_span import sounding_digit

_SLOWER = 0.9
_BEAM = 8
_PATIENCE = 2.0
"""Strings that end early fill the beam otherwise: whoever loses one of two equal digits ends before the others."""
_DOUBLED_COST = 5.5
"""Natural logarithm; fitted coarsely (docs/asr.md)."""
_MORE_TOKENS = 7
"""Than digits: a zero may take two."""
_ZERO = "零"
"""Whisper writes it in two tokens, so that a number has as many tokens more as it has of them."""


def slowed(wide: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sound played slower, its pitch with it: another hearing of the same number."""
    places = np.arange(int(len(wide) / _SLOWER)) * _SLOWER
    slow: NDArray[np.float32] = np.interp(places, np.arange(len(wide)), wide).astype(np.float32)
    return slow


def with_one_doubled(digits: str) -> list[str]:
    """The strings of which one of two equal digits was not heard."""
    return sorted({digits[:place] + digits[place] + digits[place:] for place in range(len(digits))})


class WhisperDigits:
    """Hears digits only. tokenizer: of `tokenizers`; prompt: what begins each decoding;
    end: the token that ends it, below which all tokens are text. A hearing takes about 0.1 s of one core."""

    def __init__(self, model: ChineseWhisper, tokenizer: Any, prompt: list[int], end: int) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._prompt = prompt
        self._end = end

    def heard(self, encoded: Any, head: str, length: int) -> dict[str, float]:
        """The likeliest strings of `length` digits with their log probabilities, the number's end being heard.

        encoded: what the model's encoder made of the sound; head: the words that are said before the number. Strings
        that are one short may have lost one of two equal digits. {} when all that is likely has another length.
        """
        strings = self._strings(encoded, head, length + _MORE_TOKENS, may_end=True)
        doubled = [
            (longer, log_probability - _DOUBLED_COST)
            for digits, log_probability in strings
            for longer in with_one_doubled(digits)
        ]
        return self._of_length([*strings, *doubled], length)

    def forced(self, encoded: Any, head: str, length: int, zeros: int) -> dict[str, float]:
        """The likeliest strings of `length` digits of which `zeros` are 0, whether or not the number ends there."""
        return self._of_length(self._strings(encoded, head, length + zeros, may_end=False), length)

    def _of_length(self, strings: list[tuple[str, float]], length: int) -> dict[str, float]:
        found: dict[str, float] = {}
        for digits, log_probability in strings:
            if len(digits) == length:
                found[digits] = max(found.get(digits, -np.inf), log_probability)
        return found

    def _strings(self, encoded: Any, head: str, tokens: int, *, may_end: bool) -> list[tuple[str, float]]:
        """Of so many tokens at most, or of just so many."""
        prefix: list[int] = self._ids(head) if head else []
        (result,) = self._model.generate(
            encoded,
            [[*self._prompt, *prefix]],
            beam_size=_BEAM,
            num_hypotheses=_BEAM,
            most_tokens=tokens + len(prefix),
            patience=_PATIENCE if may_end else 1,
            return_scores=True,
            suppress_blank=False,
            suppress_tokens=self._suppressed if may_end else [*self._suppressed, self._end],
        )
        out = []
        for ids, score in zip(result.sequences_ids, result.scores, strict=True):
            digits = [token for token in ids[len(prefix) :] if token < self._end]
            # An end that was heard counts in the mean that the score is, and stands not among the tokens.
            ended = may_end and len(digits) < tokens
            out.append((self._read(digits), float(score * (len(prefix) + len(digits) + ended))))
        return out

    def _read(self, ids: list[int]) -> str:
        """The digits; "" when half a character is left over."""
        first, second = self._zero
        digits, place = "", 0
        while place < len(ids):
            if ids[place] in self._digits:
                digits += self._digits[ids[place]]
            elif ids[place : place + 2] == [first, second]:
                digits, place = digits + "0", place + 1
            else:
                return ""
            place += 1
        return digits

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    @cached_property
    def _zero(self) -> tuple[int, int]:
        first, second = self._ids(_ZERO)
        return first, second

    @cached_property
    def _digits(self) -> dict[int, str]:
        """The digit of each token that is one character and sounds like one."""
        return {
            token: digit for token in range(self._end) if (digit := sounding_digit(self._tokenizer.decode([token])))
        }

    @cached_property
    def _suppressed(self) -> list[int]:
        """All other tokens but the end."""
        allowed = self._digits.keys() | set(self._zero) | {self._end}
        return [token for token in range(self._tokenizer.get_vocab_size()) if token not in allowed]
