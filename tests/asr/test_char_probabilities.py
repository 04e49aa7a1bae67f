from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.char_probabilities import carried, char_probabilities

CHARACTERS = st.text(alphabet="恢復复日本a1，𠮷é", max_size=8)


def test_a_character_of_several_tokens_is_as_probable_as_the_least_of_them() -> None:
    pieces = ["能".encode(), "不能".encode(), "恢".encode()[:2], "恢".encode()[2:], b"?"]
    assert char_probabilities(pieces, [0.9, 0.8, 0.7, 0.2, 0.6]) == ("能不能恢?", (0.9, 0.8, 0.8, 0.2, 0.6))


def test_what_is_no_utf_8_is_left_out() -> None:
    pieces = ["能".encode(), "恢".encode()[1:], "复".encode(), "复".encode()[:2]]
    assert char_probabilities(pieces, [0.9, 0.8, 0.7, 0.2]) == ("能复", (0.9, 0.7))
    assert char_probabilities([], []) == ("", ())
    assert char_probabilities([b""], [0.3]) == ("", ())


@given(st.data(), CHARACTERS)
def test_wherever_the_tokens_end_each_character_has_the_least_of_its_bytes(data: st.DataObject, text: str) -> None:
    content = text.encode()
    edges = sorted(data.draw(st.sets(st.integers(0, len(content))))) if content else []
    places = [0, *edges, len(content)]
    pieces = [content[start:end] for start, end in pairwise(places)]
    given_ = [0.5 + number / 100 for number in range(len(pieces))]
    read, least = char_probabilities(pieces, given_)
    assert read == text
    spread = [one for piece, one in zip(pieces, given_, strict=True) for _ in piece]
    at = 0
    for character, one in zip(text, least, strict=True):
        size = len(character.encode())
        assert one == min(spread[at : at + size])
        at += size


@pytest.mark.parametrize(
    ("raw", "text", "expected"),
    [
        ("恢復日本", "恢复日本", (0.9, 0.2, 0.7, 0.6)),
        (" 恢復日本", "恢复日本", (0.2, 0.7, 0.6, 0.5)),
        ("恢復", "", ()),
        ("", "恢复", (1.0, 1.0)),
        ("恢復", "恢復。", (0.9, 0.2, 0.2)),
        ("恢日本啊", "恢三百了啊", (0.9, 0.2, 0.2, 0.2, 0.6)),
    ],
)
def test_another_spelling_has_the_probability_of_what_stands_there(
    raw: str, text: str, expected: tuple[float, ...]
) -> None:
    assert carried(raw, (0.9, 0.2, 0.7, 0.6, 0.5)[: len(raw)], text) == expected


@given(CHARACTERS, CHARACTERS)
def test_each_character_has_one(raw: str, text: str) -> None:
    out = carried(raw, [0.5] * len(raw), text)
    assert len(out) == len(text)
    assert set(out) <= {0.5, 1.0}
