"""Which engine the settings give, and what a refused one says."""

import sys
from pathlib import Path

import pytest

from asr.engine import DEFAULT_MODEL, examine_engine, load_engine, sherpa_type
from asr.optional_package import optional_package
from asr.settings import AsrSettings
from domain.errors import ConfigError, EngineError, ModelError
from models.published_model import published_model


@pytest.mark.parametrize("engine", ["vosk", "sherpa-onnx"])
def test_a_model_that_is_not_here_says_what_to_fetch(engine: str, tmp_path: Path) -> None:
    settings = AsrSettings.model_validate({"engine": engine})
    with pytest.raises(ModelError, match=f"not on this machine.*hotline models fetch {DEFAULT_MODEL[engine]}"):
        load_engine(settings, tmp_path, 1)


@pytest.mark.parametrize(("engine", "module"), [("vosk", "vosk"), ("sherpa-onnx", "sherpa_onnx")])
def test_a_package_that_is_not_here_says_what_to_install(
    engine: str, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigError, match=rf"needs the package {module}.*pip install 'hotline12345\[{engine}\]'"):
        load_engine(AsrSettings.model_validate({"engine": engine}), tmp_path, 1)
    assert optional_package("json", engine)


def test_an_unknown_model_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model is called 'whisper-huge'.*whisper-small"):
        load_engine(AsrSettings(model="whisper-huge"), tmp_path, 1)
    with pytest.raises(ModelError, match="no such folder"):
        load_engine(AsrSettings(model="/no/where"), tmp_path, 1)


def test_a_folder_for_sherpa_needs_its_kind(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"model_type.*streaming-paraformer.*sense-voice"):
        examine_engine(AsrSettings(engine="sherpa-onnx", model=str(tmp_path)), tmp_path)
    assert sherpa_type(AsrSettings(engine="sherpa-onnx", model="paraformer-streaming")) == "streaming-paraformer"
    settings = AsrSettings(engine="sherpa-onnx", model=str(tmp_path), model_type="ctc")
    with pytest.raises(ModelError, match=r"lacks tokens\.txt"):
        examine_engine(settings, tmp_path)
    for file in ("tokens.txt", "model.onnx"):
        (tmp_path / file).touch()
    assert examine_engine(settings, tmp_path) == tmp_path


def test_a_remote_engine_that_is_not_there_is_found_when_asked(tmp_path: Path) -> None:
    settings = AsrSettings(engine="remote", remote_url="ws://127.0.0.1:9")
    with pytest.raises(EngineError, match="no recognition server answers"):
        examine_engine(settings, tmp_path)
    assert load_engine(settings, tmp_path, 1).name == "remote 127.0.0.1:9"


@pytest.mark.parametrize("engine", sorted(set(DEFAULT_MODEL) - {"whisper"}))
def test_the_engines_own_model_is_one_that_can_be_fetched(engine: str) -> None:
    model = published_model(DEFAULT_MODEL[engine])
    assert model is not None
    assert model.engine == engine
