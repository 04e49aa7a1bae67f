"""A lost frame is a fading echo of the last one, then silence."""

import numpy as np

from domain.g711 import alaw_decode, alaw_encode
from telephony.concealment import Concealment


def test_the_last_frame_fades_out_in_60_ms_and_then_is_silent() -> None:
    tone = alaw_encode((8000 * np.sin(np.arange(160) / 4)).astype(np.int16))
    concealment = Concealment()
    assert concealment.frame(tone) == tone
    faded = [concealment.frame(None) for _ in range(5)]
    levels = [float(np.abs(alaw_decode(frame)).mean()) for frame in faded if frame is not None]
    assert len(levels) == 3
    assert faded[3:] == [None, None]
    assert 0.4 < levels[0] / np.abs(alaw_decode(tone)).mean() < 0.6
    assert levels[0] > 2 * levels[1] > 4 * levels[2]
    assert concealment.frame(tone) == tone


def test_nothing_heard_yet_is_silence() -> None:
    frame = Concealment().frame(None)
    assert frame is not None
    assert np.max(np.abs(alaw_decode(frame).astype(int))) <= 8
