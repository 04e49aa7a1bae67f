import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from asr.noise_reduction import without_noise
from asr.recogniser import Samples
from asr.telephone import as_int16
from bench.telephone_noise import pink_noise, with_pink_noise
from tests.asr.sounds import silence, tone


def power_db(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2) + 1e-9))


def voice() -> Samples:
    """Half a second of tone between silences, twice."""
    return np.concatenate([silence(400), tone(500), silence(300), tone(500), silence(400)])


def noisy(snr_db: float) -> Samples:
    return as_int16(with_pink_noise(voice().astype(np.float32) / 32768, snr_db, np.random.default_rng(3)))


@pytest.mark.parametrize("snr_db", [3.0, 8.0, 12.0])
def test_noise_is_taken_down_and_the_voice_stays(snr_db: float) -> None:
    before, after = noisy(snr_db), without_noise(noisy(snr_db))
    pause, speech = slice(100 * 8, 350 * 8), slice(450 * 8, 850 * 8)
    assert power_db(after[pause]) < power_db(before[pause]) - 8
    assert abs(power_db(after[speech]) - power_db(before[speech])) < 1.5


def test_what_has_little_noise_stays_as_it_is() -> None:
    assert np.array_equal(without_noise(noisy(35.0)), noisy(35.0))


def test_noise_alone_does_not_become_a_voice() -> None:
    noise = as_int16((0.05 * pink_noise(16_000, np.random.default_rng(1))).astype(np.float32))
    assert power_db(without_noise(noise)) < power_db(noise)


@given(arrays(np.int16, st.integers(0, 4000)))
def test_any_sound_keeps_its_length_and_type(samples: Samples) -> None:
    quieter = without_noise(samples)
    assert quieter.dtype == np.int16
    assert len(quieter) == len(samples)
