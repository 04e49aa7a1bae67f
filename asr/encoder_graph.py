"""Whisper's encoder as an ONNX graph that takes any frames at any places (Radford et al. 2022, section 2.2).

CTranslate2's own encodes the whole of a spectrogram, frame after frame. Weights and sounds are 8 bits there and here:
a row of weights and a frame of sound each have a scale of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

INPUTS = ("mel", "sounds", "places", "attention")
"""mel: (1, bands, n) spectrogram; sounds: (frames,) which frame of it, two of the spectrogram's each; places: (frames,)
where it stands in time; attention: (1, 1, frames, frames) what is added to how much a frame looks at another."""
_OPSET, _IR_VERSION = 18, 9
_MICROSOFT = "com.microsoft"
_LEVELS = 127
_MIDDLE = 128
_LEAST_SCALE = 1e-9

Weights = Mapping[str, NDArray[np.float32]]


@dataclass
class _Graph:
    """A graph that grows. Each method returns the name of what it adds."""

    weights: Weights
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, value: NDArray[np.generic] | np.generic) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name))
        return name

    def weight(self, name: str) -> str:
        return self.constant(self.weights[name])

    def op(self, kind: str, *inputs: str, domain: str = "", outputs: int = 1, **attributes: Any) -> str:
        """With several outputs the first one's name; the others' end in 1, 2, …"""
        name = f"{kind}{len(self.nodes)}_"
        names = [f"{name}{number}" for number in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **attributes))
        return names[0]

    def normal(self, x: str, scope: str) -> str:
        return self.op("LayerNormalization", x, self.weight(f"{scope}/gamma"), self.weight(f"{scope}/beta"))

    def gelu(self, x: str) -> str:
        return self.op("Gelu", x, domain=_MICROSOFT)

    def convolved(self, x: str, scope: str, stride: int) -> str:
        weight, bias = self.weight(f"{scope}/weight"), self.weight(f"{scope}/bias")
        return self.gelu(self.op("Conv", x, weight, bias, pads=[1, 1], strides=[stride], kernel_shape=[3]))

    def linear(self, x: str, scope: str) -> str:
        """(frames, inputs) → (frames, outputs), multiplied in 8 bits."""
        weight = self.weights[f"{scope}/weight"]
        scales = np.maximum(np.abs(weight).max(axis=1), _LEAST_SCALE) / _LEVELS
        quantised = np.rint(weight / scales[:, None]).astype(np.int8)
        loudest = self.op("ReduceMax", self.op("Abs", x), self.constant(np.array([1])), keepdims=0)
        scale = self.op("Mul", loudest, self.constant(np.float32(1 / _LEVELS)))
        scale = self.op("Max", scale, self.constant(np.float32(_LEAST_SCALE)))
        middle = self.op("Expand", self.constant(np.uint8(_MIDDLE)), self.op("Shape", scale))
        sound = self.op("QuantizeLinear", x, scale, middle, axis=0)
        middles = self.constant(np.uint8(_MIDDLE)), self.constant(np.int8(0))
        product = self.op("MatMulInteger", sound, self.constant(quantised.T), *middles)
        product = self.op("Cast", product, to=TensorProto.FLOAT)
        product = self.op("Mul", product, self.op("Unsqueeze", scale, self.constant(np.array([1]))))
        product = self.op("Mul", product, self.constant(scales.astype(np.float32)))
        return self.op("Add", product, self.weight(f"{scope}/bias"))

    def attended(self, x: str, scope: str, heads: int) -> str:
        """How each frame looks at all others."""
        first = self.constant(np.array([0]))
        name = self.op("Unsqueeze", self.linear(x, f"{scope}/linear_0"), first)
        name = self.op("Split", name, axis=2, outputs=3, num_outputs=3)
        parts = [name[:-1] + str(number) for number in range(3)]
        seen = self.op("MultiHeadAttention", *parts, "", "", "attention", domain=_MICROSOFT, num_heads=heads)
        return self.linear(self.op("Squeeze", seen, first), f"{scope}/linear_1")


def encoder_graph(weights: Weights, heads: int) -> bytes:
    """A model from INPUTS to (1, frames, width). weights: of CTranslate2's Whisper, by name. KeyError without one."""
    graph = _Graph(weights)
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
    return _model(graph, x, weights)


def _model(graph: _Graph, output: str, weights: Weights) -> bytes:
    width, bands = weights["encoder/conv1/weight"].shape[:2]
    shapes = [[1, bands, "n"], ["frames"], ["frames"], [1, 1, "frames", "frames"]]
    kinds = (TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT64, TensorProto.FLOAT)
    inputs = [
        helper.make_tensor_value_info(name, kind, shape)
        for name, kind, shape in zip(INPUTS, kinds, shapes, strict=True)
    ]
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, "frames", width])]
    whole = helper.make_graph(graph.nodes, "encoder", inputs, outputs, initializer=graph.constants)
    sets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
    content: bytes = helper.make_model(whole, opset_imports=sets, ir_version=_IR_VERSION).SerializeToString()
    return content
