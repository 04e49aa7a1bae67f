"""Whisper's input: the logarithmic mel spectrogram of Radford et al. 2022, section 2.2, in numpy.

80 mel bands (128 for large-v3 and its turbo) of Slaney's scale and area normalisation (as librosa.filters.mel with its
defaults), windows of 25 ms every 10 ms, log10 clamped to 8 decades below the clip's maximum, scaled by (x + 4) / 4.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16000
BANDS = 80
HOP = 160
_WINDOW = 400
_SLANEY_BREAK_HZ = 1000.0
_HZ_PER_MEL = 200.0 / 3
_LOG_STEP = np.log(6.4) / 27.0


def _mel_of_hz(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    above = np.log(np.maximum(hz, _SLANEY_BREAK_HZ) / _SLANEY_BREAK_HZ) / _LOG_STEP
    return np.where(hz < _SLANEY_BREAK_HZ, hz / _HZ_PER_MEL, _SLANEY_BREAK_HZ / _HZ_PER_MEL + above)


def _hz_of_mel(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    break_mel = _SLANEY_BREAK_HZ / _HZ_PER_MEL
    return np.where(mel < break_mel, mel * _HZ_PER_MEL, _SLANEY_BREAK_HZ * np.exp(_LOG_STEP * (mel - break_mel)))


@lru_cache
def mel_filters(bands: int = BANDS) -> NDArray[np.float32]:
    """The filter bank, (bands, 201): triangles whose area is 1 over frequencies 0..8000 Hz."""
    top = _mel_of_hz(np.array([RATE_HZ / 2]))[0]
    corners = _hz_of_mel(np.linspace(0.0, top, bands + 2))
    bins = np.linspace(0.0, RATE_HZ / 2, _WINDOW // 2 + 1)
    widths = np.diff(corners)
    distance = corners[:, None] - bins[None, :]
    rising = -distance[:-2] / widths[:-1, None]
    falling = distance[2:] / widths[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return (triangles * (2.0 / (corners[2:] - corners[:-2]))[:, None]).astype(np.float32)


@lru_cache
def _sparse_filters(bands: int) -> Any:
    """The filter bank for products: nearly all of it is zero. And numpy would take a dense product to all cores, whose
    threads then wait busily for the next one: as much work as the encoder's."""
    from scipy.sparse import csr_array

    return csr_array(mel_filters(bands))


_HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)).astype(np.float32)


def log_mel(samples: NDArray[np.float32], frames: int, bands: int = BANDS) -> NDArray[np.float32]:
    """The spectrogram (bands, frames) of samples (−1..1 at 16 kHz), padded with silence to frames × 10 ms."""
    padded = np.zeros(frames * HOP, dtype=np.float32)
    padded[: len(samples)] = samples[: len(padded)]
    centred = np.pad(padded, _WINDOW // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(centred, _WINDOW)[::HOP][:frames]
    voiced = min(frames, len(samples) // HOP + 3)
    power = np.zeros((_WINDOW // 2 + 1, frames), dtype=np.float32)
    power[:, :voiced] = (np.abs(np.fft.rfft(windows[:voiced] * _HANN, axis=1)) ** 2).T
    mel = np.log10(np.maximum(_sparse_filters(bands) @ power, 1e-10))
    scaled: NDArray[np.float32] = (np.maximum(mel, mel.max() - 8.0) + 4.0) / 4.0
    return scaled.astype(np.float32)
