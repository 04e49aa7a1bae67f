"""A tiny encoder with weights of chance, beside the same in numpy without 8 bits and without thinning."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import erf

from asr.encoder_graph import Weights
from asr.log_mel import RATE_HZ, log_mel
from asr.processor import adds_signed_bytes_exactly, processor_flags
from asr.thin_encoder import ThinEncoder
from asr.thinned_padding import Padding

WIDTH, BANDS, HEADS, LAYERS = 32, 80, 2, 2
_EIGHT_BITS = 0.05
"""What they may change, on average."""
PADDING = Padding(4.0, 6.0)
Wave = NDArray[np.float32]


def weights(places: float) -> Weights:
    """places: how much a place in time counts."""
    chance = np.random.default_rng(3)

    def linear(name: str, outputs: int, *inputs: int) -> dict[str, Wave]:
        scale = 1.5 / math.sqrt(math.prod(inputs))
        return {
            f"{name}/weight": chance.normal(0, scale, (outputs, *inputs)).astype(np.float32),
            f"{name}/bias": chance.normal(0, 0.1, outputs).astype(np.float32),
        }

    def normal(name: str) -> dict[str, Wave]:
        return {
            f"{name}/gamma": chance.normal(1, 0.1, WIDTH).astype(np.float32),
            f"{name}/beta": chance.normal(0, 0.1, WIDTH).astype(np.float32),
        }

    out = linear("encoder/conv1", WIDTH, BANDS, 3) | linear("encoder/conv2", WIDTH, WIDTH, 3)
    out["encoder/position_encodings/encodings"] = chance.normal(0, places, (1500, WIDTH)).astype(np.float32)
    for layer in range(LAYERS):
        seen, inner = f"encoder/layer_{layer}/self_attention", f"encoder/layer_{layer}/ffn"
        out |= normal(f"{seen}/layer_norm") | linear(f"{seen}/linear_0", 3 * WIDTH, WIDTH)
        out |= linear(f"{seen}/linear_1", WIDTH, WIDTH) | normal(f"{inner}/layer_norm")
        out |= linear(f"{inner}/linear_0", 4 * WIDTH, WIDTH) | linear(f"{inner}/linear_1", WIDTH, 4 * WIDTH)
    return out | normal("encoder/layer_norm")


def reference(given: Weights, samples: Wave, frames: int) -> Wave:
    """All frames of the sound and its padding."""

    def gelu(x: Wave) -> Wave:
        return (x * 0.5 * (1 + erf(x / math.sqrt(2)))).astype(np.float32)

    def convolved(x: Wave, name: str, stride: int) -> Wave:
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, ((0, 0), (1, 1))), 3, axis=1)[:, ::stride]
        return gelu(np.einsum("itk,oik->ot", windows, given[f"{name}/weight"]) + given[f"{name}/bias"][:, None])

    def linear(x: Wave, name: str) -> Wave:
        return x @ given[f"{name}/weight"].T + given[f"{name}/bias"]

    def normal(x: Wave, name: str) -> Wave:
        centred = x - x.mean(axis=1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
        return scaled * given[f"{name}/gamma"] + given[f"{name}/beta"]

    def attended(x: Wave, name: str) -> Wave:
        parts = linear(x, f"{name}/linear_0").reshape(len(x), 3, HEADS, -1)
        query, key, value = parts.transpose(1, 2, 0, 3)
        looks = np.exp(query @ key.transpose(0, 2, 1) / math.sqrt(WIDTH / HEADS))
        seen = (looks / looks.sum(axis=2, keepdims=True)) @ value
        return linear(seen.transpose(1, 0, 2).reshape(len(x), WIDTH), f"{name}/linear_1")

    x = convolved(convolved(log_mel(samples, 2 * frames), "encoder/conv1", 1), "encoder/conv2", 2).T
    x = x + given["encoder/position_encodings/encodings"][:frames]
    for layer in range(LAYERS):
        seen, inner = f"encoder/layer_{layer}/self_attention", f"encoder/layer_{layer}/ffn"
        x = x + attended(normal(x, f"{seen}/layer_norm"), seen)
        x = x + linear(gelu(linear(normal(x, f"{inner}/layer_norm"), f"{inner}/linear_0")), f"{inner}/linear_1")
    return normal(x, "encoder/layer_norm")


def sound(seconds: float) -> Wave:
    return np.random.default_rng(5).normal(0, 0.1, round(seconds * RATE_HZ)).astype(np.float32)


def error(got: Wave, wanted: Wave) -> float:
    return float(np.abs(got - wanted).mean() / np.abs(wanted).mean())


EXACT = adds_signed_bytes_exactly(processor_flags())
"""Signed bytes are tried where they are used, unsigned ones everywhere."""


@pytest.mark.parametrize("signed", [False, True] if EXACT else [False])
@pytest.mark.parametrize("seconds", [0.5, 1.0, 1.37])
def test_sound_without_padding_is_encoded_as_always(seconds: float, signed: bool) -> None:
    given, samples = weights(0.5), sound(seconds)
    (got,) = ThinEncoder(given, HEADS, threads=1, signed=signed).encode([samples], Padding(1.0, 0.0))
    assert error(got, reference(given, samples, len(got))) < _EIGHT_BITS


def test_thin_padding_weighs_as_much_as_all_of_it() -> None:
    given, samples = weights(0.0), sound(0.8)
    (got,) = ThinEncoder(given, HEADS, threads=1, signed=EXACT).encode([samples], PADDING)
    assert len(got) < 140
    assert error(got[:90], reference(given, samples, 300)[:90]) < _EIGHT_BITS


def test_clips_that_are_encoded_together_are_as_long_as_the_longest() -> None:
    encoder, short, long = ThinEncoder(weights(0.5), HEADS, threads=1, signed=EXACT), sound(0.5), sound(1.5)
    both = encoder.encode([short, long], Padding(1.0, 0.0))
    assert both.shape == (2, 125, WIDTH)
    assert error(both[0], reference(weights(0.5), short, 125)) < _EIGHT_BITS
    assert np.array_equal(both[1], encoder.encode([long], Padding(1.0, 0.0))[0])
