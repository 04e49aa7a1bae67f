from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.settings import AsrSettings
from asr.silence import SilenceBegan, SilenceEnded
from asr.stream import Ended, SoFar, SpeechStream, Started, StreamEvent, WentOn
from domain.audio import AudioChunk
from domain.errors import AudioError
from domain.side import Side
from tests.asr.sounds import WALL_MS, LoudnessActivity, chunks, silence, tone


def new_stream(first_utterance: int = 0) -> SpeechStream:
    return SpeechStream(AsrSettings(), LoudnessActivity(), first_utterance=first_utterance)


def fed(stream: SpeechStream, sound: list[AudioChunk], *, shown: bool = True) -> list[StreamEvent]:
    """shown: whether the first try gives words."""
    events: list[StreamEvent] = []
    for chunk in sound:
        events += stream.hear(chunk)
        if shown and events and isinstance(events[-1], SoFar):
            stream.unseen = False
    return events


def partial_ends(events: list[StreamEvent]) -> list[int]:
    return [event.end_ms for event in events if isinstance(event, SoFar) and not event.ending]


def endings(events: list[StreamEvent]) -> list[Ended]:
    return [event for event in events if isinstance(event, Ended)]


SENTENCE = np.concatenate([silence(1000), tone(1500), silence(1000)])


def test_a_sentence_is_started_foretold_and_ended() -> None:
    events = fed(new_stream(), chunks(SENTENCE))
    assert [type(event) for event in events] == [Started, SoFar, SoFar, Ended]
    ended = endings(events)[0]
    assert (ended.number, ended.foretold) == (0, True)
    assert abs(ended.start_ms - 1000) <= 20
    assert abs(ended.end_ms - 2500) <= 20
    assert abs(ended.clip.seconds - (0.3 + 1.5 + 0.5)) <= 0.05
    assert ended.ended_at_ms == WALL_MS + ended.end_ms


def test_the_numbers_go_on_where_another_listener_stopped() -> None:
    assert endings(fed(new_stream(7), chunks(SENTENCE)))[0].number == 7


def test_a_pause_that_was_none_is_taken_back() -> None:
    sound = np.concatenate([tone(1000), silence(400), tone(800), silence(800)])
    events = fed(new_stream(), chunks(sound))
    assert WentOn(0) in events
    assert len(endings(events)) == 1


def test_a_partial_comes_about_every_second() -> None:
    events = fed(new_stream(), chunks(np.concatenate([tone(5000), silence(800)])))
    partials = [event for event in events if isinstance(event, SoFar) and not event.ending]
    assert 4 <= len(partials) <= 5
    assert all(later.clip.seconds > earlier.clip.seconds for earlier, later in pairwise(partials))


def test_a_listener_short_of_time_shows_the_first_words_as_soon_and_the_next_ones_later() -> None:
    stream = new_stream()
    stream.slower = True
    events = fed(stream, chunks(np.concatenate([tone(5000), silence(800)])))
    assert [round(end_ms, -2) for end_ms in partial_ends(events)] == [800, 2800]


def test_first_words_are_tried_for_again_soon_but_not_for_ever() -> None:
    sound = chunks(np.concatenate([tone(5000), silence(800)]))
    ends = [round(end_ms, -2) for end_ms in partial_ends(fed(new_stream(), sound, shown=False))]
    assert ends == [800, 1200, 1600, 2000, 3000, 4000]


def test_a_pause_before_the_first_words_does_not_make_them_late() -> None:
    sound = chunks(np.concatenate([tone(500), silence(200), tone(2000), silence(800)]))
    assert round(partial_ends(fed(new_stream(), sound, shown=False))[0], -2) == 800


def test_partials_keep_their_pace_where_what_was_heard_costs_nothing_again() -> None:
    stream = SpeechStream(AsrSettings(), LoudnessActivity(), continues=True)
    events = fed(stream, chunks(np.concatenate([tone(12_000), silence(800)])))
    assert sum(isinstance(event, SoFar) and not event.ending for event in events) >= 11


def test_all_clips_of_an_utterance_begin_with_the_same_sound() -> None:
    noise = np.random.default_rng(2).integers(-20_000, 20_000, 8 * 5000).astype(np.int16)
    events = fed(new_stream(), chunks(np.concatenate([silence(700), noise, silence(800)])))
    clips = [event.clip.samples for event in events if isinstance(event, SoFar | Ended)]
    assert len(clips) > 4
    assert all(np.array_equal(one, clips[-1][: len(one)]) for one in clips)
    assert endings(events)[0].sound_from_ms == 400


def test_partials_of_a_long_utterance_become_rarer() -> None:
    events = fed(new_stream(), chunks(np.concatenate([tone(12_000), silence(800)])))
    ends = partial_ends(events)
    gaps = [later - earlier for earlier, later in pairwise(ends)]
    assert gaps == sorted(gaps)
    assert max(gaps) >= 2000
    assert 6 <= len(ends) <= 8


def test_lost_chunks_are_silence_and_the_times_stay() -> None:
    sound = chunks(np.concatenate([silence(1000), tone(1000), silence(1000), tone(1000), silence(1000)]))
    kept = [chunk for chunk in sound if chunk.sequence not in {3, 25, 26}]
    stream = new_stream()
    ended = endings(fed(stream, kept))
    assert [round(event.start_ms, -2) for event in ended] == [1000, 3000]
    assert stream.lost_ms == 300


