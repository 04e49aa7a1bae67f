from pathlib import Path

import numpy as np
import onnxruntime
import pytest

import models
from asr.recogniser import Samples
from asr.vad import OpenDetector, SileroModel, VoiceActivityOfMany, WebrtcActivity, frame_rms
from domain.errors import ModelError
from domain.g711 import alaw_decode
from tests.asr.sounds import real_recordings, silence


@pytest.fixture(params=["webrtc", "silero"])
def open_detector(request: pytest.FixtureRequest, tmp_path: Path) -> OpenDetector:
    return WebrtcActivity if request.param == "webrtc" else SileroModel(models.silero_vad(tmp_path)).open


def voiced_share(open_detector: OpenDetector, samples: Samples) -> float:
    detector = open_detector()
    size = detector.frame_samples
    decisions = [detector.voiced(samples[at : at + size]) for at in range(0, len(samples) - size + 1, size)]
    return sum(decisions) / len(decisions)


def test_people_are_heard(open_detector: OpenDetector) -> None:
    speech = np.concatenate([alaw_decode(recording.alaw) for recording in real_recordings(4)])
    assert voiced_share(open_detector, speech) > 0.4


def test_silence_and_faint_hiss_are_not(open_detector: OpenDetector) -> None:
    hiss = np.random.default_rng(3).normal(0, 20, 40_000).astype(np.int16)
    assert voiced_share(open_detector, silence(5000)) == 0.0
    assert voiced_share(open_detector, hiss) < 0.02


def test_one_streams_past_is_not_anothers(open_detector: OpenDetector) -> None:
    speech = alaw_decode(real_recordings(2)[1].alaw)
    alone = voiced_share(open_detector, speech)
    voiced_share(open_detector, speech[::-1].copy())
    assert voiced_share(open_detector, speech) == alone


def test_many_frames_at_once_are_heard_as_one_by_one_and_as_by_the_published_network(tmp_path: Path) -> None:
    folder = models.silero_vad(tmp_path)
    session = onnxruntime.InferenceSession(str(folder / "silero_vad.onnx"), providers=["CPUExecutionProvider"])
    speech = alaw_decode(real_recordings(1)[0].alaw).reshape(-1)
    speech = speech[: len(speech) // 256 * 256]
    one_by_one, at_once = SileroModel(folder).open(), SileroModel(folder).open()
    state, before, speaking, wanted = np.zeros((2, 1, 128), np.float32), np.zeros(32, np.float32), False, []
    for frame in speech.reshape(-1, 256):
        wide = frame.astype(np.float32) / 32768
        inputs = {"input": np.concatenate([before, wide])[None], "state": state, "sr": np.array(8000)}
        voice, state = session.run(None, inputs)
        before = wide[-32:]  # type: ignore[assignment]
        speaking = bool(voice[0, 0] >= (0.15 if speaking else 0.3) and frame_rms(frame) >= 15)
        wanted.append(speaking)
    assert any(wanted)
    assert not all(wanted)
    assert [one_by_one.voiced(frame) for frame in speech.reshape(-1, 256)] == wanted
    assert isinstance(at_once, VoiceActivityOfMany)
    assert at_once.voiced_many(speech[: 40 * 256]) + at_once.voiced_many(speech[40 * 256 :]) == wanted


def test_a_damaged_model_says_what_to_run(tmp_path: Path) -> None:
    (tmp_path / "silero_vad.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="hotline models verify"):
        SileroModel(tmp_path)
