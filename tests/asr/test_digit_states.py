"""States as a file, whole or damaged."""

import numpy as np
import pytest

from asr.digit_states import NAMES, digit_named, names_of, states_in
from tests.asr.made_digits import frames_saying, made_states


def test_a_digit_is_called_by_its_names() -> None:
    assert [NAMES[name] for name in names_of("1")] == ["一", "幺"]
    assert "".join(map(digit_named, range(len(NAMES)))) == "01123456789"
    assert names_of("X") == ()


def test_states_are_the_same_when_they_are_read_again() -> None:
    states = made_states()
    again = states_in(states.content())
    frames = frames_saying("零九", 5)
    assert np.array_equal(again.scores(frames), states.scores(frames))


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda content: b"weights" + content[7:],
        lambda content: content[:-4] + np.float32(np.nan).tobytes(),
    ],
)
def test_what_is_no_file_of_states_is_refused(damage) -> None:
    with pytest.raises(ValueError, match="states of digits"):
        states_in(damage(made_states().content()))
