from pathlib import Path

import numpy as np
import pytest

import models
from asr.recogniser import Clip, Effort
from asr.scoring import character_error_rate
from asr.whisper import Whisper
from domain.errors import ModelError
from domain.g711 import alaw_decode
from tests.asr.recogniser_contract import RecogniserContract
from tests.asr.sounds import real_recordings, silence, tone


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Whisper:
    return Whisper(models.whisper_base(tmp_path_factory.mktemp("models")), workers=2)


@pytest.mark.slow
class TestWhisper(RecogniserContract):
    @pytest.fixture
    def spoken(self) -> Clip:
        return Clip(alaw_decode(real_recordings(4)[3].alaw))


@pytest.mark.slow
def test_real_people_on_the_telephone_are_understood(engine: Whisper) -> None:
    recordings = real_recordings(12)
    answers = engine.recognise([Clip(alaw_decode(recording.alaw)) for recording in recordings], Effort.FINAL)
    pairs = [(recording.transcript, heard.text) for recording, heard in zip(recordings, answers, strict=True)]
    assert character_error_rate(pairs) < 0.30


@pytest.mark.slow
@pytest.mark.parametrize("hz", [440.0, 1000.0])
def test_a_tone_and_line_noise_say_nothing(engine: Whisper, hz: float) -> None:
    hiss = np.random.default_rng(2).normal(0, 100, 24_000).astype(np.int16)
    heard = engine.recognise([Clip(tone(3000, hz)), Clip(hiss), Clip(silence(3000))], Effort.FINAL)
    assert [answer.text for answer in heard] == ["", "", ""]


@pytest.mark.slow
def test_a_folder_without_a_model_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="hotline models"):
        Whisper(tmp_path)
