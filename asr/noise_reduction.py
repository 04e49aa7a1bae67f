"""Steady noise behind a voice taken down before recognition: traffic, a fan, a building site. Pure.

The noise of each band is taken from the clip's quietest moments, and each band of each moment is weighed by how likely
it is voice: the Wiener gain with the decision-directed a-priori ratio of Ephraim and Malah, "Speech Enhancement Using
a Minimum Mean-Square Error Short-Time Spectral Amplitude Estimator" (1984). A clip with little noise stays as it is:
there the step costs more than it gives (docs/asr.md).
"""

import numpy as np
from numpy.typing import NDArray

from asr.recogniser import Samples
from asr.telephone import as_int16

_WINDOW, _STEP = 256, 64
"""Samples at 8 kHz: 32 ms, each 8 ms."""
_QUIET_SHARE = 1 / 6
_LEAST_QUIET = 3
_QUIET_TO_MEAN = 1.2
"""The quietest moments of noise are quieter than its mean."""
_SMOOTH = 0.98
_FLOOR = 10 ** (-12 / 20)
"""Of the gain: what is left of the noise hides the artefacts of taking it away."""
_NOISY_DB = 20.0
"""Voices that are louder than their noise by more are left alone."""
_SILENT = 1e-12


def without_noise(samples: Samples) -> Samples:
    """samples: int16 at 8 kHz, of any length."""
    from scipy.signal import istft, stft

    if len(samples) < _WINDOW * _LEAST_QUIET:
        return samples
    _, _, spectrum = stft(samples.astype(np.float32) / 32768.0, nperseg=_WINDOW, noverlap=_WINDOW - _STEP)
    power = np.abs(spectrum) ** 2
    noise = _noise_of(power)
    if voice_to_noise_db(power, noise) > _NOISY_DB:
        return samples
    _, quieter = istft(spectrum * _gains(power, noise), nperseg=_WINDOW, noverlap=_WINDOW - _STEP)
    return as_int16(quieter[: len(samples)].astype(np.float32))


def voice_to_noise_db(power: NDArray[np.float32], noise: NDArray[np.float32]) -> float:
    """How much louder the louder half of the moments is than the noise. power: (bands, moments); noise: (bands,)."""
    moments = np.sort(power.sum(axis=0))
    return float(10 * np.log10(max(_SILENT, moments[len(moments) // 2 :].mean()) / max(_SILENT, float(noise.sum()))))


def _noise_of(power: NDArray[np.float32]) -> NDArray[np.float32]:
    count = max(_LEAST_QUIET, int(power.shape[1] * _QUIET_SHARE))
    quietest = np.argsort(power.sum(axis=0))[:count]
    noise: NDArray[np.float32] = power[:, quietest].mean(axis=1) * _QUIET_TO_MEAN + _SILENT
    return noise


def _gains(power: NDArray[np.float32], noise: NDArray[np.float32]) -> NDArray[np.float32]:
    gains = np.empty_like(power)
    before = np.full(len(noise), 1 - _SMOOTH, dtype=power.dtype)
    for moment in range(power.shape[1]):
        ratio = power[:, moment] / noise
        likely = _SMOOTH * before + (1 - _SMOOTH) * np.maximum(ratio - 1, 0)
        gain = likely / (1 + likely)
        before = gain**2 * ratio
        gains[:, moment] = np.maximum(gain, _FLOOR)
    return gains
