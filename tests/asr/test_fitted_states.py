"""The file of this machine: believed only when it is whole and fitted from what there is now."""

import json
from pathlib import Path

import pytest
import structlog

from asr.digit_fit import FIT
from asr.engine import load_digit_states
from asr.fitted_states import FOLDER, fitted_from, keep_states, kept_states
from asr.settings import AsrSettings
from domain.errors import ModelError
from tests.asr.made_digits import made_states

_VOICES = "kokoro-1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keep_states(made_states(), fitted_from(_VOICES), tmp_path)
    return tmp_path / FOLDER


def test_what_was_kept_is_found_again(folder: Path) -> None:
    assert kept_states(folder.parent).content() == made_states().content()
    assert kept_states(folder.parent, _VOICES).content() == made_states().content()
    assert sorted(file.name for file in folder.iterdir()) == ["fitted.json", "states.bin"]


def test_states_of_other_voices_are_to_be_fitted_again(folder: Path) -> None:
    with pytest.raises(ModelError, match=r"fitted from something else.*hotline models fetch"):
        kept_states(folder.parent, "kokoro-2")


@pytest.mark.parametrize(("field", "value"), [("fit", FIT + 1), ("lines", 0), ("model", "0" * 64)])
def test_states_of_another_fit_or_model_are_not_believed(folder: Path, field: str, value: object) -> None:
    record = json.loads((folder / "fitted.json").read_text())
    record["fitted_from"][field] = value
    (folder / "fitted.json").write_text(json.dumps(record))
    with pytest.raises(ModelError, match=r"fitted from something else.*hotline models fetch"):
        kept_states(folder.parent)


@pytest.mark.parametrize("file", ["states.bin", "fitted.json"])
@pytest.mark.parametrize("damage", ["missing", "cut", "changed"])
def test_a_damaged_file_is_not_believed(folder: Path, file: str, damage: str) -> None:
    content = (folder / file).read_bytes()
    (folder / file).unlink()
    if damage != "missing":
        (folder / file).write_bytes(content[:-9] if damage == "cut" else content[:-9] + b"\1" + content[-8:])
    with pytest.raises(ModelError, match="hotline models fetch"):
        kept_states(folder.parent)


def test_without_them_the_engine_goes_on_and_says_what_to_run(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as said:
        assert load_digit_states(AsrSettings(), tmp_path) is None
    assert ["hotline models fetch" in line["error"] for line in said] == [True]


@pytest.mark.parametrize("wish", [{"model": "whisper-small"}, {"read_numbers": False}])
def test_who_has_no_use_for_them_is_not_told(tmp_path: Path, wish: dict) -> None:
    with structlog.testing.capture_logs() as said:
        assert load_digit_states(AsrSettings.model_validate(wish), tmp_path) is None
    assert said == []


def test_with_them_the_engine_has_them(folder: Path) -> None:
    states = load_digit_states(AsrSettings(), folder.parent)
    assert states is not None
    assert states.content() == made_states().content()
