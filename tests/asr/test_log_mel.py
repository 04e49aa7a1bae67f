import numpy as np
import pytest

from asr.log_mel import BANDS, log_mel, mel_filters


def test_the_filters_are_slaney_triangles_of_area_one() -> None:
    """Values of Whisper's own mel_filters.npz (librosa.filters.mel(sr=16000, n_fft=400, n_mels=80))."""
    filters = mel_filters()
    assert filters.shape == (BANDS, 201)
    assert filters[0, 1] == pytest.approx(0.02486259, abs=1e-7)
    assert filters[79, 193] == pytest.approx(0.00314131, abs=1e-7)
    assert filters.max() == pytest.approx(0.02588069, abs=1e-7)
    assert np.allclose(filters[60:].sum(axis=1) * 40.0, 1.0, atol=0.02)


def test_a_tone_lights_its_band_and_silence_stays_at_the_floor() -> None:
    time_s = np.arange(16000) / 16000
    mel = log_mel((0.5 * np.sin(2 * np.pi * 1000 * time_s)).astype(np.float32), 300)
    assert mel.shape == (BANDS, 300)
    assert mel.dtype == np.float32
    assert np.argmax(mel[:, 50]) == np.argmax(mel_filters()[:, 25])
    assert np.ptp(mel) == pytest.approx(2.0)
    assert np.all(mel[:, 150:] == mel.min())


def test_sound_longer_than_the_frames_is_cut() -> None:
    assert log_mel(np.ones(32000, dtype=np.float32), 100).shape == (BANDS, 100)


def test_large_models_have_more_bands_of_the_same_span() -> None:
    filters = mel_filters(128)
    assert filters.shape == (128, 201)
    assert np.allclose(filters.sum(axis=0)[20:180].mean(), mel_filters().sum(axis=0)[20:180].mean(), rtol=0.7)
    assert log_mel(np.ones(1600, dtype=np.float32), 100, 128).shape == (128, 100)
