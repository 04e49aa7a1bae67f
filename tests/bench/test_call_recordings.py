"""Calls put together from sentences: nothing is lost, nobody speaks while the other does."""

import numpy as np

from bench.call_recordings import TALK_S, call_recordings
from bench.recordings import Sentence
from domain.g711 import alaw_encode
from domain.side import Side
from tests.asr.sounds import tone

_SENTENCE_MS = 5000


def sentences(count: int) -> list[Sentence]:
    alaw = alaw_encode(tone(_SENTENCE_MS))
    return [Sentence(f"第{number}句", alaw, tone(0)) for number in range(count)]


def test_each_sentence_is_said_once_in_calls_of_an_average_length() -> None:
    calls = list(call_recordings(sentences(100)))
    assert sum(call.said[side].count("句") for call in calls for side in Side) == 100
    assert all(TALK_S <= call.seconds < TALK_S + 30 for call in calls[:-1])
    assert all(call.said[side] for call in calls[:-1] for side in Side)
    again = list(call_recordings(sentences(100)))
    assert all(np.array_equal(one.samples, other.samples) for one, other in zip(calls, again, strict=True))


def test_the_two_sides_speak_by_turns_each_in_its_channel() -> None:
    (call,) = call_recordings(sentences(8))
    loud = np.abs(call.samples.astype(np.int32)) > 1000
    assert not (loud[:, 0] & loud[:, 1]).any()
    for channel, side in enumerate((Side.CALLER, Side.AGENT)):
        voiced_s = loud[:, channel].sum() / 8000
        assert 0.7 < voiced_s / (call.said[side].count("句") * _SENTENCE_MS / 1000) <= 1
    assert (np.abs(call.samples[:400]) < 100).all()
