from typing import Any

from tts.speech_stream import speak_by_clause


def test_a_clause_is_synthesised_only_when_it_is_asked_for(humming: Any) -> None:
    answer = speak_by_clause(
        humming, "您好，办理居住证需要携带身份证原件和近期照片。时限三个工作日。", "zf_xiaobei", 1.0
    )
    first = next(answer)
    assert humming.spoken == ["您好，"]
    assert first.duration_ms == 300
    assert len(list(answer)) == 2
