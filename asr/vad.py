"""Voice activity: is somebody speaking in this frame? Each stream has a detector of its own, because they remember."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from asr.recogniser import Samples
from domain.errors import ModelError
from domain.g711 import RATE_HZ

_ENERGY_FLOOR_RMS = 60.0
"""−55 dBFS: quieter frames are never speech for the light detector, which takes hiss for voice."""


class VoiceActivity(Protocol):
    """One stream's detector."""

    frame_samples: int
    """Samples at 8 kHz that `voiced` wants each time."""

    def voiced(self, frame: Samples) -> bool:
        """Whether somebody speaks in this frame, which follows the one before."""


@runtime_checkable
class VoiceActivityOfMany(VoiceActivity, Protocol):
    """A detector that hears many frames at once with less work than one by one."""

    def voiced_many(self, frames: Samples) -> list[bool]:
        """For each of the frames, which stand one behind the other, what `voiced` would say."""


OpenDetector = Callable[[], VoiceActivity]


def frame_rms(frame: Samples) -> float:
    """Root mean square of int16 samples."""
    wide = frame.astype(np.float32)
    return float(np.sqrt(np.dot(wide, wide) / max(1, len(wide))))


class WebrtcActivity:
    """The detector of WebRTC (Gaussian mixtures per sub-band), mode 2 of 0..3, on 20 ms."""

    frame_samples = RATE_HZ // 50

    def __init__(self) -> None:
        import webrtcvad

        self._detector: Any = webrtcvad.Vad(2)

    def voiced(self, frame: Samples) -> bool:
        return frame_rms(frame) >= _ENERGY_FLOOR_RMS and bool(self._detector.is_speech(frame.tobytes(), RATE_HZ))


class SileroModel:
    """Silero's network, loaded once; `open` gives a stream its detector. folder: as `models.silero_vad` makes it."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        from asr.silero_graph import silero_graph

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(
                silero_graph(folder / "silero_vad.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the errors of onnx and onnxruntime share no base but this
            raise ModelError(
                f"the voice activity model does not load: {error}",
                where=str(folder),
                remedy="run `hotline models verify`",
            ) from error

    def open(self) -> VoiceActivity:
        return _SileroActivity(self._session)


class _SileroActivity:
    """32 ms frames with 4 ms of the frame before; begins at 0.3 and goes on down to 0.15 (measured in docs/asr.md)."""

    frame_samples = 256
    _BEGIN = 0.3
    _GO_ON = 0.15
    _FLOOR_RMS = 15.0
    """−67 dBFS, twice what A-law makes of silence: people on a quiet telephone are heard to the ends of their words."""

    def __init__(self, session: Any) -> None:
        from asr.silero_graph import CONTEXT, MEMORY

        self._session = session
        self._hidden = self._cell = np.zeros((1, 1, MEMORY), dtype=np.float32)
        self._context = np.zeros(CONTEXT, dtype=np.float32)
        self._speaking = False

    def voiced(self, frame: Samples) -> bool:
        return self.voiced_many(frame)[0]

    def voiced_many(self, frames: Samples) -> list[bool]:
        each = frames.reshape(-1, self.frame_samples)
        loud = [frame_rms(frame) >= self._FLOOR_RMS for frame in each]
        return [self._goes_on(voice, heard) for voice, heard in zip(self._probabilities(each), loud, strict=True)]

    def _goes_on(self, probability: float, loud: bool) -> bool:
        threshold = self._GO_ON if self._speaking else self._BEGIN
        self._speaking = probability >= threshold and loud
        return self._speaking

    def _probabilities(self, frames: NDArray[np.int16]) -> list[float]:
        wide = frames.astype(np.float32) / 32768.0
        size = len(self._context)
        before = np.concatenate([self._context[None], wide[:-1, -size:]])
        seen = {"frames": np.concatenate([before, wide], axis=1), "hidden": self._hidden, "cell": self._cell}
        probabilities, self._hidden, self._cell = self._session.run(None, seen)
        self._context = wide[-1, -size:]
        return [float(one) for one in probabilities.ravel()]
