import os
from pathlib import Path

import pytest

from domain.errors import ModelError, StorageError
from tts.prompt_cache import PromptCache, PromptVoice
from tts.synthesiser import Synthesiser

VOICE = PromptVoice(engine="hum.1", voice="zf_xiaobei", speed=1.0)


def never_open() -> Synthesiser:
    raise AssertionError("the engine was opened although nothing is missing")


def test_a_prompt_is_rendered_once_and_then_read(tmp_path: Path, humming: Synthesiser) -> None:
    cache = PromptCache(tmp_path / "prompts", VOICE)
    assert cache.alaw("您好。") is None
    assert cache.render(["您好。", "再见。", "您好。"], lambda: humming) == 2
    sound = cache.alaw("您好。")
    assert sound is not None
    assert 2000 < len(sound) < 2800
    assert cache.render(["再见。"], never_open) == 0


def test_what_another_process_renders_later_is_heard(tmp_path: Path, humming: Synthesiser) -> None:
    reader, renderer = PromptCache(tmp_path, VOICE), PromptCache(tmp_path, VOICE)
    assert reader.alaw("您好。") is None
    renderer.render(["您好。"], lambda: humming)
    first = reader.alaw("您好。")
    assert first is not None
    renderer.put("您好。", b"\xd5" * 800)
    file = next(tmp_path.glob("*.alaw"))
    os.utime(file, ns=(1, 1))
    assert reader.alaw("您好。") == b"\xd5" * 800


@pytest.mark.parametrize(
    "other",
    [
        PromptVoice(engine="hum.2", voice="zf_xiaobei", speed=1.0),
        PromptVoice(engine="hum.1", voice="zf_xiaoyi", speed=1.0),
        PromptVoice(engine="hum.1", voice="zf_xiaobei", speed=1.1),
    ],
)
def test_another_engine_voice_or_speed_is_another_prompt(other: PromptVoice) -> None:
    assert other.key("您好。") != VOICE.key("您好。")


def test_a_prompt_that_cannot_be_said_does_not_silence_the_others(tmp_path: Path, humming: Synthesiser) -> None:
    cache = PromptCache(tmp_path, VOICE)
    assert cache.render(["……", "您好。"], lambda: humming) == 1
    assert cache.missing(["……", "您好。"]) == ("……",)


def test_an_engine_of_another_name_is_refused(tmp_path: Path, humming: Synthesiser) -> None:
    other = PromptVoice(engine="hum.2", voice="zf_xiaobei", speed=1.0)
    with pytest.raises(ModelError, match=r"hum\.1"):
        PromptCache(tmp_path, other).render(["您好。"], lambda: humming)


def test_a_disk_that_refuses_is_named(tmp_path: Path, humming: Synthesiser) -> None:
    in_the_way = tmp_path / "prompts"
    in_the_way.write_text("a file, not a folder")
    with pytest.raises(StorageError, match="prompts"):
        PromptCache(in_the_way, VOICE).render(["您好。"], lambda: humming)


def test_progress_names_each_text(tmp_path: Path, humming: Synthesiser) -> None:
    told: list[tuple[int, int, str]] = []
    PromptCache(tmp_path, VOICE).render(["一。", "二。"], lambda: humming, lambda *step: told.append(step))
    assert told == [(0, 2, "一。"), (1, 2, "二。"), (2, 2, "")]


def test_descriptions_say_what_each_file_is(tmp_path: Path, humming: Synthesiser) -> None:
    cache = PromptCache(tmp_path, VOICE)
    cache.render(["再见。"], lambda: humming)
    (description,) = cache.descriptions()
    assert (description.text, description.voice) == ("再见。", "zf_xiaobei")
    assert description.duration_ms > 200


def test_no_half_written_file_is_left_and_other_users_may_read_what_is(tmp_path: Path, humming: Synthesiser) -> None:
    before = os.umask(0o022)
    try:
        PromptCache(tmp_path, VOICE).render(["您好。"], lambda: humming)
    finally:
        os.umask(before)
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".alaw", ".json"]
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o644}
