from pathlib import Path

import numpy as np
import pytest
import tokenizers

import models
from asr.chinese_tokens import chinese_tokens
from asr.chinese_whisper import ChineseWhisper
from asr.thinned_padding import Padding
from domain.errors import ModelError

MARKS = ["<|endoftext|>", "<|zh|>", "<|notimestamps|>", "<|0.00|>", "<|30.00|>"]


def letters(piece: bytes) -> str:
    """As a byte-level vocabulary writes it: signs stand for themselves, other bytes for U+0100 and on."""
    signs = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(0x100) if byte not in signs]
    return "".join(chr(byte if byte in signs else 0x100 + others.index(byte)) for byte in piece)


@pytest.mark.parametrize(
    ("piece", "stays"),
    [
        ("市".encode(), True),
        ("政务，".encode(), True),
        (" “".encode(), True),
        (" 的".encode(), True),
        ("市".encode()[:2], True),
        ("市政".encode()[1:], True),
        ("市政".encode()[:4], True),
        (b"\x80", True),
        (b"\xd0", True),
        (b"2026", True),
        (b"APPS", True),
        (b"app", True),
        (b"hello", False),
        ("你a".encode(), True),
        ("да".encode(), False),
        ("д".encode(), False),
        ("です".encode(), False),
        ("서".encode(), False),
        ("市д".encode(), False),
        ("a서".encode()[:3], False),
        (b"\xf0\x9f", False),
    ],
)
def test_what_chinese_needs_stays(piece: bytes, stays: bool) -> None:
    assert chinese_tokens([letters(piece), *MARKS]) == [*([0] if stays else []), 1, 2, 3]


def test_what_is_no_vocabulary_of_whisper_is_refused() -> None:
    with pytest.raises(ValueError, match="endoftext"):
        chinese_tokens(["a", "b"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.whisper_base(tmp_path_factory.mktemp("models"))


@pytest.mark.slow
def test_every_chinese_character_can_be_written_by_what_stays(folder: Path) -> None:
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokens = (folder / "vocabulary.txt").read_text("utf-8").removesuffix("\n").split("\n")
    kept = set(chinese_tokens(tokens))
    assert len(kept) < len(tokens) / 4
    for text in (
        *map(chr, range(0x4E00, 0xA000)),
        "您好，请讲。？！：；“”、《》（）",
        "2026年11月24日",
        "3-2-501室",
        "APP",
        "GB/T 33358",
    ):
        assert set(tokenizer.encode(text, add_special_tokens=False).ids) <= kept, text


@pytest.mark.slow
def test_ids_are_those_of_the_whole_model(folder: Path) -> None:
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    model = ChineseWhisper(folder, workers=1, threads_per_worker=1)
    encoded = model.encode([np.zeros(16000, np.float32)], Padding(5.0, 8.0))
    marks = ("<|startoftranscript|>", "<|zh|>", "<|transcribe|>", "<|notimestamps|>")
    prompt = [tokenizer.token_to_id(mark) for mark in marks]
    words = tokenizer.encode("您好，请讲", add_special_tokens=False).ids
    foreign = tokenizer.encode("здравствуйте", add_special_tokens=False).ids
    others = [token for token in range(tokenizer.get_vocab_size()) if token != words[0]]
    (answer,) = model.generate(encoded, [prompt], beam_size=1, most_tokens=4, suppress_tokens=[*others, *foreign])
    assert answer.sequences_ids[0] == [words[0]] * 4


@pytest.mark.slow
def test_half_a_model_is_refused_in_words(folder: Path, tmp_path: Path) -> None:
    from asr.whisper import Whisper

    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "model.bin").write_bytes((folder / "model.bin").read_bytes()[:1_000_000])
    with pytest.raises(ModelError, match=r"model\.bin ends too early"):
        Whisper(tmp_path)
