"""CTranslate2's Whisper without the tokens that Chinese speech never needs.

Whisper weighs all of its 51,865 tokens for each character of each hypothesis, and four of five are pieces of words of
other languages. Without them the search takes half of the time and finds the same words (docs/asr.md). Outside of this
file ids are those of the whole model.
"""

import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from asr.chinese_tokens import TEXT_ENDS, bytes_of, chinese_tokens
from asr.log_mel import RATE_HZ, log_mel
from asr.model_variables import ModelVariables, read_variables
from asr.processor import adds_signed_bytes_exactly, has_wide_vectors, processor_flags
from asr.thinned_padding import Padding

if TYPE_CHECKING:
    from asr.thin_encoder import ThinEncoder

_NARROWED_BYTES = 600_000_000
"""A larger model spends its time elsewhere, and narrowing it would take several times its size of memory."""
_BY_MODEL = -1
"""Among tokens to suppress: those that the model's own settings name."""
_SMOOTHED_FRAMES = 3
_LONGEST_INPUT_S = 30.0
_FRAMES_PER_S = 100
"""Of the spectrogram."""
_HEAD_WIDTH = 64
"""Of every Whisper's attention."""
_IDS = ("lang_ids", "suppress_ids", "suppress_ids_begin")
"""What of config.json is token ids."""


@dataclass(frozen=True)
class Answer:
    """What one clip may say. sequences_ids: hypotheses, the likeliest first; scores: their mean log probabilities.

    probabilities: of each token of the likeliest, where they were asked for.
    """

    sequences_ids: list[list[int]]
    scores: list[float]
    no_speech_prob: float
    probabilities: tuple[float, ...] = ()


class ChineseWhisper:
    """On the CPU, in int8. Raises what CTranslate2 does, and OSError and ValueError for files that are no model."""

    def __init__(self, folder: Path, *, workers: int, threads_per_worker: int) -> None:
        _allow_wide_vectors()
        import ctranslate2

        tokens = _tokens_of(folder)
        narrows = (folder / "model.bin").stat().st_size <= _NARROWED_BYTES
        kept = chinese_tokens(tokens) if narrows else list(range(len(tokens)))
        self._tokens = tokens
        self._whole_ids = np.array(kept)
        self._own_ids = {whole: own for own, whole in enumerate(kept)}
        self._view = ctranslate2.StorageView.from_array
        variables = read_variables(folder / "model.bin") if narrows else None
        self._model: Any = ctranslate2.models.Whisper(
            str(folder),
            device="cpu",
            compute_type="int8",
            inter_threads=workers,
            intra_threads=threads_per_worker,
            files=self._narrowed(folder, tokens, variables) if variables else None,
        )
        self.n_mels: int = self._model.n_mels
        self._aligns = bool(_read(folder / "config.json").get("alignment_heads"))
        self._encoder = _thin_encoder(variables, threads_per_worker) if variables else None

    def encode(self, wide: Sequence[NDArray[np.float32]], padding: Padding) -> Any:
        """What `generate` takes, for any number of searches. wide: clips' samples, −1..1 at 16 kHz."""
        if self._encoder is not None:
            return self._view(self._encoder.encode(wide, padding))
        longest_s = max(map(len, wide)) / RATE_HZ
        input_s = min(_LONGEST_INPUT_S, max(padding.at_least_s, longest_s + padding.behind_s))
        frames = 2 * math.ceil(input_s * _FRAMES_PER_S / 2)
        mels = np.stack([log_mel(samples, frames, self.n_mels) for samples in wide])
        return self._model.encode(self._view(mels))

    def of_clip(self, encoded: Any, clip: int) -> Any:
        """What `encode` made of one of its clips."""
        return self._view(np.ascontiguousarray(np.asarray(encoded)[clip : clip + 1]))

    def generate(
        self,
        encoded: Any,
        prompts: Sequence[Sequence[int]],
        *,
        most_tokens: int,
        suppress_tokens: Sequence[int] = (_BY_MODEL,),
        probabilities: bool = False,
        **options: Any,
    ) -> list[Answer]:
        """CTranslate2's, on what `encode` gave. Tokens that were left out need not be suppressed, and may be named.

        most_tokens: of an answer, with those that its prompt has behind the marks; no fewer than there are marks.
        probabilities: whether each token's is wanted, too, which takes 42 KB for each token of each hypothesis.
        """
        results = self._model.generate(
            encoded,
            [[self._own_ids[token] for token in prompt] for prompt in prompts],
            max_length=2 * most_tokens,  # it writes half of that at most (WhisperReplica::generate in its whisper.cc)
            suppress_tokens=[
                token if token == _BY_MODEL else self._own_ids[token]
                for token in suppress_tokens
                if token == _BY_MODEL or token in self._own_ids
            ],
            return_logits_vocab=probabilities,
            **options,
        )
        return [
            Answer(
                [self._whole_ids[ids].tolist() for ids in one.sequences_ids],
                one.scores,
                one.no_speech_prob,
                _probabilities(one.logits[0], one.sequences_ids[0]) if probabilities else (),
            )
            for one in results
        ]

    def piece(self, token: int) -> bytes:
        """What a token below the marks writes: one character of UTF-8 or more, or a part of one."""
        return bytes_of(self._tokens[token])

    def align(
        self, encoded: NDArray[np.float32], frames: int, marks: Sequence[int], tokens: Sequence[int]
    ) -> list[tuple[int, int]]:
        """(token, frame) pairs: where in the first frames of a clip's encoding (frames, width) tokens were said.

        marks: the prompt's, up to <|notimestamps|>. Empty when one of the tokens was left out, or when the model does
        not say which of its heads look where the words are.
        """
        if not self._aligns or not all(token in self._own_ids for token in tokens):
            return []
        (found,) = self._model.align(
            self._view(np.ascontiguousarray(encoded[None])),
            [self._own_ids[token] for token in marks],
            [[self._own_ids[token] for token in tokens]],
            2 * frames,  # of the spectrogram, two of which are one of the encoding
            median_filter_width=_SMOOTHED_FRAMES,
        )
        path: list[tuple[int, int]] = found.alignments
        return path

    def detect_language(self, encoded: Any) -> list[list[tuple[str, float]]]:
        """For each clip the languages' marks with their probabilities, the likeliest first."""
        found: list[list[tuple[str, float]]] = self._model.detect_language(encoded)
        return found

    def _narrowed(self, folder: Path, tokens: Sequence[str], whole: ModelVariables) -> dict[str, bytes]:
        """The model's files with the tokens that stay."""
        settings = _read(folder / "config.json")
        for name in _IDS:
            settings[name] = [self._own_ids[token] for token in settings[name] if token in self._own_ids]
        variables = {
            name: variable.with_rows(self._whole_ids) if variable.shape[:1] == (len(tokens),) else variable
            for name, variable in whole.variables.items()
        }
        return {
            "model.bin": replace(whole, variables=variables).content(),
            "config.json": json.dumps(settings).encode(),
            "vocabulary.json": json.dumps([tokens[place] for place in self._whole_ids]).encode(),
        }


