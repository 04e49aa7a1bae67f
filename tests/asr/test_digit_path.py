"""The way through a clip: where the number is, and how much likelier than another."""

import numpy as np

from asr.digit_path import gains_of, likeliest_path
from asr.digit_states import OTHER, SILENCE, names_of
from tests.asr.made_digits import frames_saying, made_states

_SAID, _DIGITS = "幺三八八零二", "138802"
_PLACES = [names_of(digit) for digit in _DIGITS]


def test_the_number_is_found_between_other_words_and_silence() -> None:
    frames = frames_saying(_SAID, 3, words=20)
    path = likeliest_path(made_states().scores(frames), _PLACES)
    assert path is not None
    assert (path.first, path.end) == (30, len(frames) - 10)
    assert path.digits == _DIGITS
    assert set(path.labels[:10]) == {SILENCE}
    assert set(path.labels[10:30]) == {OTHER}


def test_a_digit_has_no_place_that_it_may_not_have() -> None:
    scores = made_states().scores(frames_saying(_SAID, 3))
    path = likeliest_path(scores, [names_of("2"), *_PLACES[1:]])
    assert path is not None
    assert path.digits == "2" + _DIGITS[1:]


def test_a_clip_too_short_for_so_many_digits_has_no_way() -> None:
    scores = made_states().scores(frames_saying("", 3)[:17])
    assert likeliest_path(scores, _PLACES) is None
    assert gains_of(scores, [_DIGITS]) == {}


def test_a_number_gains_what_its_way_does_and_another_one_less() -> None:
    scores = made_states().scores(frames_saying(_SAID, 3, words=20))
    path = likeliest_path(scores, _PLACES)
    gains = gains_of(scores, [_DIGITS, "138022", "138882"])
    assert path is not None
    assert np.isclose(gains[_DIGITS], path.gain)
    assert max(gains["138022"], gains["138882"]) < path.gain - 10


def test_no_number_gains_nothing() -> None:
    assert gains_of(made_states().scores(frames_saying(_SAID, 3)), []) == {}
