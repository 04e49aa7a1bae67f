from asr.load import Degradation, affordable_streams
from domain.speech import SpeechHealth


def test_more_power_takes_more_streams_and_there_is_always_one() -> None:
    assert affordable_streams(0.07, 2, 2) > affordable_streams(0.07, 1, 2) > 4
    assert affordable_streams(0.07, 8, 2) == affordable_streams(0.07, 2, 2)
    assert affordable_streams(5.0, 1, 1) == 1


def test_health_falls_when_finals_wait_and_comes_back_after_calm() -> None:
    degradation = Degradation()
    assert degradation.observe(0.5, 0.0) is SpeechHealth.LIVE
    assert degradation.observe(0.9, 1.0) is SpeechHealth.FINALS_ONLY
    assert degradation.observe(0.1, 3.0) is SpeechHealth.FINALS_ONLY
    assert degradation.observe(0.4, 5.0) is SpeechHealth.FINALS_ONLY
    assert degradation.observe(0.0, 9.9) is SpeechHealth.FINALS_ONLY
    assert degradation.observe(0.0, 10.0) is SpeechHealth.LIVE
