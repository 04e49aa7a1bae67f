"""The step of set-up that fits the states of digits: the real voices, the real encoder, real people's numbers."""

import os
from pathlib import Path

import pytest

import models
from asr.digit_fit import ReadFrames, fit_states
from asr.digit_lines import read_lines
from asr.whisper import Whisper
from domain.errors import ModelError
from hotline.digit_fitting import ensure_digit_states, read_out
from tests.asr.real_numbers import exactly_heard, real_numbers
from tests.tts.conftest import open_kokoro
from tts.synthesiser import Synthesiser

_LINES = read_lines("zm_yunjian")


@pytest.fixture(scope="module")
def ears() -> Whisper:
    return Whisper(models.whisper_base(Path(os.environ.get("HOTLINE_TEST_MODELS", "var/models"))))


@pytest.fixture(scope="module")
def kokoro() -> Synthesiser:
    return open_kokoro()


@pytest.fixture(scope="module")
def read(kokoro: Synthesiser, ears: Whisper) -> list[ReadFrames]:
    return read_out(kokoro, ears, _LINES, lambda done, total: None)


@pytest.mark.slow
def test_the_same_machine_hears_the_same_line_the_same(
    kokoro: Synthesiser,
    ears: Whisper,
    read: list[ReadFrames],
) -> None:
    told: list[tuple[int, int]] = []
    again = read_out(kokoro, ears, _LINES[:2], lambda *step: told.append(step))
    assert [one.frames.tobytes() for one in again] == [one.frames.tobytes() for one in read[:2]]
    assert told == [(0, 2), (1, 2), (2, 2)]
    assert fit_states(read).content() == fit_states(read).content()


@pytest.mark.slow
def test_with_states_of_one_voice_real_numbers_are_no_worse_and_never_sure_but_wrong(
    ears: Whisper, read: list[ReadFrames]
) -> None:
    with_states = Whisper(
        models.whisper_base(Path(os.environ.get("HOTLINE_TEST_MODELS", "var/models"))), digit_states=fit_states(read)
    )
    numbers = real_numbers()
    assert exactly_heard(with_states, numbers) >= exactly_heard(ears, numbers) - 1


def test_without_voices_it_is_told_what_to_run(tmp_path: Path) -> None:
    models.whisper_base(tmp_path)
    with pytest.raises(ModelError, match="hotline models fetch"):
        ensure_digit_states(tmp_path, lambda done, total: None)
