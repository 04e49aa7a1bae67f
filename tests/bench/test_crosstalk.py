import asyncio

import numpy as np
import pytest

from asr.recogniser import Samples
from bench.broken_prompts import breaks_off, broken_off
from bench.crosstalk import Line, Talks, caught, lost
from bench.echo_path import FULL_SCALE, EchoPath, at_level, on_line
from bench.recordings import Sentence
from domain.g711 import alaw_encode


class Loud:
    """Anything above the line's noise is voice."""

    frame_samples = 160

    def voiced(self, frame: Samples) -> bool:
        return bool(np.abs(frame.astype(np.int32)).max() > 150)


def spoken(count: int) -> list[Sentence]:
    """Noise that comes and goes, another one each."""
    out = []
    for seed in range(count):
        rng = np.random.default_rng(seed)
        syllables = np.clip(np.sin(np.arange(16_000) / (300 + 40 * seed)), 0.05, 1)
        sound = (rng.normal(0, 4000, 16_000) * syllables).astype(np.int16)
        out.append(Sentence(str(seed), alaw_encode(sound), sound))
    return out


def test_an_echo_is_so_much_later_and_weaker() -> None:
    rng = np.random.default_rng(3)
    click = np.zeros(8000)
    click[1000] = 20_000
    back = EchoPath(delay_ms=100, loss_db=20, tail_ms=0).back(click, rng)
    assert np.argmax(np.abs(back)) in (1800, 1801)
    assert 10 * np.log10(np.mean(back**2) / np.mean(click**2)) == pytest.approx(-20, abs=0.1)


def test_a_voice_has_the_level_that_was_asked_for() -> None:
    voice = at_level(spoken(1)[0].samples, -30.0)
    assert 10 * np.log10(np.mean(voice**2) / FULL_SCALE**2) == pytest.approx(-30, abs=0.01)


def test_a_mobile_line_keeps_the_length() -> None:
    rng = np.random.default_rng(3)
    sound = rng.normal(0, 1000, 8123)
    assert len(EchoPath(0, 20, 0, mobile=True).line(sound, -70, rng)) == 8123
    assert len(on_line(sound, -70, rng)) == 8123


def test_the_words_lie_where_the_bench_says() -> None:
    talks = Talks(spoken(3), 1)
    silence = np.zeros(4000, dtype=np.int16)
    words = np.concatenate([silence, np.full(2400, 8000, dtype=np.int16), silence])
    own, other, (begin, end) = talks.sides(talks.path(2.0, 40.0), words)
    loud = np.flatnonzero(np.abs(own.astype(np.int32)) > 1.2 * np.abs(own[: begin - 10].astype(np.int32)).max())
    assert end - begin == pytest.approx(2400, abs=160)
    assert begin - 160 <= loud[0] < loud[-1] < end + 160
    assert len(other) > len(own)


def test_prompts_take_the_place_of_what_comes_back() -> None:
    prompt = np.full(4000, 5000, dtype=np.int16)
    _, other, _ = Talks(spoken(2), 1, [prompt]).sides(EchoPath(10, 20, 0))
    loud = np.flatnonzero(np.abs(other.astype(np.int32)) > 100)
    assert loud[-1] - loud[0] == 3999


def test_a_prompt_is_broken_off_by_who_speaks_and_not_by_its_echo() -> None:
    prompt = np.concatenate([each.samples for each in spoken(3)])
    assert [each.value for each in broken_off([prompt], 4, 1)] == [0, 0]
    own = np.zeros(len(prompt), dtype=np.int16)
    own[16_000:32_000] = spoken(2)[1].samples
    assert asyncio.run(breaks_off(own, prompt))


def test_echoes_are_caught_and_who_speaks_is_not_lost() -> None:
    line, spoken_ones = Line(Loud), spoken(4)
    figures = caught(line, Talks(spoken_ones, 1), {"hybrid": 2.0}, 2, mobile=False)
    assert {each.figure: each.value for each in figures}["echo_hybrid_12_db"] == 100
    assert [each.value for each in lost(line, Talks(spoken_ones, 2), 3)] == [0, 0]
