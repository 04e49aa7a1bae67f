from hypothesis import given
from hypothesis import strategies as st

from asr.char_times import char_times, char_times_of_words
from asr.recogniser import Word


def test_characters_share_the_voice_and_leave_out_the_pause() -> None:
    assert char_times("你好，我是", ((1000, 1400), (2000, 2400))) == (1000, 1200, 2000, 2000, 2200)


WORDS = (Word("你好", 0.2, 0.6, 1.0), Word("我", 1.0, 1.3, 1.0))


VOICED = ((5100, 5700), (5950, 6500))


def test_the_words_of_an_engine_tell_it_better() -> None:
    assert char_times_of_words("你好，我。", WORDS, 5000, VOICED) == (5200, 5400, 6000, 6000, 6300)


def test_what_would_begin_in_a_pause_begins_where_the_voice_goes_on() -> None:
    early = (Word("你好", 0.0, 0.6, 1.0), Word("我", 0.7, 1.3, 1.0), Word("们", 1.6, 1.8, 1.0))
    assert char_times_of_words("你好我们。", early, 5000, VOICED) == (5100, 5300, 5950, 6500, 6500)


def test_words_that_were_rewritten_tell_nothing() -> None:
    assert char_times_of_words("你好我们。", WORDS, 0, VOICED) is None
    assert char_times_of_words("你好。", (), 0, VOICED) is None


def test_punctuation_alone_stands_at_the_start() -> None:
    assert char_times("。", ((500, 600),)) == (500,)


def lie_within(times: tuple[int, ...], spans: tuple[tuple[int, int], ...]) -> bool:
    return all(any(start <= time <= end for start, end in spans) for time in times)


@st.composite
def voices(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    now, spans = 0, list[tuple[int, int]]()
    for gap, length in draw(st.lists(st.tuples(st.integers(1, 500), st.integers(1, 500)), min_size=1, max_size=5)):
        spans.append((now + gap, now + gap + length))
        now += gap + length
    return tuple(spans)


@given(st.text("好，。", max_size=30), voices())
def test_times_never_fall_and_lie_within_the_voice(text: str, spans: tuple[tuple[int, int], ...]) -> None:
    times = char_times(text, spans)
    assert len(times) == len(text)
    assert list(times) == sorted(times)
    assert lie_within(times, spans)


@given(
    st.lists(st.tuples(st.text("好8，", max_size=3), st.integers(0, 900)), min_size=1), voices(), st.integers(0, 500)
)
def test_so_do_those_of_words(
    said: list[tuple[str, int]], spans: tuple[tuple[int, int], ...], sound_from_ms: int
) -> None:
    now_s, words = 0.0, list[Word]()
    for text, length_ms in said:
        words.append(Word(text, now_s, now_s + length_ms / 1000, 1.0))
        now_s += length_ms / 1000
    text = "".join(word.text for word in words)
    times = char_times_of_words(text, words, sound_from_ms, spans)
    assert times is not None
    assert len(times) == len(text)
    assert list(times) == sorted(times)
    assert lie_within(times, spans)
