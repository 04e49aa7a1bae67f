"""An ONNX graph that grows operation by operation, and becomes a model for onnxruntime."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_OPSET, _IR_VERSION = 18, 9
MICROSOFT = "com.microsoft"
"""The domain of onnxruntime's own operations."""
_KINDS = {"float": TensorProto.FLOAT, "int64": TensorProto.INT64}

Input = tuple[str, str, Sequence[int | str]]
"""Name, kind of _KINDS, and shape; words in it are lengths that differ."""


class OnnxGraph:
    """Its methods return the name of what they add."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, value: NDArray[np.generic] | np.generic) -> str:
        name = f"constant{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        (name,) = self.ops(kind, 1, *inputs, domain=domain, **attributes)
        return name

    def ops(self, kind: str, outputs: int, *inputs: str, domain: str = "", **attributes: Any) -> list[str]:
        """An operation with several outputs."""
        names = [f"{kind}{len(self._nodes)}_{number}" for number in range(outputs)]
        self._nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **attributes))
        return names

    def model(self, name: str, inputs: Sequence[Input], outputs: Sequence[str]) -> bytes:
        """The file's content. outputs: numbers in 32 bits."""
        graph = helper.make_graph(
            self._nodes,
            name,
            [helper.make_tensor_value_info(one, _KINDS[kind], shape) for one, kind, shape in inputs],
            [helper.make_tensor_value_info(one, TensorProto.FLOAT, None) for one in outputs],
            initializer=self._constants,
        )
        sets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(MICROSOFT, 1)]
        content: bytes = helper.make_model(graph, opset_imports=sets, ir_version=_IR_VERSION).SerializeToString()
        return content
