import pytest

from asr.scripted import ScriptedRecogniser
from asr.settings import AsrSettings
from bench.live_channels import live
from bench.recordings import Sentence
from domain.g711 import alaw_encode
from tests.asr.sounds import LoudnessActivity, tone


@pytest.mark.slow
async def test_each_channel_is_heard_and_timed() -> None:
    spoken = [Sentence("一", alaw_encode(tone(600)), tone(600))]
    engine = ScriptedRecogniser(lambda clip, effort: "一")
    result = await live(spoken, engine, LoudnessActivity, AsrSettings(), channels=2, seconds=8.0, workers=1)
    assert len(result.latencies_s) == 2
    assert all(0.4 < latency < 5.0 for latency in result.latencies_s)
    assert result.error_rate == 0.0
    assert len(result.shown.first_s) == 2
