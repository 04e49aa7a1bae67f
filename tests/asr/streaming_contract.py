"""What every engine behind the StreamingRecogniser port must pass; a test module gives it an `engine` fixture."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from asr.continued_clips import ContinuedClips
from asr.recogniser import Heard, Samples
from asr.streaming import StreamingRecogniser
from domain.errors import AudioError
from tests.asr.bad_sounds import bad_sounds
from tests.asr.in_time import DEADLINE_S, streams_of_any_sound_end, within
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

    def test_any_sound_has_its_end_in_time(self, engine: StreamingRecogniser) -> None:
        for sound in [*bad_sounds().values(), tone(10), silence(0)]:
            session = engine.open(RATE_HZ)
            for at in range(0, len(sound), 800):
                session.accept(sound[at : at + 800])
            heard = within(DEADLINE_S, session.finish)
            assert 0.0 <= heard.confidence <= 1.0
            session.close()

    async def test_streams_of_any_sound_end_in_time(self, engine: StreamingRecogniser) -> None:
        await streams_of_any_sound_end(ContinuedClips(engine))

    @pytest.mark.parametrize("rate_hz", [0, 11_025, 44_100])
    def test_another_rate_is_refused_with_what_to_do(self, engine: StreamingRecogniser, rate_hz: int) -> None:
        with pytest.raises(AudioError, match=f"{rate_hz} samples a second.*resample to 8000 or 16000"):
            engine.open(rate_hz)

    def test_sound_of_another_shape_or_type_is_refused_and_the_session_goes_on(
        self, engine: StreamingRecogniser, spoken: Samples
    ) -> None:
        session = engine.open(RATE_HZ)
        for wrong in (spoken[:800].reshape(2, -1), spoken[:800].astype(np.float32)):
            with pytest.raises(AudioError, match="give one channel of int16"):
                session.accept(wrong)
        session.accept(spoken)
        assert session.finish().text == told(engine, spoken, len(spoken)).text

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
