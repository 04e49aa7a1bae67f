"""The peer: whisper-base as its usual wrapper drives it, 30 s of padding, beam 5, the words as they come."""

from pathlib import Path
from typing import Any

import numpy as np

from asr.log_mel import RATE_HZ, log_mel
from asr.recogniser import Samples
from asr.telephone import resampled

_FRAMES = 3000
_MARKS = ("<|startoftranscript|>", "<|zh|>", "<|transcribe|>", "<|notimestamps|>")


class BareWhisper:
    """The same weights, the same int8, one thread."""

    def __init__(self, folder: Path) -> None:
        import ctranslate2
        import tokenizers

        self._view = ctranslate2.StorageView.from_array
        self._model: Any = ctranslate2.models.Whisper(str(folder), device="cpu", compute_type="int8", intra_threads=1)
        self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._prompt = [self._tokenizer.token_to_id(mark) for mark in _MARKS]

    def recognise(self, samples: Samples, rate_hz: int = 8000) -> str:
        """The raw words; 8 kHz is the telephone's rate."""
        wide = resampled(samples.astype(np.float32) / 32768.0, rate_hz, RATE_HZ)
        features = log_mel(wide, _FRAMES)[None]
        result = self._model.generate(self._view(features), [self._prompt], beam_size=5)[0]
        return str(self._tokenizer.decode(result.sequences_ids[0]))
