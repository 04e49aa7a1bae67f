"""Vosk: Kaldi's streaming recogniser, with partial words, word times and, for menus, a grammar.

The model is a folder as the project publishes it (alphacephei.com/vosk/models): am/, conf/, graph/, mostly ivector/.
Grammars work with models that have graph/Gr.fst; one with graph/HCLG.fst hears everything regardless.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog

from asr.optional_package import optional_package
from asr.rate_change import DoubledRate
from asr.recogniser import NOTHING_HEARD, WIDE_RATE_HZ, Heard, Samples, Word, check_rate, check_samples
from asr.spoken_text import ended, written
from asr.streaming import measured_factor, over
from domain.errors import EngineError, ModelError

_LOG = structlog.get_logger(__name__)
_NEEDED = (
    ("am/final.mdl", "final.mdl"),
    ("conf/mfcc.conf", "mfcc.conf"),
    ("graph/HCLG.fst", "graph/HCLr.fst", "HCLG.fst", "HCLr.fst"),
)
_UNKNOWN = "[unk]"
_LONGEST_WORD = 8
_PIECE_BYTES = 2 * WIDE_RATE_HZ // 10


class _VoskWord(msgspec.Struct):
    word: str
    start: float
    end: float
    conf: float = 1.0


class _Answer(msgspec.Struct):
    """What Result and FinalResult give, and with `partial…` what PartialResult gives."""

    text: str = ""
    result: list[_VoskWord] = []
    partial: str = ""
    partial_result: list[_VoskWord] = []


class Vosk:
    """A vosk model in a folder. ModelError when files are missing or the engine refuses them."""

    def __init__(self, folder: Path) -> None:
        self._vosk = optional_package("vosk", "vosk")
        self.name = folder.name
        check_vosk_files(folder)
        self._vosk.SetLogLevel(-1)
        try:
            self._model: Any = self._vosk.Model(str(folder))
        except Exception as error:  # vosk raises nothing more precise
            raise ModelError(
                f"vosk refuses the model: {error}", where=str(folder), remedy="fetch it again: `hotline models fetch`"
            ) from error

    def open(self, rate_hz: int, phrases: Sequence[str] = ()) -> "VoskSession":
        check_rate(rate_hz, self.name)
        known = [words for phrase in phrases if (words := self._in_words(phrase))]
        if phrases and not known:
            _LOG.warning("no phrase of the menu is in the model's vocabulary", phrases=list(phrases), engine=self.name)
        grammar = (json.dumps([*known, _UNKNOWN], ensure_ascii=False),) if known else ()
        recogniser = self._vosk.KaldiRecognizer(self._model, float(WIDE_RATE_HZ), *grammar)
        recogniser.SetWords(True)
        recogniser.SetPartialWords(True)
        return VoskSession(recogniser, rate_hz, self.name)

    def real_time_factor(self) -> float:
        return measured_factor(self)

    def _in_words(self, phrase: str) -> str:
        """The phrase in words that the model knows, separated by spaces; "" when it has others."""
        words: list[str] = []
        for part in phrase.split():
            rest = part
            while rest:
                longest = next((rest[:size] for size in _sizes(rest) if self._knows(rest[:size])), "")
                if not longest:
                    return ""
                words.append(longest)
                rest = rest[len(longest) :]
        return " ".join(words)

    def _knows(self, word: str) -> bool:
        return int(self._model.vosk_model_find_word(word)) >= 0


def check_vosk_files(folder: Path) -> None:
    """ModelError naming the first file that a vosk model must have and this folder has not."""
    for choice in _NEEDED:
        if not any((folder / file).is_file() for file in choice):
            raise ModelError(
                f"the vosk model lacks {choice[0]}",
                where=str(folder),
                remedy="run `hotline models verify`; `hotline models list` names the models to fetch",
            )


class VoskSession:
    """The session of a Vosk. The engine's own endpointer may cut the utterance: its parts are put together.

    It decides at the end of each piece, so the pieces are made equal: else the words would depend on the network.
    """

    def __init__(self, recogniser: Any, rate_hz: int, name: str) -> None:
        self._recogniser = recogniser
        self._doubled = DoubledRate() if rate_hz != WIDE_RATE_HZ else None
        self._name = name
        self._words: list[_VoskWord] = []
        self._waiting = bytearray()

    def accept(self, samples: Samples) -> None:
        self._check()
        check_samples(samples, self._name)
        self._waiting += (self._doubled(samples) if self._doubled else samples).tobytes()
        whole = len(self._waiting) // _PIECE_BYTES * _PIECE_BYTES
        for at in range(0, whole, _PIECE_BYTES):
            self._decode(bytes(self._waiting[at : at + _PIECE_BYTES]))
        del self._waiting[:whole]

    def partial(self) -> Heard:
        self._check()
        return _heard([*self._words, *_decoded(self._recogniser.PartialResult()).partial_result], final=False)

    def finish(self) -> Heard:
        self._check()
        if self._waiting:
            self._decode(bytes(self._waiting))
        self._words += _decoded(self._recogniser.FinalResult()).result
        self.close()
        return _heard(self._words, final=True)

    def close(self) -> None:
        self._recogniser = None

    def _decode(self, pcm: bytes) -> None:
        try:
            complete = self._recogniser.AcceptWaveform(pcm)
        except Exception as error:  # vosk raises nothing more precise
            raise EngineError(
                f"vosk gave up: {error}", where=self._name, remedy="run `hotline models verify`, then start again"
            ) from error
        if complete:
            self._words += _decoded(self._recogniser.Result()).result

    def _check(self) -> None:
        if self._recogniser is None:
            raise over(self._name)


def _sizes(text: str) -> range:
    return range(min(len(text), max(_LONGEST_WORD, len(text) if text.isascii() else 0)), 0, -1)


def _decoded(answer: str) -> _Answer:
    return msgspec.json.decode(answer, type=_Answer)


def _heard(said: Sequence[_VoskWord], *, final: bool) -> Heard:
    words = tuple(Word(word.word, word.start, word.end, min(1.0, word.conf)) for word in said if word.word != _UNKNOWN)
    text = written(" ".join(word.text for word in words))
    if not text:
        return NOTHING_HEARD
    confidence = sum(word.confidence for word in words) / len(words)
    return Heard(ended(text) if final else text, confidence, 0.0, words)
