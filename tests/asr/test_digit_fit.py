"""States are fitted to what is read out, and hear it again where nobody read it."""

import pytest

from asr.digit_fit import ReadFrames, fit_states
from asr.digit_path import likeliest_path
from asr.digit_states import NAMES
from domain.errors import ModelError
from tests.asr.made_digits import frames_saying, made_states, read_frames

_ANY = tuple(range(len(NAMES)))


@pytest.mark.parametrize(
    ("names", "words", "pause_after"),
    [
        ("一三八五八二三幺七四三", 0, 0),
        ("幺七七七六六零零零二二", 0, 0),
        ("一五五五五零九四四二二", 25, 0),
        ("幺九九三三八八四一一零", 25, 3),
    ],
)
def test_what_was_never_read_in_the_fit_is_heard_equal_digits_too(names: str, words: int, pause_after: int) -> None:
    frames = frames_saying(names, 7, words=words, pause_after=pause_after)
    path = likeliest_path(made_states().scores(frames), [_ANY] * len(names))
    assert path is not None
    assert "".join(NAMES[name] for name in path.names) == names


def test_the_same_sounds_are_fitted_to_the_same_bytes() -> None:
    assert fit_states(read_frames()).content() == made_states().content()


def test_another_sound_is_fitted_to_other_bytes() -> None:
    assert fit_states(read_frames()[1:]).content() != made_states().content()


@pytest.mark.parametrize("missing", ["九", ""])
def test_a_name_that_is_not_read_or_no_other_words_are_told(missing: str) -> None:
    kept = [one for one in read_frames() if one.names] if not missing else read_frames()
    short = [
        ReadFrames(one.frames, one.voiced, one.names.replace(missing, "八") if missing else one.names) for one in kept
    ]
    with pytest.raises(ModelError, match="cannot be fitted"):
        fit_states(short)
