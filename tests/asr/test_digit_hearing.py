"""What the states hear beside whisper's hearings, and which kind of number it is."""

import pytest

from asr.digit_hearing import DigitHearing
from domain.speech import NumberKind
from tests.asr.made_digits import frames_saying, made_states

_MOBILE = "幺三八五八二三幺七四三"


def hearing(names: str, words: int = 20) -> DigitHearing:
    return DigitHearing(made_states().scores(frames_saying(names, 11, words=words)))


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (_MOBILE, NumberKind.MOBILE),
        ("八八六六五五二二", NumberKind.LOCAL),
        ("幺幺零幺零五幺九四九幺二三幺零零二四", NumberKind.IDENTITY),
        ("二零二六零七零幺零零零零五三", NumberKind.TICKET),
    ],
)
def test_the_kind_is_known_by_how_many_digits_are_said(names: str, kind: NumberKind) -> None:
    assert hearing(names).kind() is kind


def test_other_words_and_a_clip_too_short_are_no_number() -> None:
    assert hearing("", words=150).kind() is None
    assert hearing("", words=0).kind() is None


def test_all_that_the_others_found_are_weighed_and_what_does_not_fit_is_left_out() -> None:
    found = hearing(_MOBILE).beside(NumberKind.MOBILE, [{"13858237743": -1.0, "12858231743": -0.5}, {}])
    assert set(found) == {"13858231743", "13858237743"}
    assert found["13858231743"] > found["13858237743"]
