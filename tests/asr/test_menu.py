"""A menu's choice by its sounds, as whisper-base wrote them on the telephone."""

import pytest

from asr.menu import chosen, hint_index
from asr.recogniser import Hypothesis
from asr.rescoring import Believed
from domain.speech import Correction

MENU = ("人工", "投诉", "咨询", "建议", "查询进度")


def heard(*texts: str) -> list[Hypothesis]:
    return [Hypothesis(text, -2.0 - place) for place, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("written", "choice"),
    [
        (["人共", "任命"], "人工"),
        (["偷住", "透煮"], "投诉"),
        (["查醒进度"], "查询进度"),
        (["查型尽度。"], "查询进度"),
        (["桃子", "咨寻"], "咨询"),
        (["投诉。"], "投诉"),
    ],
)
def test_the_nearest_choice_is_believed(written: list[str], choice: str) -> None:
    believed = chosen(MENU, heard(*written))
    assert believed is not None
    assert believed.text == choice
    assert believed.corrections == (Correction(0, len(choice), written[0]),)


def test_a_choice_that_was_written_right_is_no_correction() -> None:
    assert chosen(MENU, heard("投诉")) == Believed("投诉", ())


@pytest.mark.parametrize(
    "written", ["我们小区旁边的工地夜里施工", "我要投诉我们小区的物业", "好", "", "……", "hello", "天气"]
)
def test_what_is_none_of_the_choices_stays(written: str) -> None:
    assert chosen(MENU, heard(written)) is None


def test_between_two_that_are_as_near_nobody_guesses() -> None:
    assert chosen(("工水", "宫水"), heard("公水")) is None


def test_hints_are_kept_for_the_next_utterance() -> None:
    assert hint_index(MENU) is hint_index(MENU)
    assert len(hint_index(MENU)) == len(MENU)
