"""Tiny real ONNX models of FunASR's shapes, as tests.asr.tiny_onnx: SenseVoice, Paraformer and streaming Paraformer."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

from tests.asr.tiny_onnx import floats, ints, save

_STACKED = 560
"""Seven frames of 80 bands."""
_LOUD = 5.0
"""Of Kaldi's log-mel energies of samples within ±32767."""
_STACKING: dict[str, str | int] = {
    "lfr_window_size": 7,
    "lfr_window_shift": 6,
    "normalize_samples": 0,
    "neg_mean": ",".join(["0.0"] * _STACKED),
    "inv_stddev": ",".join(["1.0"] * _STACKED),
}


def _tokens(folder: Path, *tokens: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokens.txt").write_text("".join(f"{token} {place}\n" for place, token in enumerate(tokens)))


def sense_voice(folder: Path) -> Path:
    """Four marks, then 声 while it is loud."""
    _tokens(folder, "<unk>", "声", "<|zh|>", "<|NEUTRAL|>", "<|Speech|>", "<|withitn|>")
    marks = np.full((1, 4, 6), -9.0, dtype=np.float32)
    for place in range(4):
        marks[0, place, 2 + place] = 9.0
    save(
        folder / "model.int8.onnx",
        [
            helper.make_node("ReduceMean", ["x"], ["energy"], axes=[2], keepdims=1),
            helper.make_node("Mul", ["energy", "gain"], ["loud"]),
            helper.make_node("Add", ["loud", "bias"], ["spoken"]),
            helper.make_node("ReduceMean", ["energy"], ["whole"], axes=[1], keepdims=1),
            helper.make_node("Mul", ["whole", "zero"], ["nothing"]),
            helper.make_node("Add", ["nothing", "marks"], ["marked"]),
            helper.make_node("Concat", ["marked", "spoken"], ["logits"], axis=1),
        ],
        [
            floats("x", "N", "T", _STACKED),
            *(
                helper.make_tensor_value_info(name, TensorProto.INT32, ["N"])
                for name in ("x_length", "language", "text_norm")
            ),
        ],
        [floats("logits", "N", "T2", 6)],
        {
            "gain": np.array([[[0, 1, 0, 0, 0, 0]]], dtype=np.float32),
            "bias": np.array([[[0, -_LOUD, -99, -99, -99, -99]]], dtype=np.float32),
            "zero": np.array(0, dtype=np.float32),
            "marks": marks,
        },
        {
            **_STACKING,
            "model_type": "sense_voice_ctc",
            "vocab_size": 6,
            "with_itn": 14,
            "without_itn": 15,
            **{f"lang_{language}": place for place, language in enumerate(("auto", "zh", "en", "yue", "ja", "ko"))},
        },
    )
    return folder


def paraformer(folder: Path) -> Path:
    """声 when it is loud in the mean, and the end."""
    _tokens(folder, "<blank>", "声", "</s>", "<unk>")
    save(
        folder / "model.int8.onnx",
        [
            helper.make_node("ReduceMean", ["speech"], ["energy"], axes=[1, 2], keepdims=1),
            helper.make_node("Mul", ["energy", "gain"], ["loud"]),
            helper.make_node("Add", ["loud", "bias"], ["logits"]),
            helper.make_node("Mul", ["speech_lengths", "none"], ["no_length"]),
            helper.make_node("Add", ["no_length", "two"], ["token_num"]),
        ],
        [
            floats("speech", "N", "T", _STACKED),
            helper.make_tensor_value_info("speech_lengths", TensorProto.INT32, ["N"]),
        ],
        [floats("logits", "N", 2, 4), helper.make_tensor_value_info("token_num", TensorProto.INT32, ["N"])],
        {
            "gain": np.array([[[0, 1, 0, 0], [0, 0, 0, 0]]], dtype=np.float32),
            "bias": np.array([[[-99, -_LOUD, 0, -99], [-99, -99, 0, -99]]], dtype=np.float32),
            "none": np.array([0], dtype=np.int32),
            "two": np.array([2], dtype=np.int32),
        },
        {**_STACKING, "model_type": "paraformer", "vocab_size": 4},
    )
    return folder


def streaming_paraformer(folder: Path) -> Path:
    """A character for each tenth loud frame (60 ms each): all of them 声."""
    _tokens(folder, "<blank>", "声", "</s>", "<unk>")
    save(
        folder / "encoder.int8.onnx",
        [
            helper.make_node("Identity", ["speech"], ["enc"]),
            helper.make_node("Identity", ["speech_lengths"], ["enc_len"]),
            helper.make_node("ReduceMean", ["speech"], ["energy"], axes=[2], keepdims=0),
            helper.make_node("Sub", ["energy", "level"], ["loudness"]),
            helper.make_node("Sigmoid", ["loudness"], ["loud"]),
            helper.make_node("Mul", ["loud", "tenth"], ["alphas"]),
        ],
        [
            floats("speech", "N", "T", _STACKED),
            helper.make_tensor_value_info("speech_lengths", TensorProto.INT32, ["N"]),
        ],
        [
            floats("enc", "N", "T", _STACKED),
            helper.make_tensor_value_info("enc_len", TensorProto.INT32, ["N"]),
            floats("alphas", "N", "T"),
        ],
        {"level": np.array(_LOUD, dtype=np.float32), "tenth": np.array(0.1, dtype=np.float32)},
        {
            **_STACKING,
            "model_type": "paraformer",
            "vocab_size": 4,
            "encoder_output_size": _STACKED,
            "decoder_num_blocks": 1,
            "decoder_kernel_size": 3,
        },
    )
    save(
        folder / "decoder.int8.onnx",
        [
            helper.make_node("ReduceMean", ["acoustic_embeds"], ["mean"], axes=[2], keepdims=1),
            helper.make_node("Mul", ["mean", "zeros"], ["nothing"]),
            helper.make_node("Add", ["nothing", "always"], ["logits"]),
            helper.make_node("ArgMax", ["logits"], ["sample_ids"], axis=2, keepdims=0),
            helper.make_node("Identity", ["in_cache_0"], ["out_cache_0"]),
        ],
        [
            floats("enc", "N", "T", _STACKED),
            helper.make_tensor_value_info("enc_len", TensorProto.INT32, ["N"]),
            floats("acoustic_embeds", "N", "L", _STACKED),
            helper.make_tensor_value_info("acoustic_embeds_len", TensorProto.INT32, ["N"]),
            floats("in_cache_0", "N", _STACKED, 2),
        ],
        [floats("logits", "N", "L", 4), ints("sample_ids", "N", "L"), floats("out_cache_0", "N", _STACKED, 2)],
        {
            "zeros": np.zeros((1, 1, 4), dtype=np.float32),
            "always": np.array([[[0, 9, 0, 0]]], dtype=np.float32),
        },
        {},
    )
    return folder
