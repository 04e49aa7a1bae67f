from hypothesis import given
from hypothesis import strategies as st

from asr.char_times import char_times, char_times_of_words
from asr.recogniser import Word


def test_characters_share_the_voice_and_leave_out_the_pause() -> None:
    assert char_times("你好，我是", ((1000, 1400), (2000, 2400))) == (1000, 1200, 2000, 2000, 2200)


WORDS = (Word("你好", 0.2, 0.6, 1.0), Word("我", 1.0, 1.3, 1.0))


def test_the_words_of_an_engine_tell_it_better() -> None:
    assert char_times_of_words("你好，我。", WORDS, 5000) == (5200, 5400, 6000, 6000, 6300)


def test_words_that_were_rewritten_tell_nothing() -> None:
    assert char_times_of_words("你好我们。", WORDS, 0) is None
    assert char_times_of_words("你好。", (), 0) is None


def test_punctuation_alone_stands_at_the_start() -> None:
    assert char_times("。", ((500, 600),)) == (500,)


@given(
    st.text("好，。", max_size=30),
    st.lists(st.tuples(st.integers(1, 500), st.integers(1, 500)), min_size=1, max_size=5),
)
def test_times_never_fall_and_lie_within_the_voice(text: str, gaps: list[tuple[int, int]]) -> None:
    now, spans = 0, []
    for gap, length in gaps:
        spans.append((now + gap, now + gap + length))
        now += gap + length
    times = char_times(text, tuple(spans))
    assert len(times) == len(text)
    assert list(times) == sorted(times)
    assert all(spans[0][0] <= time <= spans[-1][1] for time in times)
