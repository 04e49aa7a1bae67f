"""sherpa-onnx: streaming Zipformer and Paraformer, and SenseVoice, Paraformer and Zipformer that hear whole utterances.

A model is a folder with tokens.txt and the ONNX files as the project publishes them; int8 files are preferred.
"""

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asr.optional_package import optional_package
from asr.rate_change import DoubledRate
from asr.recogniser import (
    NOTHING_HEARD,
    WIDE_RATE_HZ,
    Clip,
    Effort,
    Heard,
    Samples,
    Word,
    check_rate,
    check_samples,
    is_audible,
)
from asr.spoken_text import ended, written
from asr.streaming import measured_factor, over
from domain.errors import ModelError

STREAMING = {
    "streaming-zipformer": ("from_transducer", {"encoder": "encoder", "decoder": "decoder", "joiner": "joiner"}),
    "streaming-paraformer": ("from_paraformer", {"encoder": "encoder", "decoder": "decoder"}),
}
"""By [asr] model_type: the package's constructor, and for its arguments what the files' names begin with."""
OFFLINE = {
    "zipformer": ("from_transducer", {"encoder": "encoder", "decoder": "decoder", "joiner": "joiner"}),
    "paraformer": ("from_paraformer", {"paraformer": "model"}),
    "sense-voice": ("from_sense_voice", {"model": "model"}),
    "ctc": ("from_zipformer_ctc", {"model": ""}),
}
_EXTRA: dict[str, dict[str, Any]] = {"sense-voice": {"language": "zh", "use_itn": True}}
_TAIL_S = 0.6
"""Silence after the end, so that a streaming model lets go of its last words."""
_CONFIDENCE = 0.9
"""Of models that tell none."""
_LONGEST_TOKEN_S = 0.4
_MEASURED_S = 4.0


class SherpaStreaming:
    """A streaming model. ModelError when files are missing or the engine refuses them."""

    def __init__(self, folder: Path, model_type: str, *, threads: int = 1) -> None:
        files = sherpa_files(folder, model_type)
        self.name = folder.name
        self._recogniser = _loaded(
            "OnlineRecognizer", STREAMING[model_type][0], folder, files | {"num_threads": threads}
        )

    def open(self, rate_hz: int, phrases: Sequence[str] = ()) -> "SherpaSession":
        """phrases: not used; these models have no grammar."""
        check_rate(rate_hz, self.name)
        return SherpaSession(self._recogniser, rate_hz, self.name)

    def real_time_factor(self) -> float:
        return measured_factor(self)


class SherpaSession:
    """The session of a SherpaStreaming."""

    def __init__(self, recogniser: Any, rate_hz: int, name: str) -> None:
        self._recogniser = recogniser
        self._stream: Any = recogniser.create_stream()
        self._doubled = DoubledRate() if rate_hz != WIDE_RATE_HZ else None
        self._name = name
        self._audible = False
        self._heard_s = 0.0

    def accept(self, samples: Samples) -> None:
        self._check()
        check_samples(samples, self._name)
        self._audible = self._audible or is_audible(samples)
        wide = self._doubled(samples) if self._doubled else samples
        self._heard_s += len(wide) / WIDE_RATE_HZ
        if len(wide):
            self._stream.accept_waveform(WIDE_RATE_HZ, _floats(wide))
            self._decode()

    def partial(self) -> Heard:
        self._check()
        return self._heard(final=False)

    def finish(self) -> Heard:
        self._check()
        if self._audible:
            self._stream.accept_waveform(WIDE_RATE_HZ, np.zeros(int(_TAIL_S * WIDE_RATE_HZ), dtype=np.float32))
            self._stream.input_finished()
            self._decode()
        heard = self._heard(final=True)
        self.close()
        return heard

    def close(self) -> None:
        self._stream = None

    def _decode(self) -> None:
        while self._recogniser.is_ready(self._stream):
            self._recogniser.decode_stream(self._stream)

    def _heard(self, *, final: bool) -> Heard:
        if not self._audible:
            return NOTHING_HEARD
        return _told(self._recogniser.get_result_all(self._stream), "ys_probs", self._heard_s, final=final)

    def _check(self) -> None:
        if self._stream is None:
            raise over(self._name)


