"""When Whisper heard each character of a text: from its cross attention, whoever wrote the text.

The decoder is given the text as if it had written it, and the heads that are known to look where the words are tell at
which of the encoder's frames it looked for each token (OpenAI's whisper/timing.py). One pass over all tokens together.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asr.chinese_whisper import ChineseWhisper
from asr.numerals import DIGITS
from asr.recogniser import Heard, Word
from asr.token_times import character_words

_FRAME_S = 0.02
"""Of the encoder's output."""
_BEHIND_S = 2.0
"""How much of the padding the decoder sees: without it the times are worse, with all of it no better (docs/asr.md)."""
_EARLY_S = 0.12
"""So long before a character is said whisper-base looks for it, at the median of synthesised speech and of real one."""
_ONE_BY_ONE = str.maketrans("0123456789", DIGITS)


class WhisperTimes:
    """tokenizer: of `tokenizers`; marks: what begins each decoding, without <|notimestamps|>."""

    def __init__(self, model: ChineseWhisper, tokenizer: Any, marks: list[int]) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._marks = marks

    def timed(self, heard: Heard, encoded: NDArray[np.float32], seconds: float) -> Heard:
        """The same with its characters as words, where all of them are found in the sound.

        encoded: (frames, width), what the encoder made of the sound and its padding; seconds: of the sound alone.
        """
        if not heard.text:
            return heard
        written = self._tokenizer.encode(_as_said(heard), add_special_tokens=False)
        seen = encoded[: math.ceil((seconds + _BEHIND_S) / _FRAME_S)]
        path = self._model.align(seen, math.ceil(seconds / _FRAME_S), self._marks, written.ids)
        words = character_words(heard.text, written.offsets, path, _FRAME_S)
        return replace(heard, words=_moved(_with_confidence(words, heard), seconds))


def _as_said(heard: Heard) -> str:
    """The text with a character of its own for each digit of a number that was read out, as whisper reads them so."""
    text = heard.text
    for number in heard.numbers:
        text = text[: number.start] + text[number.start : number.end].translate(_ONE_BY_ONE) + text[number.end :]
    return text


def _with_confidence(words: tuple[Word, ...], heard: Heard) -> tuple[Word, ...]:
    if not heard.char_confidence:
        return tuple(replace(word, confidence=heard.confidence) for word in words)
    sounding = [each for each, char in zip(heard.char_confidence, heard.text, strict=True) if char.isalnum()]
    return tuple(replace(word, confidence=each) for word, each in zip(words, sounding, strict=bool(words)))


def _moved(words: tuple[Word, ...], seconds: float) -> tuple[Word, ...]:
    """As late as they are said, and none behind the sound."""
    return tuple(
        replace(word, start_s=min(seconds, word.start_s + _EARLY_S), end_s=min(seconds, word.end_s + _EARLY_S))
        for word in words
    )
