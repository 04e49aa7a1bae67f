from hypothesis import given
from hypothesis import strategies as st

from asr.endpointing import (
    Endpointer,
    EndpointEvent,
    EndpointRules,
    Frame,
    VoiceBegan,
    VoiceEnded,
    VoicePaused,
    VoiceResumed,
)

FRAME_MS = 20
RULES = EndpointRules()


def heard(pattern: list[tuple[bool, int]], rules: EndpointRules = RULES, *, flush: bool = True) -> list[EndpointEvent]:
    """The events of spans (voiced, ms)."""
    endpointer, now_ms, events = Endpointer(rules), 0, []
    for voiced, span_ms in pattern:
        for _ in range(span_ms // FRAME_MS):
            events += endpointer.hear(Frame(now_ms, now_ms + FRAME_MS, voiced, 1.0 if voiced else 0.0))
            now_ms += FRAME_MS
    return events + (endpointer.flush() if flush else [])


def test_an_utterance_begins_pauses_and_ends_with_the_voice() -> None:
    assert heard([(False, 1000), (True, 1000), (False, 1000)]) == [
        VoiceBegan(1000),
        VoicePaused(2000),
        VoiceEnded(1000, 2000, 2500, ((1000, 2000),)),
    ]


def test_a_short_pause_is_none() -> None:
    events = heard([(True, 1000), (False, 400), (True, 600), (False, 600)])
    assert [type(event) for event in events] == [VoiceBegan, VoicePaused, VoiceResumed, VoicePaused, VoiceEnded]
    assert events[-1] == VoiceEnded(0, 2000, 2500, ((0, 1000), (1400, 2000)))


def test_a_click_is_no_speech() -> None:
    assert heard([(False, 500), (True, 180), (False, 2000), (True, 100), (False, 500)]) == []


def test_an_hour_of_silence_says_nothing() -> None:
    assert heard([(False, 3_600_000)]) == []


def test_the_end_of_the_stream_ends_the_utterance() -> None:
    assert heard([(True, 700)])[-1] == VoiceEnded(0, 700, 700, ((0, 700),))


def test_a_long_utterance_ends_at_a_shorter_pause() -> None:
    breath = [(False, 300), (True, 1000), (False, 600)]
    assert sum(isinstance(event, VoiceEnded) for event in heard([(True, 3000), *breath])) == 1
    assert sum(isinstance(event, VoiceEnded) for event in heard([(True, 10_000), *breath])) == 2


def test_speech_without_a_pause_is_cut_at_its_quietest_point() -> None:
    endpointer, events = Endpointer(RULES), []
    for now_ms in range(0, 20_000, FRAME_MS):
        quiet = 12_000 <= now_ms < 12_100
        events += endpointer.hear(Frame(now_ms, now_ms + FRAME_MS, True, 0.1 if quiet else 1.0))
    first = next(event for event in events if isinstance(event, VoiceEnded))
    assert first.forced
    assert 12_000 <= first.sound_end_ms <= 12_100
    assert events[events.index(first) + 1] == VoiceBegan(first.sound_end_ms)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 6000)), max_size=25))
def test_utterances_never_overlap_and_keep_their_bounds(pattern: list[tuple[bool, int]]) -> None:
    events = heard(pattern)
    began = [event for event in events if isinstance(event, VoiceBegan)]
    ended = [event for event in events if isinstance(event, VoiceEnded)]
    assert [event.start_ms for event in began] == [event.start_ms for event in ended]
    last_sound_end = 0
    for event in ended:
        assert last_sound_end <= event.start_ms < event.end_ms <= event.sound_end_ms
        assert event.sound_end_ms - event.start_ms <= RULES.longest_ms + RULES.hang_over_ms
        assert all(start < end for start, end in event.voiced)
        assert event.voiced[0][0] == event.start_ms
        last_sound_end = event.sound_end_ms


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 6000)), max_size=25))
def test_no_voice_of_an_utterance_is_lost(pattern: list[tuple[bool, int]]) -> None:
    """Every voiced stretch of min_speech_ms or more is inside some utterance, whole."""
    spans = [(event.start_ms, event.sound_end_ms) for event in heard(pattern) if isinstance(event, VoiceEnded)]
    now_ms = 0
    for voiced, span_ms in pattern:
        end_ms = now_ms + span_ms // FRAME_MS * FRAME_MS
        if voiced and end_ms - now_ms >= RULES.min_speech_ms:
            covered = sum(max(0, min(end, end_ms) - max(start, now_ms)) for start, end in spans)
            assert covered == end_ms - now_ms
        now_ms = end_ms
