"""The sherpa-onnx engine with the real package and tiny ONNX models made here; no learnt model comes as a package."""

from pathlib import Path

import numpy as np
import pytest

from asr.recogniser import Clip, Effort, Samples
from asr.sherpa import OFFLINE, SherpaClips, SherpaStreaming
from asr.trial_load import try_loading
from domain.errors import ModelError
from tests.asr.recogniser_contract import RecogniserContract
from tests.asr.sounds import silence
from tests.asr.streaming_contract import StreamingContract, told

onnx = pytest.importorskip("onnx", reason="pip install -e '.[dev]'")
pytest.importorskip("sherpa_onnx", reason="pip install -e '.[dev]'")

LOUD = np.random.default_rng(4).normal(0, 8000, 8 * 2200).clip(-32768, 32767).astype(np.int16)


@pytest.fixture(scope="module")
def streaming_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.asr.tiny_onnx import streaming_transducer

    return streaming_transducer(tmp_path_factory.mktemp("tiny-streaming"))


@pytest.fixture(scope="module")
def offline_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.asr.tiny_onnx import offline_ctc

    return offline_ctc(tmp_path_factory.mktemp("tiny-offline"))


class TestSherpaStreaming(StreamingContract):
    @pytest.fixture
    def engine(self, streaming_folder: Path) -> SherpaStreaming:
        return SherpaStreaming(streaming_folder, "streaming-zipformer")

    @pytest.fixture
    def spoken(self) -> Samples:
        return LOUD


class TestSherpaClips(RecogniserContract):
    @pytest.fixture
    def engine(self, offline_folder: Path) -> SherpaClips:
        return SherpaClips(offline_folder, "ctc")

    @pytest.fixture
    def spoken(self) -> Clip:
        return Clip(LOUD)


@pytest.mark.parametrize(
    ("kind", "said"), [("sense-voice", "声。"), ("paraformer", "声。"), ("zipformer", "声音。"), ("ctc", "声。")]
)
def test_each_kind_of_whole_utterances_is_run(tmp_path: Path, kind: str, said: str) -> None:
    from tests.asr.tiny_funasr import paraformer, sense_voice
    from tests.asr.tiny_onnx import offline_ctc, offline_transducer

    make = {"sense-voice": sense_voice, "paraformer": paraformer, "zipformer": offline_transducer, "ctc": offline_ctc}
    assert set(make) == set(OFFLINE)
    engine = SherpaClips(make[kind](tmp_path), kind)
    answers = engine.recognise([Clip(LOUD), Clip(silence(800)), Clip(LOUD[:9000])], Effort.FINAL)
    assert [answer.text for answer in answers] == [said, "", said]


def test_funasrs_streaming_model_is_run(tmp_path: Path) -> None:
    from tests.asr.tiny_funasr import streaming_paraformer

    engine = SherpaStreaming(streaming_paraformer(tmp_path), "streaming-paraformer")
    session = engine.open(8000)
    session.accept(LOUD)
    assert session.partial().text.startswith("声")
    assert session.finish().text.endswith("声。")
    assert told(engine, silence(1500)).text == ""


def test_words_come_with_the_time_at_which_the_sound_became_loud(streaming_folder: Path) -> None:
    heard = told(SherpaStreaming(streaming_folder, "streaming-zipformer"), np.concatenate([silence(1000), LOUD]))
    assert heard.text == "声音。"
    assert [word.text for word in heard.words] == ["声", "音"]
    assert 0.85 <= heard.words[0].start_s <= 1.2
    assert heard.confidence > 0.5


@pytest.mark.parametrize("missing", ["tokens.txt", "encoder.int8.onnx", "joiner.onnx"])
def test_a_missing_file_is_named(streaming_folder: Path, tmp_path: Path, missing: str) -> None:
    for file in streaming_folder.iterdir():
        if file.name != missing:
            (tmp_path / file.name).symlink_to(file)
    with pytest.raises(ModelError, match=f"lacks {missing.split('.', maxsplit=1)[0]}.*hotline models list"):
        SherpaStreaming(tmp_path, "streaming-zipformer")


@pytest.mark.slow
def test_a_model_of_another_kind_ends_the_trial_and_not_the_service(offline_folder: Path, tmp_path: Path) -> None:
    try_loading("sherpa-onnx", offline_folder, "ctc")
    with pytest.raises(ModelError, match=r"does not load the model.*model_type"):
        try_loading("sherpa-onnx", offline_folder, "sense-voice")
    (tmp_path / "model.onnx").write_bytes((offline_folder / "model.onnx").read_bytes()[:100])
    (tmp_path / "tokens.txt").write_text((offline_folder / "tokens.txt").read_text())
    with pytest.raises(ModelError, match=r"does not load the model"):
        try_loading("sherpa-onnx", tmp_path, "ctc")
