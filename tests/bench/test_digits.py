"""The bench's own parts: what is read out, and when a text has it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from asr.recogniser import Heard
from asr.spoken_number import fits
from bench.digits import Tally, has_number
from bench.read_numbers import HELD_OUT_VOICES, TUNING_VOICES, Said, read_numbers
from bench.synthesised import SynthesisedLines
from domain.speech import NumberKind, SpokenNumber
from tts.prompt_cache import PromptCache, PromptVoice

RIGHT, WRONG = "13858231743", "13858231747"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said.MOBILE, NumberKind.MOBILE),
        (Said.CARRIED, NumberKind.MOBILE),
        (Said.LOCAL, NumberKind.LOCAL),
        (Said.IDENTITY, NumberKind.IDENTITY),
    ],
)
def test_what_is_read_out_is_a_number_of_its_kind_and_stands_in_the_text(said: Said, kind: NumberKind) -> None:
    for one in islice(read_numbers(TUNING_VOICES[0], said), 200):
        assert fits(kind, one.digits)
        assert has_number(one.text, one.digits)


def test_each_voice_reads_its_own_numbers_the_same_each_time() -> None:
    everything: list[str] = []
    for voice in (*TUNING_VOICES, *HELD_OUT_VOICES):
        numbers = [one.digits for one in islice(read_numbers(voice, Said.MOBILE), 50)]
        assert numbers == [one.digits for one in islice(read_numbers(voice, Said.MOBILE), 50)]
        everything += numbers
    assert len(set(everything)) == len(everything)


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("我的电话是13858231743。", True),
        ("幺三八，五八二三，幺七四三", True),
        ("138-5823-1743", True),
        ("1385823174", False),
        ("138582317431", False),
        ("要三八五八二三一七四三", False),
    ],
)
def test_a_text_has_a_number_or_not(text: str, has: bool) -> None:
    assert has_number(text, RIGHT) is has


def test_what_became_of_the_numbers_is_counted() -> None:
    tally = Tally()
    for digits, sure, candidates in [
        (RIGHT, True, (RIGHT,)),
        (RIGHT, False, (RIGHT, WRONG)),
        (WRONG, False, (WRONG, RIGHT)),
        (WRONG, True, (WRONG,)),
    ]:
        tally.count(RIGHT, heard(digits, sure, candidates), "一三八五八")
    tally.count(RIGHT, Heard("幺三八五八二三幺七四三", 0.9, 0.0), RIGHT)
    assert tally == Tally(said=5, exact=3, bare=1, sure=1, sure_but_wrong=1, among_candidates=3)


def heard(digits: str, sure: bool, candidates: Sequence[str]) -> Heard:
    number = SpokenNumber(
        start=0, end=11, kind=NumberKind.MOBILE, digits=digits, sure=sure, candidates=tuple(candidates)
    )
    return replace(Heard(digits, 0.9, 0.0), numbers=(number,))


def test_a_line_is_rendered_once_and_stands_between_a_quiet_line(tmp_path: Path) -> None:
    one = next(read_numbers(TUNING_VOICES[0], Said.MOBILE))
    engine = "kokoro"
    PromptCache(tmp_path, PromptVoice(engine=engine, voice=one.voice, speed=one.speed)).put(one.text, b"\x2a" * 800)
    lines = SynthesisedLines(tmp_path / "no models", tmp_path, engine=engine)
    samples = lines.samples(one)
    assert len(samples) == 800 + round(0.8 * 8000)
    assert abs(samples[:2400]).max() < 100 < abs(samples[2400:3200]).min()
