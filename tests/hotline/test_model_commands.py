from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotline.model_commands import models_app
from hotline.prompt_commands import prompts_app

runner = CliRunner()


@pytest.fixture(autouse=True)
def empty_data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOTLINE_CONFIG", raising=False)
    monkeypatch.setenv("HOTLINE_SERVICE__DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")


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
