"""Silero's network for 8 kHz once more, for any number of frames at a time.

The published one takes a frame a call, and builds the weights of its recurrent layer anew in each. All but that layer
looks at one frame alone, so that here they go through together, and the layer runs over them as one sequence.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from asr.onnx_graph import OnnxGraph

INPUTS = ("frames", "hidden", "cell")
"""frames: (n, samples) with those of before, −1..1; hidden, cell: (1, 1, 128), what is remembered, of which the last
two outputs are the next. The first output is the probability of voice in each, (n, 1, 1)."""
CONTEXT, SAMPLES, MEMORY = 32, 256, 128
_REFLECTED = 32
_STFT = (128, 64)
"""Window and step."""
_STRIDES = (1, 2, 2, 1)
_OF_8_KHZ = "else_branch"

Weights = dict[str, NDArray[np.float32]]


def silero_graph(file: Path) -> bytes:
    """Raises what onnx does for a file that is no model, StopIteration, KeyError and IndexError for another model."""
    weights = _weights(file)
    graph = OnnxGraph()
    x = _encoded(graph, weights)
    gates = [graph.constant(_ordered(weights[f"decoder.rnn.weight_{name}"])) for name in ("ih", "hh")]
    biases = np.concatenate([_ordered(weights[f"decoder.rnn.bias_{name}"]) for name in ("ih", "hh")], axis=1)
    y, hidden, cell = graph.ops("LSTM", 3, x, *gates, graph.constant(biases), "", "hidden", "cell", hidden_size=MEMORY)
    y = graph.op("Relu", graph.op("Squeeze", y, graph.constant(np.array([1]))))
    y = graph.op("MatMul", y, graph.constant(weights["decoder.decoder.2.weight"][0]))
    voice = graph.op("Sigmoid", graph.op("Add", y, graph.constant(weights["decoder.decoder.2.bias"])))
    shapes: tuple[Sequence[int | str], ...] = (["n", CONTEXT + SAMPLES], [1, 1, MEMORY], [1, 1, MEMORY])
    inputs = [(name, "float", shape) for name, shape in zip(INPUTS, shapes, strict=True)]
    return graph.model("silero", inputs, [voice, hidden, cell])


def _encoded(graph: OnnxGraph, weights: Weights) -> str:
    """(n, 1, MEMORY): a spectrum of magnitudes and four convolutions, of each frame alone."""
    x = graph.op("Pad", "frames", graph.constant(np.array([0, 0, 0, _REFLECTED])), mode="reflect")
    x = graph.op("Unsqueeze", x, graph.constant(np.array([1])))
    window, step = _STFT
    basis = graph.constant(weights["stft.forward_basis_buffer"])
    spectrum = graph.op("Conv", x, basis, strides=[step], kernel_shape=[window])
    real, imaginary = graph.ops("Split", 2, spectrum, axis=1, num_outputs=2)
    x = graph.op("Sqrt", graph.op("Add", *(graph.op("Mul", part, part) for part in (real, imaginary))))
    for number, stride in enumerate(_STRIDES):
        name = f"encoder.{number}.reparam_conv"
        weight, bias = graph.constant(weights[f"{name}.weight"]), graph.constant(weights[f"{name}.bias"])
        x = graph.op("Relu", graph.op("Conv", x, weight, bias, kernel_shape=[3], pads=[1, 1], strides=[stride]))
    return graph.op("Transpose", x, perm=[0, 2, 1])


def _ordered(gates: NDArray[np.float32]) -> NDArray[np.float32]:
    """From PyTorch's order of a recurrent layer's gates to ONNX's."""
    into, forget, new, out = np.split(gates, 4)
    return np.concatenate([into, out, forget, new])[None]


def _weights(file: Path) -> Weights:
    """The constants of the network for 8 kHz, by what stands behind the last mark of their names."""
    choice = next(node for node in onnx.load(str(file)).graph.node if node.op_type == "If")
    network = next(part.g for part in choice.attribute if part.name == _OF_8_KHZ)
    return {
        node.output[0].split("__")[-1]: numpy_helper.to_array(node.attribute[0].t)
        for node in network.node
        if node.op_type == "Constant"
    }
