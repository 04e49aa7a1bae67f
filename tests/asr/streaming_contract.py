"""What every engine behind the StreamingRecogniser port must pass; a test module gives it an `engine` fixture."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from asr.recogniser import Heard, Samples
from asr.streaming import StreamingRecogniser
from domain.errors import AudioError
from tests.asr.sounds import silence, tone

RATE_HZ = 8000


def told(engine: StreamingRecogniser, sound: Samples, chunk: int = 800) -> Heard:
    """What a session says of a sound that comes in chunks."""
    session = engine.open(RATE_HZ)
    for at in range(0, len(sound), chunk):
        session.accept(sound[at : at + chunk])
    heard = session.finish()
    session.close()
    return heard


class StreamingContract:
    """Inherit it as Test…; `spoken` is telephone sound (8 kHz) in which the engine hears words."""

    def test_it_has_a_name(self, engine: StreamingRecogniser) -> None:
        assert engine.name

    def test_words_come_while_somebody_speaks_and_at_the_end(
        self, engine: StreamingRecogniser, spoken: Samples
    ) -> None:
        session = engine.open(RATE_HZ)
        partials = []
        for at in range(0, len(spoken), 800):
            session.accept(spoken[at : at + 800])
            partials.append(session.partial().text)
        final = session.finish()
        assert any(partials)
        assert final.text[-1] in "。？！…"
        assert 0.0 <= final.confidence <= 1.0
        assert 0.0 <= final.no_speech <= 1.0

    def test_words_have_times_within_the_sound_in_order(self, engine: StreamingRecogniser, spoken: Samples) -> None:
        words = told(engine, spoken).words
        assert words
        times = [time for word in words for time in (word.start_s, word.end_s)]
        assert times == sorted(times)
        assert times[0] >= 0.0
        assert times[-1] <= len(spoken) / RATE_HZ + 0.2

    def test_the_size_of_the_pieces_does_not_matter(self, engine: StreamingRecogniser, spoken: Samples) -> None:
        assert told(engine, spoken, 160).text == told(engine, spoken, len(spoken)).text

    def test_an_end_without_a_stream_is_nothing_heard(self, engine: StreamingRecogniser) -> None:
        assert engine.open(RATE_HZ).finish().text == ""
        assert told(engine, silence(1500)).text == ""

    def test_a_stream_without_an_end_is_given_up(self, engine: StreamingRecogniser, spoken: Samples) -> None:
        session = engine.open(RATE_HZ)
        session.accept(spoken[:4000])
        session.close()
        session.close()
        assert told(engine, spoken).text

    def test_after_the_end_nothing_is_taken(self, engine: StreamingRecogniser) -> None:
        session = engine.open(RATE_HZ)
        session.finish()
        for use in (session.finish, session.partial, lambda: session.accept(silence(20))):
            with pytest.raises(AudioError, match="open a session"):
                use()

    def test_any_sound_is_answered(self, engine: StreamingRecogniser) -> None:
        rng = np.random.default_rng(1)
        one_bit = np.where(rng.normal(size=16_000) > 0, 32767, -32768).astype(np.int16)
        for sound in (one_bit, tone(2000), tone(10), np.array([], dtype=np.int16)):
            told(engine, sound)

    def test_wide_band_is_taken_too(self, engine: StreamingRecogniser, spoken: Samples) -> None:
        session = engine.open(16_000)
        session.accept(np.repeat(spoken, 2))
        assert session.finish().text

    def test_sessions_at_once_do_not_mix(self, engine: StreamingRecogniser, spoken: Samples) -> None:
        alone = told(engine, spoken).text
        with ThreadPoolExecutor(3) as pool:
            texts = list(pool.map(lambda sound: told(engine, sound).text, [spoken, silence(1000), spoken]))
        assert texts == [alone, "", alone]

    def test_it_measures_itself(self, engine: StreamingRecogniser) -> None:
        assert 0.0 < engine.real_time_factor() < 100.0
