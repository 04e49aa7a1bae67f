import itertools
from pathlib import Path

import numpy as np
import pytest

from domain.errors import ConfigError
from domain.side import Side
from domain.ticket import FieldName
from hotline.config import Settings
from hotline.demo_script import conversation_ms, load_demo_script, spoken_turns
from ivr_flows.pace import estimate_ms
from tts.kokoro import ENGINE
from tts.synthesiser import Sound, Synthesiser


class Humming:
    """A synthesiser that hums for as long as the text would take."""

    engine = ENGINE

    def synthesise(self, text: str, voice: str, speed: float) -> Sound:
        length = int(estimate_ms(text) * 24 / speed)
        return Sound((0.3 * np.sin(np.arange(length) * 0.1)).astype(np.float32), 24000)


def open_humming() -> Synthesiser:
    return Humming()


def never_open() -> Synthesiser:
    raise AssertionError("everything is rendered already")


def settings_in(folder: Path) -> Settings:
    return Settings.model_validate({"service": {"data_dir": folder}})


def test_the_conversation_is_longer_than_a_minute_and_kept(tmp_path: Path) -> None:
    script = load_demo_script()
    turns = spoken_turns(script, settings_in(tmp_path), open_humming)
    assert conversation_ms(turns) > 60_000
    assert spoken_turns(script, settings_in(tmp_path), never_open) == turns


def test_the_script_is_a_conversation_that_the_citizen_begins() -> None:
    script = load_demo_script()
    sides = [turn.side for turn in script.turns]
    assert sides[:2] == [Side.CALLER, Side.AGENT]
    assert all(one is not other for one, other in itertools.pairwise(sides))
    assert set(script.expected) >= set(FieldName) - {FieldName.SUMMARY}


def test_three_voices_are_heard_in_all() -> None:
    script = load_demo_script()
    assert len({script.citizen.voice, script.agent.voice, Settings().tts.voice}) == 3


@pytest.mark.parametrize(
    ("good", "bad"), [("turns:", "trns:"), ("side: caller", "side: citizen"), ("pause_ms: 800", "pause: 800")]
)
def test_a_wrong_script_is_refused(tmp_path: Path, good: str, bad: str) -> None:
    text = (Path(__file__).parents[2] / "hotline" / "demo_script.yaml").read_text(encoding="utf-8")
    file = tmp_path / "script.yaml"
    file.write_text(text.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"script\.yaml"):
        load_demo_script(file)
