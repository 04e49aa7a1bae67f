import numpy as np
import pytest

from asr.recogniser import Samples
from bench.active_speech import Wave, active_threshold_db, voice_of
from bench.recordings import Sentence
from bench.vad import Tally, decisions, measure
from domain.g711 import RATE_HZ, alaw_encode

WIDE_HZ = 16000


def tone(seconds: float, level_db: float) -> Wave:
    """A sine whose mean power is level_db."""
    times = np.arange(round(seconds * WIDE_HZ)) / WIDE_HZ
    return (np.sqrt(2) * 10 ** (level_db / 20) * np.sin(2 * np.pi * 440 * times)).astype(np.float32)


def quiet(seconds: float) -> Wave:
    return np.random.default_rng(5).normal(0, 1e-4, round(seconds * WIDE_HZ)).astype(np.float32)


def test_the_threshold_is_p56s_margin_below_the_active_level() -> None:
    """The silence around it must not lower the active level."""
    sound = np.concatenate([quiet(3), tone(4, -26.0), quiet(3)])
    assert active_threshold_db(sound, WIDE_HZ) == pytest.approx(-26.0 - 15.9, abs=0.5)


def test_voice_is_where_it_is_loud() -> None:
    voice = voice_of(np.concatenate([quiet(1), tone(2, -26.0), quiet(1)]), WIDE_HZ)
    assert len(voice) == 400
    assert abs(int(voice.argmax()) - 100) <= 1
    assert abs(int(voice.sum()) - 200) <= 3


def test_a_stop_within_words_is_voice_and_a_pause_is_not() -> None:
    for pause_s, heard in ((0.15, True), (0.3, False)):
        voice = voice_of(np.concatenate([tone(1, -26.0), quiet(pause_s), tone(1, -26.0)]), WIDE_HZ)
        assert bool(voice[100 + round(pause_s * 50)]) is heard


def test_a_click_is_not() -> None:
    voice = voice_of(np.concatenate([tone(1, -26.0), quiet(1), tone(0.02, -20.0), quiet(1)]), WIDE_HZ)
    assert not voice[110:].any()


def test_nothing_sounds_nobody_speaks() -> None:
    assert not voice_of(np.zeros(WIDE_HZ, dtype=np.float32), WIDE_HZ).any()


def test_a_perfect_and_a_blind_detector() -> None:
    truth = np.array([True, True, False, False])
    perfect, blind = Tally(), Tally()
    perfect.add(truth, truth)
    blind.add(truth, np.ones(4, dtype=bool))
    assert (perfect.f1, perfect.alarm_share) == (1.0, 0.0)
    assert (blind.f1, blind.alarm_share) == (pytest.approx(2 / 3), 1.0)


class Loud:
    """Says voice where the frame is not silent."""

    frame_samples = 200

    def voiced(self, frame: Samples) -> bool:
        return bool(np.abs(frame).max() > 500)


class Deaf(Loud):
    def voiced(self, frame: Samples) -> bool:
        return False


def test_each_10_ms_has_the_decision_of_the_frame_around_its_middle() -> None:
    samples = np.concatenate([np.zeros(400), np.full(200, 9000), np.zeros(400)]).astype(np.int16)
    decided = decisions(Loud(), samples, 12)
    assert list(np.flatnonzero(decided)) == [5, 6]


def test_the_figures_stand_beside_the_peers() -> None:
    wide = np.concatenate([quiet(0.5), tone(2, -20.0), quiet(0.5)])
    narrow = np.zeros(3 * RATE_HZ, dtype=np.int16)
    spoken = [Sentence("", alaw_encode(narrow), (wide * 32767).astype(np.int16))]
    figures = {each.figure: each for each in measure(spoken, {"peer": Deaf, "ours": Loud})}
    clean = figures["ours_f1_clean"]
    assert clean.value > 0.95
    assert clean.peer_value == 0.0
    assert clean.reached
    assert figures["ours_f1_5_db"].target == 0.87
    assert figures["ours_false_alarms_clean"].value < 5
