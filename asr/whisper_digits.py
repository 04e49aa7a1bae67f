"""Whisper restricted to the sounds of digits: hears a read-out number again, its length given."""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asr.chinese_whisper import ChineseWhisper
from asr.spoken_number import sounding_digit

_SLOWER = 0.9
_BEAM = 8
_ZERO = "零"
"""Whisper writes it in two tokens, so that a number has as many tokens more as it has of them."""


def slowed(wide: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sound played slower, its pitch with it: another hearing of the same number."""
    places = np.arange(int(len(wide) / _SLOWER)) * _SLOWER
    slow: NDArray[np.float32] = np.interp(places, np.arange(len(wide)), wide).astype(np.float32)
    return slow


class WhisperDigits:
    """Hears digits only. tokenizer: of `tokenizers`; prompt: what begins each decoding;
    end: the token that ends it, below which all tokens are text. A hearing takes about 0.1 s of one core."""

    def __init__(self, model: ChineseWhisper, tokenizer: Any, prompt: list[int], end: int) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._prompt = prompt
        self._end = end

    def heard(self, encoded: Any, head: str, length: int, zeros: int) -> dict[str, float]:
        """The likeliest strings of `length` digits with their log probabilities.

        encoded: what the model's encoder made of the sound; head: the words that are said before the number; zeros:
        how many of the digits are 0.
        """
        prefix: list[int] = self._ids(head) if head else []
        found: dict[str, float] = {}
        for digits, log_probability in self._strings(encoded, prefix, length + zeros):
            if len(digits) == length:
                found[digits] = max(found.get(digits, -np.inf), log_probability)
        return found

    def _strings(self, encoded: Any, prefix: list[int], tokens: int) -> list[tuple[str, float]]:
        """Of so many tokens each; a number that is cut short or goes on has another length than it should."""
        (result,) = self._model.generate(
            encoded,
            [[*self._prompt, *prefix]],
            beam_size=_BEAM,
            num_hypotheses=_BEAM,
            most_tokens=tokens + len(prefix),
            return_scores=True,
            suppress_blank=False,
            suppress_tokens=self._suppressed,
        )
        return [
            (self._read(ids[len(prefix) :]), float(score * len(ids)))
            for ids, score in zip(result.sequences_ids, result.scores, strict=True)
        ]

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
        """All other tokens, the end too: the length is given."""
        allowed = self._digits.keys() | set(self._zero)
        return [token for token in range(self._tokenizer.get_vocab_size()) if token not in allowed]
