from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from asr.offline import transcribe
from asr.recogniser import Clip, Effort, Heard, Samples
from asr.scripted import ScriptedRecogniser
from domain.errors import AudioError
from domain.side import Side
from domain.speech import NumberKind, SpokenNumber
from tests.asr.sounds import LoudnessActivity, silence, tone


def test_two_sides_are_told_apart_and_ordered_by_time() -> None:
    caller = np.concatenate([silence(1000), tone(1000), silence(4000)])
    agent = np.concatenate([silence(3000), tone(2000), silence(1000)])
    said = transcribe(np.stack([caller, agent], axis=1), 8000, ScriptedRecogniser(), LoudnessActivity)
    assert [(one.side, round(one.start_ms, -2), round(one.end_ms, -2)) for one in said] == [
        (Side.CALLER, 1000, 2000),
        (Side.AGENT, 3000, 5000),
    ]
    assert [len(one.char_ms) for one in said] == [len(one.text) for one in said]


@pytest.mark.parametrize("rate_hz", [8000, 16000, 44100])
def test_the_rate_does_not_move_the_times(rate_hz: int) -> None:
    time_s = np.arange(3 * rate_hz) / rate_hz
    sound = (0.3 * np.sin(2 * np.pi * 440 * time_s) * (time_s > 1) * (time_s < 2)).astype(np.float32)
    said = transcribe(sound, rate_hz, ScriptedRecogniser(), LoudnessActivity)
    assert [(round(one.start_ms, -2), round(one.end_ms, -2)) for one in said] == [(1000, 2000)]


def test_the_echo_of_what_the_caller_was_played_is_nobodys() -> None:
    prompt = np.random.default_rng(2).normal(0, 6000, 12_000).clip(-30_000, 30_000).astype(np.int16)
    played = np.concatenate([silence(500), prompt, silence(3000)])
    caller = np.concatenate([silence(80), played // 5])[: len(played)]
    caller[32_000:] += tone(1000)
    both = np.stack([caller, np.zeros_like(caller)], axis=1)

    def begins(sound: Samples, played: Samples | None) -> list[int]:
        said = transcribe(sound, 8000, ScriptedRecogniser(), LoudnessActivity, played=played)
        return [round(one.start_ms, -2) for one in said]

    assert begins(both, None) == [600, 4000]
    assert begins(both, played) == begins(caller, played) == [4000]
    assert begins(both[:, ::-1], played) == [600, 4000]


def test_an_empty_or_silent_recording_says_nothing() -> None:
    assert transcribe(silence(0), 8000, ScriptedRecogniser(), LoudnessActivity) == []
    assert transcribe(silence(60_000), 8000, ScriptedRecogniser(), LoudnessActivity) == []


def test_a_recording_of_three_channels_is_refused() -> None:
    with pytest.raises(AudioError, match="one or two channels"):
        transcribe(np.zeros((800, 3), dtype=np.int16), 8000, ScriptedRecogniser(), LoudnessActivity)


@pytest.mark.parametrize(
    "samples", [np.zeros(800, np.int32), np.zeros(800, np.uint8), np.full(800, np.nan, np.float32)]
)
def test_a_recording_of_another_type_is_refused(samples: Samples) -> None:
    with pytest.raises(AudioError, match=f"{samples.dtype}.*give int16, or float"):
        transcribe(samples, 8000, ScriptedRecogniser(), LoudnessActivity)


def test_a_number_that_was_read_out_is_told_with_its_doubt() -> None:
    number = SpokenNumber(
        start=0, end=8, kind=NumberKind.LOCAL, digits="22345678", sure=False, candidates=("22345678",)
    )

    class ReadOut(ScriptedRecogniser):
        def recognise(self, clips: Sequence[Clip], effort: Effort) -> list[Heard]:
            return [replace(heard, text=number.digits, numbers=(number,)) for heard in super().recognise(clips, effort)]

    said = transcribe(np.concatenate([silence(500), tone(2000), silence(500)]), 8000, ReadOut(), LoudnessActivity)
    assert [one.numbers for one in said] == [(number,)]


def test_progress_is_told_from_the_beginning_and_only_grows() -> None:
    told: list[float] = []
    both = np.stack([np.concatenate([silence(20_000), tone(1000), silence(4000)]), silence(25_000)], axis=1)
    transcribe(both, 8000, ScriptedRecogniser(), LoudnessActivity, on_progress=told.append)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert len([share for share in told if share < 0.05]) >= 4, "also while the voices are looked for"


def test_a_recording_can_be_given_up_before_any_voice_is_found() -> None:
    def interrupted(share: float) -> None:
        if share > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transcribe(silence(60_000), 8000, ScriptedRecogniser(), LoudnessActivity, on_progress=interrupted)


def test_the_other_sides_voice_that_comes_back_is_not_written_down_twice() -> None:
    rng = np.random.default_rng(4)
    caller = np.concatenate([silence(1000), rng.normal(0, 7000, 16_000).clip(-30_000, 30_000), silence(2000)])
    agent = np.concatenate([silence(120), caller])[: len(caller)] / 5
    word = np.concatenate([silence(3800), tone(600), silence(600)])[: len(caller)]
    both = np.stack([caller, agent], axis=1).astype(np.int16)
    said = transcribe(both, 8000, ScriptedRecogniser(), LoudnessActivity)
    assert [one.side for one in said] == [Side.CALLER]
    answered = np.stack([caller, agent + word], axis=1).astype(np.int16)
    said = transcribe(answered, 8000, ScriptedRecogniser(), LoudnessActivity)
    assert [one.side for one in said] == [Side.CALLER, Side.AGENT]
    assert said[1].start_ms > 3000
