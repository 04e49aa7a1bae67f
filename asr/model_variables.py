"""CTranslate2's model.bin taken apart and put together again (`_serialize` of ctranslate2.specs.model_spec)."""

import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

_FLOATS: dict[int, type[np.floating]] = {0: np.float32, 4: np.float16}
"""Kinds of values that are real numbers; the others are integers of a quantised model."""


@dataclass(frozen=True)
class Variable:
    """values: as they stand in the file; kind: CTranslate2's number of their type."""

    shape: tuple[int, ...]
    kind: int
    values: bytes

    def with_rows(self, kept: NDArray[np.int64]) -> "Variable":
        """Of the first axis only these."""
        rows = np.frombuffer(self.values, np.uint8).reshape(self.shape[0], -1)[kept]
        return replace(self, shape=(len(kept), *self.shape[1:]), values=rows.tobytes())

    def floats(self) -> NDArray[np.float32] | None:
        """The values, when they are real numbers."""
        if self.kind not in _FLOATS:
            return None
        return np.frombuffer(self.values, _FLOATS[self.kind]).reshape(self.shape).astype(np.float32)


@dataclass(frozen=True)
class ModelVariables:
    """head: what stands before the variables; tail: behind them (names that mean the same variable)."""

    head: bytes
    variables: dict[str, Variable]
    tail: bytes

    def content(self) -> bytes:
        """model.bin."""
        out = bytearray(self.head + struct.pack("<I", len(self.variables)))
        for name, variable in self.variables.items():
            written, rank = name.encode() + b"\0", len(variable.shape)
            out += struct.pack("<H", len(written)) + written
            out += struct.pack(f"<B{rank}I", rank, *variable.shape)
            out += struct.pack("<BI", variable.kind, len(variable.values)) + variable.values
        return bytes(out + self.tail)


def read_variables(file: Path) -> ModelVariables:
    """ValueError when it ends too early."""
    with file.open("rb") as source:
        version = _take(source, 4)
        kind = _name(source)
        revision = _take(source, 4)
        head = version + struct.pack("<H", len(kind)) + kind + revision
        (count,) = _numbers(source, "<I")
        variables = dict(_variable(source) for _ in range(count))
        return ModelVariables(head, variables, source.read())


def _variable(source: BinaryIO) -> tuple[str, Variable]:
    name = _name(source).rstrip(b"\0").decode()
    (rank,) = _numbers(source, "<B")
    shape = _numbers(source, f"<{rank}I")
    kind, size = _numbers(source, "<BI")
    return name, Variable(shape, kind, _take(source, size))


def _name(source: BinaryIO) -> bytes:
    (length,) = _numbers(source, "<H")
    return _take(source, length)


def _numbers(source: BinaryIO, form: str) -> tuple[int, ...]:
    return struct.unpack(form, _take(source, struct.calcsize(form)))


def _take(source: BinaryIO, count: int) -> bytes:
    taken = source.read(count)
    if len(taken) < count:
        raise ValueError("model.bin ends too early")
    return taken
