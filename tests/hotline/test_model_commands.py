import io
import tarfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

import models.download
from domain.errors import ModelError
from hotline.model_commands import console, models_app
from hotline.prompt_commands import prompts_app

runner = CliRunner()


@pytest.fixture(autouse=True)
def empty_data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOTLINE_CONFIG", raising=False)
    monkeypatch.setenv("HOTLINE_SERVICE__DATA_DIR", str(tmp_path))
    monkeypatch.setattr(console, "width", 400)  # `pytest -n 2` sets COLUMNS before it is made


def test_the_list_names_every_model_with_its_licence() -> None:
    shown = runner.invoke(models_app, ["list"]).output
    for word in ("whisper-base", "kokoro-voices", "MIT", "Apache-2.0"):
        assert word in shown


def test_verify_fails_where_nothing_was_fetched_and_says_what_to_run() -> None:
    checked = runner.invoke(models_app, ["verify"])
    assert checked.exit_code == 1
    assert "hotline models fetch" in checked.output.replace("\n", " ")


def test_the_prompts_without_sound_are_listed_as_such() -> None:
    shown = runner.invoke(prompts_app, ["list"]).output
    assert "您好，12345政务服务便民热线" in shown
    assert "not yet" in shown


def test_the_list_names_the_models_to_fetch_with_what_they_need() -> None:
    shown = " ".join(runner.invoke(models_app, ["list"]).output.split())
    for word in ("vosk-model-cn-0.22", "sherpa-onnx sense-voice", "27.3 % SpeechIO-06", "unknown: at your own check"):
        assert word in shown


def test_an_archive_brought_by_hand_is_put_in_its_place_and_verified(tmp_path: Path) -> None:
    archive = tmp_path / "sherpa-onnx-streaming-zipformer-multi-zh-hans-2023-12-12.tar.bz2"
    with tarfile.open(archive, "w:bz2") as tape:
        for name in ("encoder.int8.onnx", "decoder.onnx", "joiner.onnx", "tokens.txt"):
            member = tarfile.TarInfo(f"model/{name}")
            member.size = 4
            tape.addfile(member, io.BytesIO(b"made"))
    done = runner.invoke(models_app, ["fetch", "zipformer-streaming-zh", "--from", str(archive)])
    assert done.exit_code == 0, done.output
    assert '[asr] engine = "sherpa-onnx", model = "zipformer-streaming-zh"' in done.output
    assert "right zipformer-streaming-zh" in runner.invoke(models_app, ["verify"]).output


def test_an_unreachable_mirror_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models.download, "_PAUSE_S", 0.0)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("HOTLINE_SERVICE__MODELS_MIRROR", "http://127.0.0.1:9/mirror")
    refused = runner.invoke(models_app, ["fetch", "vosk-model-small-cn-0.22"])
    assert isinstance(refused.exception, ModelError)
    assert "http://127.0.0.1:9/mirror/vosk-model-small-cn-0.22/vosk-model-small-cn-0.22.zip" in str(refused.exception)
    assert "--from" in refused.exception.remedy


def test_an_unknown_name_names_the_known_ones() -> None:
    refused = runner.invoke(models_app, ["fetch", "whisper-huge"])
    assert "whisper-small" in str(refused.exception)
    assert "name the model" in str(runner.invoke(models_app, ["fetch", "--from", "x.zip"]).exception)
