import numpy as np
import pytest

from asr.continued_clips import ContinuedClips
from asr.recogniser import Clip, Effort, Samples
from asr.scripted import ScriptedSession, ScriptedStreaming
from domain.errors import EngineError
from tests.asr.sounds import tone


def clip(sound: Samples, utterance: str = "call1.caller.0") -> Clip:
    return Clip(sound, utterance=utterance)


def test_only_the_new_sound_is_heard() -> None:
    streaming = ScriptedStreaming()
    engine = ContinuedClips(streaming)
    sound = tone(2500)
    assert engine.recognise([clip(sound[:8000])], Effort.PARTIAL)[0].text == "你好"
    assert engine.recognise([clip(sound[:16000])], Effort.PARTIAL)[0].text == "你好我是"
    assert engine.recognise([clip(sound)], Effort.FINAL)[0].text == "你好我是市民。"
    assert (streaming.opened, streaming.heard_samples) == (1, len(sound))


def test_a_partial_that_comes_after_the_final_says_nothing_and_opens_nothing() -> None:
    streaming = ScriptedStreaming()
    engine = ContinuedClips(streaming)
    engine.recognise([clip(tone(900))], Effort.FINAL)
    assert engine.recognise([clip(tone(900))], Effort.PARTIAL)[0].text == ""
    assert streaming.opened == 1


def test_an_utterance_that_is_cut_before_what_was_heard_is_heard_anew() -> None:
    streaming = ScriptedStreaming()
    engine = ContinuedClips(streaming)
    engine.recognise([clip(tone(2900))], Effort.PARTIAL)
    assert engine.recognise([clip(tone(1900))], Effort.FINAL)[0].text == "你好我是。"
    assert streaming.opened == 2


def test_utterances_and_clips_without_a_name_do_not_mix() -> None:
    engine = ContinuedClips(ScriptedStreaming())
    for utterance in ("a", "b", "", ""):
        assert engine.recognise([clip(tone(900), utterance)], Effort.PARTIAL)[0].text == "你好"


class _Lossy(ScriptedStreaming):
    """Loses its first sessions after the first piece, as a server that is restarted does."""

    def __init__(self, losses: int) -> None:
        super().__init__()
        self._losses = losses

    def open(self, rate_hz: int, phrases: object = ()) -> ScriptedSession:
        session = super().open(rate_hz)
        self._losses -= 1
        return _Lost(self, rate_hz, ("你好",)) if self._losses >= 0 else session


class _Lost(ScriptedSession):
    def accept(self, samples: Samples) -> None:
        if self._samples:
            raise EngineError("the server is gone")
        super().accept(samples)


def test_a_lost_session_is_made_good_from_the_clip() -> None:
    engine = ContinuedClips(_Lossy(1))
    engine.recognise([clip(tone(900))], Effort.PARTIAL)
    assert engine.recognise([clip(tone(1900))], Effort.FINAL)[0].text == "你好我是。"


def test_an_engine_that_is_gone_is_an_error_and_the_final_can_be_asked_again() -> None:
    class Gone(ScriptedStreaming):
        away = True

        def open(self, rate_hz: int, phrases: object = ()) -> ScriptedSession:
            if self.away:
                raise EngineError("no server there")
            return super().open(rate_hz)

    streaming = Gone()
    engine = ContinuedClips(streaming)
    with pytest.raises(EngineError):
        engine.recognise([clip(tone(900))], Effort.FINAL)
    streaming.away = False
    assert engine.recognise([clip(tone(900))], Effort.FINAL)[0].text == "你好。"
    assert engine.recognise([clip(tone(900))], Effort.FINAL)[0].text == "你好。"


def test_random_growth_never_hears_a_sample_twice() -> None:
    rng = np.random.default_rng(5)
    for number in range(20):
        streaming = ScriptedStreaming()
        engine = ContinuedClips(streaming)
        ends = sorted(rng.integers(1, 8000, size=5).tolist())
        for end in ends:
            engine.recognise([clip(tone(1000)[:end], str(number))], Effort.PARTIAL)
        engine.recognise([clip(tone(1000), str(number))], Effort.FINAL)
        assert streaming.heard_samples == 8000
