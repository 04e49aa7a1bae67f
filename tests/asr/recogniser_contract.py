"""What every engine behind the Recogniser port must pass; a test module gives it an `engine` fixture."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from asr.recogniser import Clip, Effort, Heard, Recogniser
from domain.errors import AudioError
from tests.asr.bad_sounds import bad_sounds
from tests.asr.in_time import DEADLINE_S, streams_of_any_sound_end, within
from tests.asr.sounds import silence, tone


class RecogniserContract:
    """Inherit it as Test…; `spoken` is a clip in which the engine hears words."""

    def test_it_has_a_name(self, engine: Recogniser) -> None:
        assert engine.name

    def test_nothing_gives_nothing(self, engine: Recogniser) -> None:
        assert engine.recognise([], Effort.FINAL) == []

    @pytest.mark.parametrize("effort", list(Effort))
    def test_each_clip_has_its_answer_in_order(self, engine: Recogniser, spoken: Clip, effort: Effort) -> None:
        quiet = Clip(silence(1500))
        answers = engine.recognise([spoken, quiet, Clip(silence(0)), spoken], effort)
        assert [bool(answer.text) for answer in answers] == [True, False, False, True]
        assert all(0.0 <= answer.confidence <= 1.0 and 0.0 <= answer.no_speech <= 1.0 for answer in answers)
        assert all(answer.text == answer.text.strip() for answer in answers)

    def test_a_final_ends_with_a_mark(self, engine: Recogniser, spoken: Clip) -> None:
        assert engine.recognise([spoken], Effort.FINAL)[0].text[-1] in "。？！…"

    def test_an_utterance_that_grew_has_the_words_of_the_whole(self, engine: Recogniser, spoken: Clip) -> None:
        grown = replace(spoken, utterance="call1.caller.0")
        half = replace(grown, samples=spoken.samples[: len(spoken.samples) // 2])
        engine.recognise([half], Effort.PARTIAL)
        assert engine.recognise([grown], Effort.FINAL)[0].text == engine.recognise([spoken], Effort.FINAL)[0].text

    def test_any_sound_is_answered_in_time(self, engine: Recogniser) -> None:
        sounds = [*bad_sounds().values(), tone(10)]
        answers = within(DEADLINE_S, lambda: engine.recognise([Clip(sound) for sound in sounds], Effort.FINAL))
        assert len(answers) == len(sounds)
        assert all(0.0 <= answer.confidence <= 1.0 and 0.0 <= answer.no_speech <= 1.0 for answer in answers)

    async def test_streams_of_any_sound_end_in_time(self, engine: Recogniser) -> None:
        await streams_of_any_sound_end(engine)

    def test_threads_may_call_at_once(self, engine: Recogniser, spoken: Clip) -> None:
        def recognise(_: int) -> list[Heard]:
            return engine.recognise([spoken], Effort.PARTIAL)

        with ThreadPoolExecutor(3) as pool:
            texts = {answers[0].text for answers in pool.map(recognise, range(3))}
        assert len(texts) == 1

    def test_it_measures_itself(self, engine: Recogniser) -> None:
        assert 0.0 < engine.real_time_factor() < 100.0


def test_a_clip_of_another_rate_shape_or_length_is_refused() -> None:
    for samples, rate_hz in [
        (silence(100), 44100),
        (silence(100).reshape(2, -1), 8000),
        (silence(30_000), 8000),
    ]:
        with pytest.raises(AudioError):
            Clip(samples, rate_hz)
    with pytest.raises(AudioError, match="int16"):
        Clip(silence(100).astype(np.float32))  # what a careless caller does
