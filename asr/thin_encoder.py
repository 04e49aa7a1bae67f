"""Whisper's encoder for clips whose padding is thinned out (asr.thinned_padding), through onnxruntime."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asr.encoder_graph import INPUTS, Weights, encoder_graph
from asr.log_mel import RATE_HZ, log_mel
from asr.thinned_padding import FRAMES_PER_S, Padding, ThinFrames, thin_frames

_SAMPLES_PER_FRAME = RATE_HZ // FRAMES_PER_S
_SILENT_AFTER = 3
"""Frames behind the sound's end until nothing of it is in the spectrogram that a frame is made of."""
_MARGIN = 5
"""Frames of silence that are in the spectrogram: the last ones see its edge."""


class ThinEncoder:
    """weights: of CTranslate2's Whisper, by name; heads: of its attention; KeyError when something is missing.

    signed: how 8 bits are multiplied (asr.encoder_graph).
    """

    def __init__(self, weights: Weights, heads: int, *, threads: int, signed: bool) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        graph = encoder_graph(weights, heads, signed=signed)
        self._session: Any = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._bands: int = weights["encoder/conv1/weight"].shape[1]

    def encode(self, wide: Sequence[NDArray[np.float32]], padding: Padding) -> NDArray[np.float32]:
        """(clips, frames, width). wide: samples −1..1 at 16 kHz. One after the other: together they leave the cache."""
        frames = thin_frames(max(map(len, wide)) / RATE_HZ, padding)
        attention = np.broadcast_to(np.log(frames.weights), (1, 1, len(frames), len(frames)))
        attention = np.ascontiguousarray(attention)
        return np.concatenate([self._encode(samples, frames, attention) for samples in wide])

    def _encode(
        self, samples: NDArray[np.float32], frames: ThinFrames, attention: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        sound = -(-len(samples) // _SAMPLES_PER_FRAME)
        mel = log_mel(samples, 2 * (sound + _MARGIN), self._bands)[None]
        sounds = np.minimum(frames.places, sound + _SILENT_AFTER)
        inputs = dict(zip(INPUTS, (mel, sounds, frames.places, attention), strict=True))
        encoded: NDArray[np.float32] = self._session.run(None, inputs)[0]
        return encoded
