"""What happens to a voice before and on the line: noise at a level, and another codec on the way."""

import io

import numpy as np
import soundfile
from numpy.typing import NDArray

from asr.recogniser import Samples
from domain.g711 import RATE_HZ, alaw_decode, alaw_encode


def with_pink_noise(samples: NDArray[np.float32], snr_db: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """The voice with pink noise so many dB below the whole recording's power."""
    level = np.sqrt(np.mean(samples**2)) * 10 ** (-snr_db / 20)
    noisy: NDArray[np.float32] = (samples + level * pink_noise(len(samples), rng)).astype(np.float32)
    return noisy


def pink_noise(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Noise of equal power in each octave; its power is 1."""
    bins = np.arange(length // 2 + 1)
    phases = np.exp(2j * np.pi * rng.random(len(bins)))
    noise = np.fft.irfft(np.where(bins > 0, 1 / np.sqrt(np.maximum(bins, 1)), 0) * phases, length)
    pink: NDArray[np.float64] = noise / np.sqrt(np.mean(noise**2))
    return pink


def through_gsm(samples: Samples) -> Samples:
    """8 kHz sound that came over a mobile network's full-rate codec (GSM 06.10) and then over A-law."""
    file = io.BytesIO()
    soundfile.write(file, samples, RATE_HZ, format="WAV", subtype="GSM610")
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="int16")
    return alaw_decode(alaw_encode(decoded)).reshape(-1)
