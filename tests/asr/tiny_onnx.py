"""Tiny real ONNX models of the shapes that sherpa-onnx runs: loud sound is a word, silence is none.

Nothing in them is learnt: they prove the way from sound to text, words and times, not recognition.
"""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

BANDS = 80
_TOKENS = ("<blk>", "声", "音", "<unk>")
_LOUD = -6.0
"""Of Kaldi's log-mel energies of samples within −1..1, which are −16 for silence and about 0 for loud noise."""


def save(
    file: Path,
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    outputs: list[onnx.ValueInfoProto],
    constants: dict[str, NDArray[np.generic]],
    metadata: dict[str, str | int],
) -> None:
    weights = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, initializer=weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, {key: str(value) for key, value in metadata.items()})
    onnx.checker.check_model(model)
    onnx.save(model, str(file))


def floats(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def ints(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.INT64, shape)


def _tokens(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokens.txt").write_text("".join(f"{token} {place}\n" for place, token in enumerate(_TOKENS)))


def offline_ctc(folder: Path) -> Path:
    """A CTC model of whole utterances: each fourth frame is 声 when it is loud."""
    _tokens(folder)
    weights = np.zeros((BANDS, 4), dtype=np.float32)
    weights[:, 1] = 1.0 / BANDS
    save(
        folder / "model.onnx",
        [
            helper.make_node("Slice", ["x", "begin", "end", "axis", "four"], ["sparse"]),
            helper.make_node("MatMul", ["sparse", "weights"], ["logits"]),
            helper.make_node("Add", ["logits", "bias"], ["moved"]),
            helper.make_node("LogSoftmax", ["moved"], ["log_probs"], axis=2),
            helper.make_node("Add", ["x_lens", "three"], ["more"]),
            helper.make_node("Div", ["more", "four_of_each"], ["log_probs_len"]),
        ],
        [floats("x", "N", "T", BANDS), ints("x_lens", "N")],
        [floats("log_probs", "N", "T2", 4), ints("log_probs_len", "N")],
        {
            "weights": weights,
            "bias": np.array([0.0, -_LOUD, -20.0, -20.0], dtype=np.float32),
            "begin": np.array([0]),
            "end": np.array([10**9]),
            "axis": np.array([1]),
            "four": np.array([4]),
            "three": np.array([3]),
            "four_of_each": np.array([4]),
        },
        {"model_type": "zipformer2_ctc", "subsampling_factor": 4, "vocab_size": 4},
    )
    return folder


def streaming_transducer(folder: Path) -> Path:
    """A streaming transducer of sherpa's kind lstm: says 声 and then 音 once it is loud, then nothing more."""
    _tokens(folder)
    _encoder(folder)
    _decoder(folder)
    _joiner(folder)
    return folder


def offline_transducer(folder: Path) -> Path:
    """A transducer of whole utterances: 声 and then 音 once it is loud."""
    _tokens(folder)
    save(
        folder / "encoder.int8.onnx",
        [
            helper.make_node("Slice", ["x", "begin", "end", "axis", "four"], ["sparse"]),
            helper.make_node("ReduceMean", ["sparse"], ["encoder_out"], axes=[2], keepdims=1),
            helper.make_node("Add", ["x_lens", "three"], ["more"]),
            helper.make_node("Div", ["more", "four"], ["encoder_out_lens"]),
        ],
        [floats("x", "N", "T", BANDS), ints("x_lens", "N")],
        [floats("encoder_out", "N", "T2", 1), ints("encoder_out_lens", "N")],
        {
            "begin": np.array([0]),
            "end": np.array([10**9]),
            "axis": np.array([1]),
            "four": np.array([4]),
            "three": np.array([3]),
        },
        {"model_type": "zipformer2"},
    )
    _decoder(folder)
    _joiner(folder)
    return folder


def _encoder(folder: Path) -> None:
    """Each fourth frame's mean energy; the states only pass through."""
    save(
        folder / "encoder.int8.onnx",
        [
            helper.make_node("Slice", ["x", "begin", "end", "axis", "four"], ["sparse"]),
            helper.make_node("ReduceMean", ["sparse"], ["encoder_out"], axes=[2], keepdims=1),
            helper.make_node("Identity", ["h"], ["next_h"]),
            helper.make_node("Identity", ["c"], ["next_c"]),
        ],
        [floats("x", "N", 9, BANDS), floats("h", 1, "N", 2), floats("c", 1, "N", 2)],
        [floats("encoder_out", "N", "T2", 1), floats("next_h", 1, "N", 2), floats("next_c", 1, "N", 2)],
        {"begin": np.array([0]), "end": np.array([4]), "axis": np.array([1]), "four": np.array([4])},
        {
            "model_type": "lstm",
            "version": 1,
            "model_author": "tests",
            "T": 9,
            "decode_chunk_len": 4,
            "num_encoder_layers": 1,
            "rnn_hidden_size": 2,
            "d_model": 2,
        },
    )


def _decoder(folder: Path) -> None:
    """What was said last, as one of four."""
    save(
        folder / "decoder.onnx",
        [
            helper.make_node("Slice", ["y", "one", "two", "one"], ["last"]),
            helper.make_node("Squeeze", ["last", "one"], ["token"]),
            helper.make_node("OneHot", ["token", "size", "values"], ["decoder_out"]),
        ],
        [ints("y", "N", 2)],
        [floats("decoder_out", "N", 4)],
        {
            "one": np.array([1]),
            "two": np.array([2]),
            "size": np.array([4]),
            "values": np.array([0.0, 1.0], dtype=np.float32),
        },
        {"vocab_size": 4, "context_size": 2},
    )


def _joiner(folder: Path) -> None:
    """After nothing, loud sound is 声; after 声 it is 音; after 音 there is nothing more."""
    after = np.array([[0, 0, -99, -99], [0, -99, 0, -99], [99, -99, -99, -99], [0, -99, -99, -99]], dtype=np.float32)
    save(
        folder / "joiner.onnx",
        [
            helper.make_node("Mul", ["encoder_out", "gain"], ["loud"]),
            helper.make_node("Add", ["loud", "bias"], ["moved"]),
            helper.make_node("MatMul", ["decoder_out", "after"], ["allowed"]),
            helper.make_node("Add", ["moved", "allowed"], ["logit"]),
        ],
        [floats("encoder_out", "N", 1), floats("decoder_out", "N", 4)],
        [floats("logit", "N", 4)],
        {
            "gain": np.array([[0.0, 1.0, 1.0, 0.0]], dtype=np.float32),
            "bias": np.array([[0.0, -_LOUD, -_LOUD, 0.0]], dtype=np.float32),
            "after": after,
        },
        {"joiner_dim": 1},
    )
