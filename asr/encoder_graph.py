"""Whisper's encoder as an ONNX graph that takes any frames at any places (Radford et al. 2022, section 2.2).

CTranslate2's own encodes the whole of a spectrogram, frame after frame. Weights and sounds are 8 bits there and here:
a row of weights and a frame of sound each have a scale of their own. Sounds are unsigned bytes around 128; weights are
signed ones where the processor adds up such products exactly (asr.processor), which is faster, else unsigned ones, too.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from asr.onnx_graph import MICROSOFT, OnnxGraph

INPUTS = ("mel", "sounds", "places", "attention")
"""mel: (1, bands, n) spectrogram; sounds: (frames,) which frame of it, two of the spectrogram's each; places: (frames,)
where it stands in time; attention: (1, 1, frames, frames) what is added to how much a frame looks at another."""
_LEVELS = 127
_MIDDLE = 128
_LEAST_SCALE = 1e-9

Weights = Mapping[str, NDArray[np.float32]]


class _EncoderGraph(OnnxGraph):
    """weights: of the model, by name; signed: whether they become signed bytes."""

    def __init__(self, weights: Weights, *, signed: bool) -> None:
        super().__init__()
        self.weights = weights
        self._middle = np.int8(0) if signed else np.uint8(_MIDDLE)

    def weight(self, name: str) -> str:
        return self.constant(self.weights[name])

    def normal(self, x: str, scope: str) -> str:
        return self.op("LayerNormalization", x, self.weight(f"{scope}/gamma"), self.weight(f"{scope}/beta"))

    def gelu(self, x: str) -> str:
        return self.op("Gelu", x, domain=MICROSOFT)

    def convolved(self, x: str, scope: str, stride: int) -> str:
        weight, bias = self.weight(f"{scope}/weight"), self.weight(f"{scope}/bias")
        return self.gelu(self.op("Conv", x, weight, bias, pads=[1, 1], strides=[stride], kernel_shape=[3]))

    def linear(self, x: str, scope: str) -> str:
        """(frames, inputs) → (frames, outputs), multiplied in 8 bits."""
        weight = self.weights[f"{scope}/weight"]
        scales = np.maximum(np.abs(weight).max(axis=1), _LEAST_SCALE) / _LEVELS
        quantised = (np.rint(weight / scales[:, None]) + self._middle).astype(self._middle.dtype)
        loudest = self.op("ReduceMax", self.op("Abs", x), self.constant(np.array([1])), keepdims=0)
        scale = self.op("Mul", loudest, self.constant(np.float32(1 / _LEVELS)))
        scale = self.op("Max", scale, self.constant(np.float32(_LEAST_SCALE)))
        middle = self.op("Expand", self.constant(np.uint8(_MIDDLE)), self.op("Shape", scale))
        sound = self.op("QuantizeLinear", x, scale, middle, axis=0)
        middles = self.constant(np.uint8(_MIDDLE)), self.constant(self._middle)
        product = self.op("MatMulInteger", sound, self.constant(quantised.T), *middles)
        product = self.op("Cast", product, to=TensorProto.FLOAT)
        product = self.op("Mul", product, self.op("Unsqueeze", scale, self.constant(np.array([1]))))
        product = self.op("Mul", product, self.constant(scales.astype(np.float32)))
        return self.op("Add", product, self.weight(f"{scope}/bias"))

    def attended(self, x: str, scope: str, heads: int) -> str:
        """How each frame looks at all others."""
        first = self.constant(np.array([0]))
        name = self.op("Unsqueeze", self.linear(x, f"{scope}/linear_0"), first)
        parts = self.ops("Split", 3, name, axis=2, num_outputs=3)
        seen = self.op("MultiHeadAttention", *parts, "", "", "attention", domain=MICROSOFT, num_heads=heads)
        return self.linear(self.op("Squeeze", seen, first), f"{scope}/linear_1")


def encoder_graph(weights: Weights, heads: int, *, signed: bool) -> bytes:
    """A model from INPUTS to (1, frames, width). weights: of CTranslate2's Whisper, by name. KeyError without one."""
    graph = _EncoderGraph(weights, signed=signed)
    x = graph.convolved(graph.convolved("mel", "encoder/conv1", 1), "encoder/conv2", 2)
    x = graph.op("Gather", graph.op("Transpose", x, perm=[0, 2, 1]), "sounds", axis=1)
    x = graph.op("Squeeze", x, graph.constant(np.array([0])))
    places = graph.weight("encoder/position_encodings/encodings")
    x = graph.op("Add", x, graph.op("Gather", places, "places", axis=0))
    layer = 0
    while f"encoder/layer_{layer}/ffn/linear_0/weight" in weights:
        seen, inner = f"encoder/layer_{layer}/self_attention", f"encoder/layer_{layer}/ffn"
        x = graph.op("Add", x, graph.attended(graph.normal(x, f"{seen}/layer_norm"), seen, heads))
        wide = graph.gelu(graph.linear(graph.normal(x, f"{inner}/layer_norm"), f"{inner}/linear_0"))
        x = graph.op("Add", x, graph.linear(wide, f"{inner}/linear_1"))
        layer += 1
    x = graph.op("Unsqueeze", graph.normal(x, "encoder/layer_norm"), graph.constant(np.array([0])))
    bands = weights["encoder/conv1/weight"].shape[1]
    shapes: tuple[Sequence[int | str], ...] = ([1, bands, "n"], ["frames"], ["frames"], [1, 1, "frames", "frames"])
    kinds = ("float", "int64", "int64", "float")
    return graph.model("encoder", list(zip(INPUTS, kinds, shapes, strict=True)), [x])
