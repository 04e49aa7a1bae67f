import pytest

from asr.recogniser import Clip
from asr.scripted import ScriptedRecogniser
from tests.asr.recogniser_contract import RecogniserContract, test_a_clip_of_another_rate_shape_or_length_is_refused
from tests.asr.sounds import tone

__all__ = ["test_a_clip_of_another_rate_shape_or_length_is_refused"]


class TestScripted(RecogniserContract):
    @pytest.fixture
    def engine(self) -> ScriptedRecogniser:
        return ScriptedRecogniser()

    @pytest.fixture
    def spoken(self) -> Clip:
        return Clip(tone(1200))