def _probabilities(logits: Sequence[Any], tokens: Sequence[int]) -> tuple[float, ...]:
    """logits: of each token all that might have stood in its place; those of an end that was heard stand behind."""
    if not tokens:
        return ()
    weighed = np.stack([np.asarray(one) for one in logits[: len(tokens)]]).reshape(len(tokens), -1)
    weighed = np.exp(weighed - weighed.max(axis=1, keepdims=True))
    chosen = weighed[np.arange(len(tokens)), np.asarray(tokens)] / weighed.sum(axis=1)
    return tuple(chosen.tolist())


def _thin_encoder(model: ModelVariables, threads: int) -> "ThinEncoder | None":
    """None for a model whose weights are not real numbers: those cannot be quantised another way."""
    from asr.thin_encoder import ThinEncoder

    weights = {
        name: values
        for name, variable in model.variables.items()
        if name.startswith("encoder/") and (values := variable.floats()) is not None
    }
    first = weights.get("encoder/conv1/weight")
    if first is None:
        return None
    signed = adds_signed_bytes_exactly(processor_flags())
    return ThinEncoder(weights, first.shape[0] // _HEAD_WIDTH, threads=threads, signed=signed)


def _allow_wide_vectors() -> None:
    """CTranslate2 takes AVX-512 by itself on Intel's processors only; on AMD's it is a twelfth faster."""
    if has_wide_vectors(processor_flags()):
        os.environ.setdefault("CT2_FORCE_CPU_ISA", "AVX512")


def _tokens_of(folder: Path) -> list[str]:
    file = folder / "vocabulary.json"
    if file.is_file():
        tokens = [str(token) for token in _read(file)]
    else:
        file = folder / "vocabulary.txt"
        tokens = file.read_text("utf-8").removesuffix("\n").split("\n")
    if TEXT_ENDS not in tokens:
        raise ValueError(f"{file.name} has no {TEXT_ENDS}: it is cut, or of no Whisper")
    return tokens


def _read(file: Path) -> Any:
    """What the JSON file says; an error names it."""
    try:
        return json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{file.name} is damaged: {error}") from error
