import numpy as np
import pytest
from scipy.signal import lfilter

from asr.crosstalk import LEAD_MS, Origin, is_crosstalk, origin
from asr.recogniser import Samples
from domain.g711 import alaw_decode, alaw_encode
from tests.asr.sounds import real_recordings, silence

PER_MS = 8
LEAD = LEAD_MS * PER_MS


def voice(ms: int, level: float = 3000.0, seed: int = 0) -> Samples:
    """Noise that comes and goes in syllables, coloured like a voice."""
    rng = np.random.default_rng(seed)
    times = np.arange(ms * PER_MS) / 8000
    syllables = np.clip(np.sin(2 * np.pi * (3.5 + seed % 3) * times + seed), 0, 1)
    sound = lfilter([1.0], [1.0, -0.8 + 0.1 * (seed % 4)], rng.normal(0, 1, len(times))) * syllables
    out: Samples = (level * sound / np.std(sound)).astype(np.int16)
    return out


def line(sound: np.ndarray, noise: float = 20.0) -> Samples:
    """As it comes over A-law, from a line with noise."""
    noisy = sound + np.random.default_rng(5).normal(0, noise, len(sound))
    return alaw_decode(alaw_encode(np.clip(noisy, -32768, 32767).astype(np.int16))).reshape(-1)


def echo(sound: Samples, delay_ms: int = 90, loss_db: float = 18.0) -> np.ndarray:
    late = np.concatenate([np.zeros(delay_ms * PER_MS), sound])[: len(sound)]
    return lfilter([1, 0.4, -0.2, 0.1, 0.05], 1.0, late) * 10 ** (-loss_db / 20)


def other_side(sound: Samples) -> Samples:
    """What is_crosstalk wants of the other side: LEAD_MS before the utterance, 300 ms of silence around the voice."""
    return np.concatenate([silence(LEAD_MS + 300), sound, silence(800)])


@pytest.mark.parametrize("delay_ms", [5, 90, 250, 395])
@pytest.mark.parametrize("loss_db", [12.0, 25.0])
def test_the_other_sides_voice_that_comes_back_is_crosstalk(delay_ms: int, loss_db: float) -> None:
    other = other_side(voice(2500))
    own = line(echo(other, delay_ms, loss_db), 8.0)[LEAD:]
    assert is_crosstalk(own, line(other))


def test_a_real_voice_that_comes_back_is_crosstalk() -> None:
    for recording in real_recordings(6):
        other = other_side(alaw_decode(recording.alaw).reshape(-1))
        assert is_crosstalk(line(echo(other, 120, 15.0), 5.0)[LEAD:], other)


def moved(other: Samples, at_ms: int) -> np.ndarray:
    """The echo; a jitter buffer on its way gives up 20 ms."""
    late = echo(other, 160)
    place = at_ms * PER_MS
    return np.concatenate([late[:place], late[place + 20 * PER_MS :], np.zeros(20 * PER_MS)])


@pytest.mark.parametrize("at_ms", [1300, 1717, 2500])
def test_an_echo_that_a_jitter_buffer_moves_is_crosstalk_and_who_speaks_over_it_is_none(at_ms: int) -> None:
    other = other_side(voice(3500))
    back = moved(other, at_ms)
    assert is_crosstalk(line(back, 8.0)[LEAD:], line(other))
    word = np.zeros(len(other))
    word[LEAD + 1900 * PER_MS :][: 250 * PER_MS] += voice(250, 500.0, seed=2)
    assert not is_crosstalk(line(back + word, 8.0)[LEAD:], line(other))


def test_while_the_last_half_second_of_an_echo_differs_it_is_not_known_why() -> None:
    other = other_side(voice(3500))
    own = echo(other)
    end = LEAD + 2500 * PER_MS
    own[end - 300 * PER_MS :] += voice(3500, 2000.0, seed=1)[: len(own) - end + 300 * PER_MS]
    assert origin(line(own)[LEAD:end], line(other)[:end]) is Origin.UNKNOWN
    assert origin(line(own)[LEAD : end + 1000 * PER_MS], line(other)[: end + 1000 * PER_MS]) is Origin.OWN


def test_somebody_who_speaks_at_the_same_time_is_none() -> None:
    other = other_side(voice(2500))
    own = np.zeros(len(other))
    own[LEAD + 2400 :][: 2000 * PER_MS] += voice(2000, 1000.0, seed=1)
    assert not is_crosstalk(line(own)[LEAD:], line(other))
    assert not is_crosstalk(line(own + echo(other))[LEAD:], line(other))


@pytest.mark.parametrize("level", [3000.0, 1000.0, 500.0])
def test_one_short_word_over_the_echo_keeps_it(level: float) -> None:
    other = other_side(voice(2500))
    own = echo(other)
    begin = LEAD + 1500 * PER_MS
    word = voice(200, level, seed=2)
    own[begin : begin + len(word)] += word
    assert is_crosstalk(line(echo(other))[LEAD:], line(other))
    assert not is_crosstalk(line(own)[LEAD:], line(other))


def test_what_is_not_weaker_than_the_other_side_is_none() -> None:
    """Two channels of one recorder, or a conference: nobody can tell who spoke."""
    other = other_side(voice(2500))
    assert not is_crosstalk(line(echo(other, 90, 3.0))[LEAD:], line(other))


def test_a_longer_delay_than_an_echo_has_is_none() -> None:
    other = other_side(voice(1500))
    own = line(echo(other, 700))[LEAD:]
    assert not is_crosstalk(own, line(other))


def test_too_little_sound_or_none_of_the_other_side_decides_nothing() -> None:
    other = other_side(voice(250))
    assert not is_crosstalk(line(echo(other))[LEAD:], line(other))
    own = line(voice(2500))
    assert not is_crosstalk(own, silence(0))
    assert not is_crosstalk(own, line(np.zeros(LEAD + len(own))))
    assert not is_crosstalk(silence(3000), silence(3000 + LEAD_MS))
    assert not is_crosstalk(silence(0), silence(0))
