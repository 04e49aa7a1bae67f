from hypothesis import given
from hypothesis import strategies as st

from asr.token_times import character_words

FRAME_S = 0.02


def starts_ms(text: str, spans: list[tuple[int, int]], path: list[tuple[int, int]]) -> list[tuple[str, int]]:
    return [(word.text, round(1000 * word.start_s)) for word in character_words(text, spans, path, FRAME_S)]


def path_of(firsts: list[int], end: int) -> list[tuple[int, int]]:
    """Tokens that begin at these frames and go on to the next one's beginning."""
    edges = [*firsts, end]
    return [(token, frame) for token, first in enumerate(firsts) for frame in range(first, edges[token + 1])]


def test_each_character_begins_where_its_token_does() -> None:
    path = path_of([0, 10, 25, 40], 50)
    assert starts_ms("你好，我", [(0, 1), (1, 2), (2, 3), (3, 4)], path) == [("你", 0), ("好", 200), ("我", 800)]


def test_the_pieces_of_one_character_are_one_and_two_characters_of_a_token_share_it() -> None:
    path = path_of([0, 10, 12, 20], 40)
    spans = [(0, 1), (1, 2), (1, 2), (2, 4)]
    words = character_words("我噪声音", spans, path, FRAME_S)
    assert [(word.text, round(1000 * word.start_s), round(1000 * word.end_s)) for word in words] == [
        ("我", 0, 200),
        ("噪", 200, 400),
        ("声", 400, 600),
        ("音", 600, 800),
    ]


def test_the_end_of_the_text_ends_the_last_character() -> None:
    (word,) = character_words("好", [(0, 1)], path_of([0, 30], 50), FRAME_S)
    assert (word.start_s, word.end_s) == (0.0, 0.6)


def test_a_token_or_a_character_that_was_not_found_leaves_no_times() -> None:
    assert character_words("你好", [(0, 1), (1, 2)], path_of([0], 9), FRAME_S) == ()
    assert character_words("你好", [(0, 1)], path_of([0], 9), FRAME_S) == ()
    assert character_words("你好", [(0, 1), (1, 2)], [], FRAME_S) == ()


@st.composite
def aligned(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]], list[tuple[int, int]], int]:
    """A text, its tokens (pieces of characters, one, or several) and a path of one or more frames for each."""
    text, spans = "", list[tuple[int, int]]()
    for pieces, characters in draw(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=12)):
        place = len(text)
        text += "".join(draw(st.sampled_from("你好我8，。")) for _ in range(characters if pieces == 1 else 1))
        spans += [(place, len(text))] * pieces
    frames = draw(st.lists(st.integers(1, 9), min_size=len(spans), max_size=len(spans)))
    firsts = [sum(frames[:token]) for token in range(len(frames))]
    return text, spans, path_of(firsts, sum(frames)), sum(frames)


@given(aligned())
def test_every_sounding_character_has_its_time_in_order(
    case: tuple[str, list[tuple[int, int]], list[tuple[int, int]], int],
) -> None:
    text, spans, path, frames = case
    words = character_words(text, spans, path, FRAME_S)
    assert "".join(word.text for word in words) == "".join(char for char in text if char.isalnum())
    times = [time for word in words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert all(0 <= time <= frames * FRAME_S for time in times)
    assert all(word.start_s < word.end_s for word in words)