def test_repeated_and_late_chunks_are_dropped() -> None:
    sound = chunks(SENTENCE)
    doubled = [chunk for chunk in sound for _ in range(2)]
    doubled.insert(20, sound[2])
    stream = new_stream()
    assert len(endings(fed(stream, doubled))) == 1
    assert stream.late_chunks == len(sound) + 1


def test_a_jump_of_the_clock_ends_what_is_said() -> None:
    stream = new_stream()
    fed(stream, chunks(tone(1000)))
    later = chunks(SENTENCE, from_ms=100_000)
    ended = endings(fed(stream, later))
    assert [event.start_ms // 1000 for event in ended] == [0, 101]


def test_the_last_chunk_ends_the_utterance_even_when_empty() -> None:
    stream = new_stream()
    assert endings(fed(stream, chunks(tone(1000)))) == []
    end = AudioChunk(Side.CALLER, 10, 1000, WALL_MS + 1000, b"", last=True)
    assert len(endings(stream.hear(end))) == 1


def test_speech_without_end_is_cut_and_memory_stays_bounded() -> None:
    stream = new_stream()
    ended: list[Ended] = []
    second = chunks(tone(1000))
    for number in range(120):
        moved = [AudioChunk(Side.CALLER, 0, chunk.media_ms + number * 1000, WALL_MS, chunk.alaw) for chunk in second]
        ended += endings(fed(stream, moved))
    assert len(ended) >= 8
    assert all(event.clip.seconds <= 14.5 for event in ended)
    assert len(stream._alaw) < 20 * 8000


def test_an_hour_of_silence_is_quick_and_told_once() -> None:
    stream = new_stream()
    quiet = chunks(silence(10_000))
    big = AudioChunk(Side.CALLER, 0, 0, WALL_MS, b"".join(chunk.alaw for chunk in quiet))
    events = fed(stream, [AudioChunk(Side.CALLER, number, number * 10_000, WALL_MS, big.alaw) for number in range(36)])
    assert events == [SilenceBegan(0, spoke=False)]


def test_a_chunk_that_is_far_too_long_is_refused() -> None:
    with pytest.raises(AudioError, match="100 ms at a time"):
        new_stream().hear(AudioChunk(Side.CALLER, 0, 0, 0, bytes(100_000)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.binary(max_size=900)), max_size=30), st.booleans())
def test_any_bytes_at_any_time_give_ordered_utterances(sound: list[tuple[int, bytes]], last: bool) -> None:
    stream = new_stream()
    events: list[StreamEvent] = []
    for place, alaw in sound:
        events += stream.hear(AudioChunk(Side.AGENT, place, place * 100, WALL_MS, alaw))
    events += stream.hear(AudioChunk(Side.AGENT, 0, 0, WALL_MS, b"", last=True)) if last else stream.finish()
    ended = endings(events)
    assert [event.number for event in ended] == list(range(len(ended)))
    assert all(one.end_ms <= other.start_ms for one, other in pairwise(ended))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(300, 4000), min_size=1, max_size=6), st.integers(20, 3000))
def test_no_sound_is_recognised_twice(voices_ms: list[int], pause_ms: int) -> None:
    """The clips of successive utterances never overlap: together they are no longer than the stream."""
    sound = np.concatenate([part for ms in voices_ms for part in (tone(ms), silence(pause_ms))])
    stream = new_stream()
    ended = endings(fed(stream, chunks(sound, last=True)))
    assert sum(event.clip.seconds for event in ended) <= len(sound) / 8000 + 0.001


def silences(events: list[StreamEvent]) -> list[StreamEvent]:
    return [event for event in events if isinstance(event, SilenceBegan | SilenceEnded)]


def test_a_side_that_has_not_spoken_for_long_is_told_once_and_when_it_speaks_again() -> None:
    sound = np.concatenate([tone(1000), silence(33_000), tone(1000), silence(29_000)])
    began, ended = silences(fed(new_stream(), chunks(sound)))
    assert isinstance(began, SilenceBegan)
    assert abs(began.since_ms - 1000) <= 20
    assert isinstance(ended, SilenceEnded)
    assert ended.since_ms == began.since_ms
    assert abs(ended.until_ms - 34_000) <= 20


def test_a_silence_lasts_until_the_stream_ends() -> None:
    events = fed(new_stream(), chunks(silence(40_000), last=True))
    assert silences(events) == [SilenceBegan(0, spoke=False), SilenceEnded(0, 40_000 // 20 * 20, spoke=False)]


def test_a_stream_whose_sound_is_lost_is_not_called_silent() -> None:
    every_third_second = chunks(silence(120_000))[::29]
    stream = new_stream()
    assert silences(fed(stream, every_third_second)) == []
    assert stream.lost_ms > 100_000
    jumping = [chunk for at in range(0, 120_000, 10_000) for chunk in chunks(silence(5000), from_ms=at)]
    assert silences(fed(new_stream(), jumping)) == []


def test_with_a_new_phase_of_the_talk_the_time_counts_anew() -> None:
    stream = new_stream()
    fed(stream, chunks(silence(20_000)))
    assert stream.start_silence_anew() == []
    assert silences(fed(stream, chunks(silence(20_000), from_ms=20_000))) == []
    assert silences(fed(stream, chunks(silence(20_000), from_ms=40_000))) == [SilenceBegan(20_000, spoke=False)]


def test_a_side_that_another_listener_heard_speak_counts_as_having_spoken() -> None:
    assert silences(fed(new_stream(3), chunks(silence(31_000)))) == [SilenceBegan(0, spoke=True)]
