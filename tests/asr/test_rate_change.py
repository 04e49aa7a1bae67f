from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.rate_change import DoubledRate, HalvedRate
from tests.asr.sounds import tone


@pytest.mark.parametrize("change", [DoubledRate, HalvedRate])
@given(sizes=st.lists(st.integers(0, 500), max_size=8))
def test_pieces_give_what_the_whole_gives(change: type[DoubledRate | HalvedRate], sizes: list[int]) -> None:
    sound = tone(200, 700.0)[: sum(sizes)]
    whole, changed = change()(sound), change()
    ends = np.minimum(np.cumsum([0, *sizes]), len(sound))
    pieces = [changed(sound[one:other]) for one, other in pairwise(ends)]
    assert np.array_equal(np.concatenate([np.array([], np.int16), *pieces]), whole)


def test_a_tone_stays_the_tone_and_has_no_image() -> None:
    doubled = DoubledRate()(tone(1000, 1000.0)).astype(np.float64)
    spectrum = np.abs(np.fft.rfft(doubled * np.hanning(len(doubled))))
    assert len(doubled) == 16_000
    assert np.argmax(spectrum) == 1000
    assert spectrum[6900:7100].max() < spectrum[1000] / 500


def test_halving_undoes_doubling() -> None:
    sound = tone(500, 1000.0)
    back = HalvedRate()(DoubledRate()(sound)).astype(int)
    delay = 23  # samples at 8 kHz: both filters are linear in phase
    assert len(back) == len(sound)
    assert np.abs(back[200:] - sound.astype(int)[200 - delay : -delay]).max() < 60
