"""Comfort noise has the level and the colour that its packet says, and never hurts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.g711 import alaw_decode
from telephony.media.comfort_noise import ComfortNoise


def heard(payload: bytes, frames: int = 50) -> np.ndarray:
    noise = ComfortNoise()
    noise.describe(payload)
    return np.concatenate([alaw_decode(noise.frame() or b"") for _ in range(frames)]).astype(float)


@pytest.mark.parametrize("level_dbov", [40, 50, 60])
def test_the_level_is_the_one_described(level_dbov: int) -> None:
    rms = np.sqrt(np.mean(heard(bytes([level_dbov])) ** 2))
    assert 20 * np.log10(rms / 32767) == pytest.approx(-level_dbov, abs=1.5)


def test_the_spectrum_follows_the_reflection_coefficients() -> None:
    def low_share(payload: bytes) -> float:
        power = np.abs(np.fft.rfft(heard(payload).reshape(-1, 160), axis=1)) ** 2
        return float(power[:, :40].sum() / power.sum())

    assert 0.4 < low_share(bytes([45])) < 0.6
    assert low_share(bytes([45, 20])) > 0.9
    assert low_share(bytes([45, 230])) < 0.1


@given(st.binary(max_size=40))
def test_no_description_is_loud_or_breaks(payload: bytes) -> None:
    noise = ComfortNoise()
    noise.describe(payload)
    frame = noise.frame()
    assert (frame is None) == (payload == b"")
    if frame is not None:
        assert len(frame) == 160
        assert np.abs(alaw_decode(frame).astype(int)).max() < 12_000


def test_sound_ends_it() -> None:
    noise = ComfortNoise()
    noise.describe(b"\x28")
    noise.stop()
    assert noise.frame() is None
