"""How one side's voice comes back on the other side's line: a hybrid's or a handset's echo, as a telephone sends it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from asr.recogniser import Samples
from bench.telephone_noise import through_gsm
from domain.g711 import RATE_HZ, alaw_decode, alaw_encode

Wave = NDArray[np.float64]
FULL_SCALE = 32768.0


@dataclass(frozen=True)
class EchoPath:
    """delay_ms; loss_db: how much weaker it comes back; tail_ms: how long each sound rings; mobile: over GSM 06.10."""

    delay_ms: float
    loss_db: float
    tail_ms: float
    mobile: bool = False

    def back(self, voice: Wave, rng: np.random.Generator) -> Wave:
        """What comes back of it, of the same length; the codec apart."""
        taps = round(self.tail_ms * RATE_HZ / 1000)
        ringing = np.append(1.0, rng.normal(0, 0.3, taps) * np.exp(-np.arange(taps) * 4 / max(1, taps)))
        delay = round(self.delay_ms * RATE_HZ / 1000)
        late = np.concatenate([np.zeros(delay), voice])[: len(voice)]
        came: Wave = lfilter(ringing, 1.0, late)
        as_loud = np.sqrt(np.mean(voice**2) / max(1e-9, float(np.mean(came**2))))
        weaker: Wave = came * as_loud * 10 ** (-self.loss_db / 20)
        return weaker

    def line(self, sound: Wave, noise_db: float, rng: np.random.Generator) -> Samples:
        """The line on which it comes back, with its own noise (dBFS), after the codecs."""
        noisy = on_line(sound, noise_db, rng)
        if not self.mobile:
            return noisy
        coded = through_gsm(noisy)[: len(noisy)]
        return np.concatenate([coded, np.zeros(len(noisy) - len(coded), dtype=np.int16)])


def on_line(sound: Wave, noise_db: float, rng: np.random.Generator) -> Samples:
    """Over A-law, with the line's own noise."""
    noisy = sound + rng.normal(0, FULL_SCALE * 10 ** (noise_db / 20), len(sound))
    return alaw_decode(alaw_encode(np.clip(np.round(noisy), -32768, 32767).astype(np.int16))).reshape(-1)


def at_level(voice: Samples, level_db: float) -> Wave:
    """The voice at this mean power (dBFS)."""
    wave = voice.astype(np.float64)
    return wave * FULL_SCALE * 10 ** (level_db / 20) / max(1e-9, float(np.sqrt(np.mean(wave**2))))
