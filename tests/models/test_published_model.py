from pathlib import Path

import pytest

from asr.settings import AsrSettings
from domain.errors import ModelError
from models.archive import is_archive
from models.manifest import all_manifests
from models.npm_package import all_npm_manifests
from models.published_model import all_published, load_published, published_model


def test_the_models_of_the_real_world_are_known() -> None:
    names = {model.name for model in all_published()}
    assert {
        "vosk-model-cn-0.22",
        "vosk-model-small-cn-0.22",
        "paraformer-streaming",
        "sense-voice-small",
        "zipformer-streaming-zh",
        "whisper-small",
        "whisper-medium",
        "whisper-large-v3-turbo",
    } <= names
    assert not names & ({each.name for each in all_manifests()} | {each.name for each in all_npm_manifests()})


@pytest.mark.parametrize("model", all_published(), ids=lambda model: model.name)
def test_each_says_what_it_is(model: object) -> None:
    from models.published_model import PublishedModel

    assert isinstance(model, PublishedModel)
    AsrSettings.model_validate({"engine": model.engine, "model": model.name, "model_type": model.type})
    assert model.licence
    assert model.published_error
    assert model.source.startswith("https://")
    assert model.cores >= 1
    assert model.memory_gb > 0
    assert model.files
    archives = [is_archive(wanted.file) for wanted in model.downloads]
    assert archives == [True] or not any(archives)
    for wanted in model.downloads:
        assert wanted.url.startswith("https://")
        assert len(wanted.sha256) in (0, 64)
        assert wanted.size <= model.megabytes * 1.01e6


def test_an_unknown_one_is_none_and_a_wrong_manifest_is_named(tmp_path: Path) -> None:
    assert published_model("whisper-huge") is None
    (tmp_path / "x.yaml").write_text("name: x\n")
    with pytest.raises(ModelError, match=r"x\.yaml.*not a manifest"):
        load_published(tmp_path / "x.yaml")
