import numpy as np
import pytest

from asr.thinned_padding import Padding, thin_frames


@pytest.mark.parametrize(
    ("seconds", "frames"), [(0.0, 600), (3.7, 600), (5.01, 251 + 400), (24.0, 1500), (27.7, 1500), (31.0, 1500)]
)
def test_the_weights_add_up_to_the_whole_window(seconds: float, frames: int) -> None:
    assert thin_frames(seconds, Padding(8.0, 12.0)).weights.sum() == frames


def test_the_sound_and_a_second_behind_it_stay_as_they_are() -> None:
    thin = thin_frames(4.0, Padding(8.0, 12.0))
    assert thin.places[:250].tolist() == list(range(250))
    assert set(thin.weights[:250]) == {1.0}
    assert len(thin) == 250 + 350 / 8 + 0.25


def test_frames_stand_in_the_middle_of_those_that_they_stand_for() -> None:
    thin = thin_frames(2.0, Padding(3.0, 0.0))
    assert thin.places[150:].tolist() == [154, 162, 170, 178, 186, 194, 202, 210, 218, 226, 234, 242, 248]
    assert thin.weights[150:].tolist() == [8.0] * 12 + [4.0]


def test_what_needs_no_padding_has_none() -> None:
    thin = thin_frames(2.0, Padding(0.0, 0.0))
    assert np.array_equal(thin.places, np.arange(100))
