import struct
from pathlib import Path

import numpy as np
import pytest

from asr.model_variables import read_variables

VALUES = np.array([[1.5, 2], [3, 4], [5, 6]], np.float16)
CONTENT = (
    struct.pack("<IH4sIIH4s", 6, 4, b"Tiny", 3, 2, 4, b"a/b\0")
    + struct.pack("<B2IBI", 2, 3, 2, 4, 12)
    + VALUES.tobytes()
    + struct.pack("<H2sBBIb", 2, b"n\0", 0, 1, 1, 7)
    + b"the rest"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "model.bin").write_bytes(CONTENT)
    return tmp_path / "model.bin"


def test_what_is_put_together_again_is_the_same(file: Path) -> None:
    assert read_variables(file).content() == CONTENT


def test_real_numbers_and_others_are_told_apart(file: Path) -> None:
    variables = read_variables(file).variables
    floats = variables["a/b"].floats()
    assert floats is not None
    assert np.array_equal(floats, VALUES)
    assert variables["n"].floats() is None


def test_rows_are_taken_out(file: Path) -> None:
    kept = read_variables(file).variables["a/b"].with_rows(np.array([0, 2]))
    floats = kept.floats()
    assert floats is not None
    assert floats.tolist() == [[1.5, 2], [5, 6]]
    assert kept.shape == (2, 2)


@pytest.mark.parametrize("length", [3, 20, 40])
def test_a_file_that_ends_too_early_is_refused(file: Path, length: int) -> None:
    file.write_bytes(CONTENT[:length])
    with pytest.raises(ValueError, match="too early"):
        read_variables(file)
