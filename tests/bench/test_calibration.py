import numpy as np
import pytest

from asr.confidence import ConfidenceFit
from bench.calibration import calibration_error, right_places
from bench.confidence import Judged, cross_validated, fitted
from bench.telephone_noise import through_gsm, with_pink_noise


def test_places_that_are_right() -> None:
    assert right_places("政务大厅", "证务大厅。") == {0: False, 1: True, 2: True, 3: True}
    assert right_places("设定三十度", "设定30度") == {0: True, 1: True, 4: True}


def test_a_promise_that_is_kept_has_no_error() -> None:
    assert calibration_error([0.5, 0.5], [1.0, 0.0], [1, 1]) == pytest.approx(0.0)
    assert calibration_error([0.9, 0.5], [0.4, 0.5], [1, 1]) == pytest.approx(0.25)


def judged(truth: ConfidenceFit, sentences: int) -> list[Judged]:
    """Sentences whose characters are right as often as `truth` says."""
    rng = np.random.default_rng(1)
    out = []
    for number in range(sentences):
        rows = rng.normal(size=(20, 3))
        empty = Judged("telephone", number, rows, np.zeros(20))
        out.append(Judged("telephone", number, rows, (rng.random(20) < empty.promised(truth)).astype(float)))
    return out


def test_the_fit_finds_what_the_data_were_made_of() -> None:
    truth = ConfidenceFit(intercept=1.0, own=0.8, probability=-0.5, rewritten=1.5)
    data = judged(truth, 300)
    found = fitted(data)
    assert (found.intercept, found.own, found.probability) == pytest.approx((1.0, 0.8, -0.5), abs=0.15)
    right = np.concatenate([one.right for one in data])
    promised = np.concatenate(cross_validated(data))
    assert calibration_error(list(promised), list(right), [1] * len(right)) < 0.03


def test_noise_is_as_loud_as_asked() -> None:
    voice = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    noise = with_pink_noise(voice, 15.0, np.random.default_rng(1)) - voice
    assert 10 * np.log10(np.mean(voice**2) / np.mean(noise**2)) == pytest.approx(15.0, abs=0.1)


def test_gsm_keeps_the_length() -> None:
    voice = (3000 * np.sin(np.arange(8000) / 5)).astype(np.int16)
    assert abs(len(through_gsm(voice)) - len(voice)) < 400
