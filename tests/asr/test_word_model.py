from pathlib import Path

import pytest

import models
from asr.recogniser import Hypothesis
from asr.rescoring import rescorer_with
from asr.word_model import KenlmWords
from domain.errors import ModelError
from domain.speech import Correction
from models.deb_package import deb_manifest, fetch_deb


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    try:
        return fetch_deb(deb_manifest("libime-words"), folder) / "zh_CN.lm"
    except ModelError as error:
        pytest.skip(str(error))


@pytest.mark.slow
def test_the_model_knows_words_and_what_follows_them(model_file: Path) -> None:
    model = KenlmWords(model_file)
    assert len(model.words) > 100_000
    assert {"政务", "热线", "噪音"} <= set(model.words)
    _, after = model.follow(model.start, "政务")
    likely, _ = model.follow(after, "服务")
    unlikely, _ = model.follow(after, "噪音")
    assert unlikely < likely < 0.0


@pytest.mark.slow
def test_homophones_are_mended_with_it_where_the_engine_was_unsure(model_file: Path) -> None:
    believe = rescorer_with(model_file).believed
    heard = ["请问证物服务中心几点上班？", "请问正午服务中心几点上班？", "请问挣无服务中心几点上班？"]
    believed = believe([Hypothesis(text, -3.0) for text in heard])
    assert believed.text == "请问政务服务中心几点上班？"
    assert believed.corrections == (Correction(2, 4, "证物"),)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "zh_CN.lm"
    with pytest.raises(ModelError, match="does not load"):
        KenlmWords(file)
    file.write_bytes(b"mmap lm http://kheafield.com/code format version 5\n\0" + bytes(200))
    with pytest.raises(ModelError, match="does not load"):
        KenlmWords(file)


def test_without_the_package_it_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="hotline models fetch"):
        models.libime_words(tmp_path)