class SherpaClips:
    """A model that hears whole utterances: a Recogniser. ModelError as SherpaStreaming."""

    continues = False

    def __init__(self, folder: Path, model_type: str, *, threads: int = 1) -> None:
        options = {"num_threads": threads, **sherpa_files(folder, model_type), **_EXTRA.get(model_type, {})}
        self.name = folder.name
        self._recogniser = _loaded("OfflineRecognizer", OFFLINE[model_type][0], folder, options)

    def recognise(self, clips: Sequence[Clip], effort: Effort) -> list[Heard]:
        heard = [NOTHING_HEARD] * len(clips)
        streams: dict[int, Any] = {}
        for place, clip in enumerate(clips):
            if is_audible(clip.samples):
                streams[place] = self._recogniser.create_stream()
                wide = clip.samples if clip.rate_hz == WIDE_RATE_HZ else DoubledRate()(clip.samples)
                streams[place].accept_waveform(WIDE_RATE_HZ, _floats(wide))
        if streams:
            self._recogniser.decode_streams(list(streams.values()))
        for place, stream in streams.items():
            final = effort is Effort.FINAL
            heard[place] = _told(stream.result, "ys_log_probs", clips[place].seconds, final=final)
        return heard

    def real_time_factor(self) -> float:
        noise = np.random.default_rng(0).normal(0.0, 1600.0, int(_MEASURED_S * WIDE_RATE_HZ)).astype(np.int16)
        started = time.process_time()
        self.recognise([Clip(noise, WIDE_RATE_HZ)], Effort.FINAL)
        return max(1e-4, (time.process_time() - started) / _MEASURED_S)


def sherpa_files(folder: Path, model_type: str) -> dict[str, str]:
    """The model's files by the package's names for them; ModelError names the first that is missing."""
    _, arguments = (STREAMING | OFFLINE)[model_type]
    if not (folder / "tokens.txt").is_file():
        raise _lacks(folder, "tokens.txt")
    return {name: str(_onnx(folder, begins)) for name, begins in arguments.items()} | {
        "tokens": str(folder / "tokens.txt")
    }


def _loaded(kind: str, constructor: str, folder: Path, options: dict[str, Any]) -> Any:
    package = optional_package("sherpa_onnx", "sherpa-onnx")
    try:
        return getattr(getattr(package, kind), constructor)(**options)
    except Exception as error:  # the package raises bare RuntimeError and others
        raise ModelError(
            f"sherpa-onnx refuses the model: {error}",
            where=str(folder),
            remedy="check [asr] model_type; fetch the model again: `hotline models fetch`",
        ) from error


def _onnx(folder: Path, begins: str) -> Path:
    """The model's file of that part, int8 before others."""
    found = sorted(folder.glob(f"{begins}*.onnx"), key=lambda path: ("int8" not in path.name, path.name))
    if not found:
        raise _lacks(folder, f"{begins}….onnx")
    return found[0]


def _lacks(folder: Path, file: str) -> ModelError:
    return ModelError(
        f"the sherpa-onnx model lacks {file}",
        where=str(folder),
        remedy="check [asr] model_type; `hotline models list` names the models to fetch",
    )


def _told(result: Any, log_probabilities: str, heard_s: float, *, final: bool) -> Heard:
    """Text, and of each token its time and probability where the model tells them."""
    text = written(result.text)
    if not text:
        return NOTHING_HEARD
    tokens = [token.replace("▁", " ").strip() for token in result.tokens]
    starts = [min(max(0.0, float(start)), heard_s) for start in result.timestamps]
    sure = [min(1.0, math.exp(value)) for value in getattr(result, log_probabilities, None) or ()]
    confidence = sum(sure) / len(sure) if sure else _CONFIDENCE
    words: tuple[Word, ...] = ()
    if len(starts) == len(tokens):
        ends = [*starts[1:], heard_s]
        chances = sure if len(sure) == len(tokens) else [confidence] * len(tokens)
        words = tuple(
            Word(token, start, min(end, start + _LONGEST_TOKEN_S), chance)
            for token, start, end, chance in zip(tokens, starts, ends, chances, strict=True)
            if token
        )
    return Heard(ended(text) if final else text, confidence, 0.0, words)


def _floats(samples: Samples) -> NDArray[np.float32]:
    return samples.astype(np.float32) / np.float32(32768)
