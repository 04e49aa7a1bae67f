"""What is read out for the fit has what the fit needs, and nothing that the bench keeps for its figures."""

from itertools import pairwise, product

from asr.digit_lines import VOICES, read_lines
from asr.digit_states import NAMES
from bench.read_numbers import HELD_OUT_VOICES

_LINES = [line for voice in VOICES for line in read_lines(voice)]


def test_each_digit_is_read_beside_each_one_and_itself() -> None:
    beside = {pair for line in _LINES for pair in pairwise(line.names.replace("幺", "一"))}
    assert beside == set(product(NAMES.replace("幺", ""), repeat=2))


def test_each_voice_reads_both_names_of_1_at_both_speeds_and_other_words() -> None:
    for voice in VOICES:
        own = read_lines(voice)
        assert own == read_lines(voice)
        assert {line.speed for line in own if line.names} == {1.0, 1.2}
        assert {"一", "幺"} <= set("".join(line.names for line in own))
        assert any(not line.names for line in own)


def test_the_text_has_the_names_in_their_order() -> None:
    assert all(line.text.replace("，", "") == line.names for line in _LINES if line.names)


def test_no_voice_is_one_that_the_bench_keeps_for_its_figures() -> None:
    assert not set(VOICES) & set(HELD_OUT_VOICES)
