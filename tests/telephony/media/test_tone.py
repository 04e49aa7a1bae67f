"""Tones: their level, their pitch, and a loop without a click."""

import numpy as np
import pytest

from domain.g711 import alaw_decode
from telephony.media.tone import music_on_hold, ring_back


def level_dbfs(pcm: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(pcm.astype(float) ** 2)) / 32767))


def test_ring_back_is_450_hz_one_second_in_five() -> None:
    pcm = alaw_decode(ring_back())
    assert len(pcm) == 40_000
    assert int(np.argmax(np.abs(np.fft.rfft(pcm[:8000].astype(float))))) == 450
    assert np.max(np.abs(pcm[8000:].astype(int))) <= 8
    assert level_dbfs(pcm[:8000]) == pytest.approx(-20, abs=0.5)


def test_music_is_soft_and_goes_round_without_a_click() -> None:
    pcm = alaw_decode(music_on_hold()).astype(float)
    assert 20 <= len(pcm) / 8000 <= 30
    assert level_dbfs(pcm) == pytest.approx(-20, abs=0.5)
    assert np.max(np.abs(pcm)) < 0.6 * 32767
    steps = np.abs(np.diff(np.concatenate([pcm[-800:], pcm[:800]])))
    assert np.max(steps) <= np.max(np.abs(np.diff(pcm)))
    assert music_on_hold() is music_on_hold()


def test_no_second_of_the_music_is_silent() -> None:
    pcm = alaw_decode(music_on_hold())
    assert all(level_dbfs(pcm[start : start + 8000]) > -40 for start in range(0, len(pcm) - 8000, 8000))
