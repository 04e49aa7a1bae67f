from dataclasses import replace

import numpy as np
import pytest

from asr.offline import OfflineUtterance
from bench.char_times import errors_ms
from bench.joined_sentences import Joined, joined, pieces
from bench.recordings import Sentence
from domain.g711 import alaw_encode
from domain.side import Side

RATE_HZ = 16000


def sentence(lead_s: float, voice_s: float, *, click: bool = False) -> Sentence:
    """Loud noise between quiet; a click half a second before it."""
    rng = np.random.default_rng(1)
    quiet = rng.normal(0, 5, round(lead_s * RATE_HZ))
    if click:
        quiet[-RATE_HZ // 2 : -RATE_HZ // 2 + 1600] = rng.normal(0, 600, 1600)
    wave = np.concatenate([quiet, rng.normal(0, 3000, round(voice_s * RATE_HZ)), rng.normal(0, 5, RATE_HZ // 2)])
    return Sentence("你好", alaw_encode(wave[::2].astype(np.int16)), wave.astype(np.int16))


def test_pieces_are_the_voices_of_sentences_that_begin_clearly() -> None:
    (piece,) = pieces([sentence(1.0, 1.5), sentence(1.0, 1.5, click=True), sentence(0.5, 6.0)])
    assert piece.text == "你好"
    assert len(piece.voice) / RATE_HZ == pytest.approx(1.5, abs=0.04)
    assert piece.floor * 32768 < 500


def test_joined_pieces_begin_where_it_is_said() -> None:
    known = pieces([sentence(0.5, 0.6), sentence(0.7, 1.1)])
    for seed in range(5):
        sound = joined(known, np.random.default_rng(seed))
        loud = np.convolve(np.abs(sound.samples.astype(float)), np.full(80, 1 / 80), "same") > 500
        for start_ms in sound.starts_ms:
            at = 8 * start_ms
            assert loud[at + 160]
        assert not loud[8 * sound.starts_ms[0] - 160]


def said(text: str, char_ms: tuple[int, ...]) -> OfflineUtterance:
    return OfflineUtterance(
        side=Side.CALLER, start_ms=char_ms[0], end_ms=char_ms[-1], text=text, char_ms=char_ms, confidence=0.9
    )


def test_the_beginnings_that_were_recognised_are_judged_but_for_the_first() -> None:
    truth = Joined(("你好", "政务大厅", "三十度"), (500, 2000, 4000), np.zeros(8, np.int16))
    heard = [
        said("你好，证务大厅。", (480, 700, 900, 2040, 2300, 2600, 2900, 3100)),
        said("30度。", (3900, 4000, 4400, 4500)),
    ]
    assert list(errors_ms(truth, heard)) == [40]
    assert list(errors_ms(truth, [replace(heard[0], text="你好，大厅。", char_ms=(1, 2, 3, 4, 5, 6))])) == []
