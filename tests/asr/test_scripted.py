import pytest

from asr.continued_clips import ContinuedClips
from asr.recogniser import Clip, Samples
from asr.scripted import ScriptedRecogniser, ScriptedStreaming
from tests.asr.recogniser_contract import RecogniserContract, test_a_clip_of_another_rate_shape_or_length_is_refused
from tests.asr.sounds import tone
from tests.asr.streaming_contract import StreamingContract

__all__ = ["test_a_clip_of_another_rate_shape_or_length_is_refused"]


class TestScripted(RecogniserContract):
    @pytest.fixture
    def engine(self) -> ScriptedRecogniser:
        return ScriptedRecogniser()

    @pytest.fixture
    def spoken(self) -> Clip:
        return Clip(tone(1200))


class TestScriptedStreaming(StreamingContract):
    @pytest.fixture
    def engine(self) -> ScriptedStreaming:
        return ScriptedStreaming()

    @pytest.fixture
    def spoken(self) -> Samples:
        return tone(2200)


class TestContinuedClips(RecogniserContract):
    @pytest.fixture
    def engine(self) -> ContinuedClips:
        return ContinuedClips(ScriptedStreaming())

    @pytest.fixture
    def spoken(self) -> Clip:
        return Clip(tone(1200))
