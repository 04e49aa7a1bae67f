"""A lost frame is the voice going on in its own pitch, fading, then silence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.g711 import alaw_decode, alaw_encode
from telephony.media.concealment import Concealment


def voice(pitch_hz: float, samples: int) -> np.ndarray:
    time_s = np.arange(samples) / 8000
    return sum(6000 / n * np.sin(2 * np.pi * n * pitch_hz * time_s + n) for n in range(1, 8))


def conceal(sound: np.ndarray, lost: int) -> list[bytes | None]:
    """What follows this sound when so many frames are lost."""
    concealment, alaw = Concealment(), alaw_encode(sound.astype(np.int16))
    for at in range(0, len(alaw), 160):
        frame = alaw[at : at + 160]
        assert concealment.frame(frame) is frame
    return [concealment.frame(None) for _ in range(lost)]


@pytest.mark.parametrize("pitch_hz", [85, 120, 210, 330])
def test_a_voice_goes_on_in_its_pitch(pitch_hz: float) -> None:
    sound = voice(pitch_hz, 160 * 11)
    [concealed] = conceal(sound[: 160 * 10], 1)
    true = sound[160 * 10 :] * np.linspace(0.9, 0.6, 160)
    error = alaw_decode(concealed or b"") - true
    assert 10 * np.log10(np.mean(true**2) / np.mean(error**2)) > 8


def test_it_fades_out_in_60_ms_and_then_is_silent() -> None:
    faded = conceal(voice(200, 160 * 10), 5)
    levels = [float(np.abs(alaw_decode(frame).astype(float)).mean()) for frame in faded if frame is not None]
    assert len(levels) == 3
    assert faded[3:] == [None, None]
    assert levels[0] > 1.4 * levels[1] > 2 * levels[2]


def test_nothing_heard_yet_is_silence() -> None:
    frame = Concealment().frame(None)
    assert frame is not None
    assert np.max(np.abs(alaw_decode(frame).astype(int))) <= 8


@given(st.lists(st.none() | st.binary(min_size=160, max_size=160), max_size=12))
def test_whatever_comes_what_is_heard_are_whole_frames(frames: list[bytes | None]) -> None:
    concealment = Concealment()
    for frame in frames:
        heard = concealment.frame(frame)
        assert heard is None or len(heard) == 160
