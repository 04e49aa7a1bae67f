import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.guest_stream import GuestStream, GuestUtterance
from asr.settings import AsrSettings
from tests.asr.sounds import LoudnessActivity, silence, tone

SENTENCE = np.concatenate([silence(1000), tone(1500), silence(900), tone(700)])


def fed(rate_hz: int, piece: int) -> list[GuestUtterance]:
    stream = GuestStream(AsrSettings(), LoudnessActivity(), rate_hz)
    sound = SENTENCE if rate_hz == 8000 else np.repeat(SENTENCE, 2)
    told = [one for at in range(0, len(sound), piece) for one in stream.hear(sound[at : at + piece])]
    return told + stream.finish()


@pytest.mark.parametrize("rate_hz", [8000, 16000])
@pytest.mark.parametrize("piece", [80, 1601, 100_000])
def test_sentences_are_cut_alike_whatever_the_pieces(rate_hz: int, piece: int) -> None:
    first, second = [one for one in fed(rate_hz, piece) if one.ended]
    assert (first.number, second.number) == (0, 1)
    assert abs(first.from_ms - 700) <= 20
    assert abs(first.clip.seconds - (0.3 + 1.5 + 0.5)) <= 0.05
    assert first.clip.rate_hz == rate_hz
    assert abs(second.voiced[0][0] - 3400) <= 20


def test_the_words_so_far_are_of_the_same_beginning() -> None:
    told = [one for one in fed(8000, 800) if one.number == 0]
    assert [one.ended for one in told] == [False, True]
    assert np.array_equal(told[0].clip.samples, told[1].clip.samples[: len(told[0].clip.samples)])


def test_minutes_of_silence_stay_small() -> None:
    stream = GuestStream(AsrSettings(), LoudnessActivity(), 8000)
    for _ in range(60):
        assert stream.hear(silence(10_000)) == []
    assert len(stream._sound) <= 8 * 1100


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(20, 3000), st.integers(0, 3000)), max_size=6), st.integers(1, 9000))
def test_no_sound_is_given_twice(parts: list[tuple[int, int]], piece: int) -> None:
    sound = np.concatenate([silence(10), *(part for loud, quiet in parts for part in (tone(loud), silence(quiet)))])
    stream = GuestStream(AsrSettings(), LoudnessActivity(), 8000)
    told = [one for at in range(0, len(sound), piece) for one in stream.hear(sound[at : at + piece])]
    ended = [one for one in told + stream.finish() if one.ended]
    assert [one.number for one in ended] == list(range(len(ended)))
    assert sum(one.clip.seconds for one in ended) <= len(sound) / 8000 + 0.001
