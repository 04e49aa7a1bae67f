"""Our G.722 beside another maker's: FFmpeg decodes what we encode, and we what it encodes."""

import av
import numpy as np
import pytest

from domain.g711 import alaw_decode, alaw_encode
from telephony.media.wideband import WidebandDecoder, WidebandEncoder

FRAMES = 50


def tone(hz: float, rate_hz: int) -> np.ndarray:
    return (6000 * np.sin(np.arange(rate_hz) * 2 * np.pi * hz / rate_hz)).astype(np.int16)


def loudest_hz(pcm: np.ndarray, rate_hz: int) -> float:
    return float(np.abs(np.fft.rfft(pcm.astype(float))).argmax() * rate_hz / len(pcm))


@pytest.mark.parametrize("hz", [440, 1300, 2900])
def test_another_maker_hears_our_sound(hz: float) -> None:
    encoder, decoder = WidebandEncoder(), av.CodecContext.create("g722", "r")
    decoder.sample_rate, decoder.layout = 16_000, "mono"
    alaw, heard = alaw_encode(tone(hz, 8000)), []
    for number in range(FRAMES):
        payload = encoder.payload(alaw[160 * number : 160 * number + 160])
        assert len(payload) == 160
        heard += [frame.to_ndarray().ravel() for frame in decoder.decode(av.Packet(payload))]
    pcm = np.concatenate(heard)[4000:]
    assert loudest_hz(pcm, 16_000) == pytest.approx(hz, abs=5)
    assert np.abs(pcm).max() == pytest.approx(6000, rel=0.2)


@pytest.mark.parametrize("hz", [440, 1300, 2900])
def test_we_hear_another_makers_sound(hz: float) -> None:
    encoder, decoder = av.CodecContext.create("g722", "w"), WidebandDecoder()
    encoder.sample_rate, encoder.layout, encoder.format = 16_000, "mono", "s16"
    spoken, heard = tone(hz, 16_000), b""
    for number in range(FRAMES):
        frame = av.AudioFrame.from_ndarray(spoken[None, 320 * number : 320 * number + 320], "s16", "mono")
        frame.sample_rate = 16_000
        heard += b"".join(decoder.alaw(bytes(packet)) for packet in encoder.encode(frame))
    pcm = alaw_decode(heard)[2000:]
    assert loudest_hz(pcm, 8000) == pytest.approx(hz, abs=5)
    assert np.abs(pcm).max() == pytest.approx(6000, rel=0.2)
