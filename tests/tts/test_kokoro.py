"""The real voice. Slow: about ten CPU seconds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from domain.errors import AudioError, ModelError
from domain.g711 import alaw_decode
from tts.settings import TtsSettings
from tts.speech_stream import speak_by_clause
from tts.synthesiser import Synthesiser
from tts.telephone import frame_rms

pytestmark = pytest.mark.slow

GREETING = "您好，12345政务服务便民热线，请直接说您的问题，按0转人工。"
LONGEST_GREETING_MS = 6000


def test_the_greeting_is_at_most_six_seconds_and_audible(kokoro: Synthesiser) -> None:
    settings = TtsSettings()
    alaw = kokoro.synthesise(GREETING, settings.voice, settings.speed).alaw()
    samples = alaw_decode(alaw).astype(np.float32) / 32768
    rms = frame_rms(samples, 8000)
    assert 4000 <= len(alaw) / 8 <= LONGEST_GREETING_MS
    assert (rms > 0.01).mean() > 0.7
    assert rms[:10].max() > 0.01, "it begins with dead air"


def test_the_first_clause_of_a_long_answer_comes_before_the_rest_is_made(kokoro: Synthesiser) -> None:
    answer = speak_by_clause(kokoro, "您好，办理居住证需要携带身份证原件、近期照片和租房合同。", "zf_xiaobei", 1.2)
    first = next(answer)
    assert first.duration_ms < 1200
    assert next(answer).duration_ms > first.duration_ms


@pytest.mark.parametrize(
    ("attempt", "error"),
    [
        (lambda kokoro: kokoro.synthesise("您好。", "zf_nobody", 1.0), ModelError),
        (lambda kokoro: kokoro.synthesise("……", "zf_xiaobei", 1.0), AudioError),
        (lambda kokoro: kokoro.synthesise("", "zf_xiaobei", 1.0), AudioError),
    ],
)
def test_what_cannot_be_said_is_refused(
    kokoro: Synthesiser, attempt: Callable[[Synthesiser], object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        attempt(kokoro)


def test_without_voices_the_engine_says_what_to_run(tmp_path: Path) -> None:
    from models.manifest import manifest_named
    from models.package_parts import join_parts
    from tts.kokoro import Kokoro

    join_parts(manifest_named("kokoro"), tmp_path)
    with pytest.raises(ModelError, match="hotline models fetch"):
        Kokoro(tmp_path)
