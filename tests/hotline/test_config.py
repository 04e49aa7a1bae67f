"""hotline.toml: every mistake is named with its line and the nearest right key."""

from pathlib import Path

import pytest

from domain.errors import ConfigError
from hotline.config import Settings, load_settings
from hotline.config_example import example_toml

ROOT = Path(__file__).parents[2]


def write(folder: Path, text: str) -> Path:
    file = folder / "hotline.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_the_defaults_hold() -> None:
    assert load_settings(None, {}) == Settings()


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, '[service]\ndata_dir = "a"\n')
    assert load_settings(file, {"HOTLINE_SERVICE__DATA_DIR": "b"}).service.data_dir == Path("b")
    assert load_settings(file, {}).service.data_dir == Path("a")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[service]\n\ndata_dirr = "x"\n', 3, "did you mean 'data_dir'"),
        ("[servce]\n", 1, "did you mean 'service'"),
        ('[service]\nlog_format = "xml"\n', 2, "service.log_format"),
        ("[service]\nmetrics_base_port = 99999\n", 2, "less than or equal to 65000"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_settings(file, {})
    assert f"{file}:{line}" in str(caught.value)
    assert words in str(caught.value)


def test_a_file_that_is_not_toml_or_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"not valid TOML.*line 1"):
        load_settings(write(tmp_path, "service = = 1\n"), {})
    with pytest.raises(ConfigError, match=r"hotline\.toml\.example"):
        load_settings(tmp_path / "none.toml", {})


def test_the_example_is_what_the_settings_say() -> None:
    file = ROOT / "hotline.toml.example"
    assert file.read_text(encoding="utf-8") == example_toml(), "run: hotline config example > hotline.toml.example"


def test_the_example_loads_and_equals_the_defaults() -> None:
    assert load_settings(ROOT / "hotline.toml.example", {}) == Settings()


def test_two_feature_codes_that_cannot_be_told_apart_are_refused():
    with pytest.raises(ConfigError, match=r"code_swap .* begins with code_hold"):
        load_settings(None, {"HOTLINE_TELEPHONY__CODE_SWAP": "*11"})
