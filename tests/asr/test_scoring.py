import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.scoring import character_error_rate, edit_distance, folded


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("12345", "一二三四五"),
        ("2026年11月", "二零二六年十一月"),
        ("110.5%", "百分之一百一十点五"),
        ("10005", "一零零零五"),
        ("12,345", "一二三四五"),
        ("29度", "二十九度"),
        ("两百", "二百"),
        ("報導，ＯＫ！", "报导ok"),
        ("20000元", "二万元"),
        ("1008", "一千零八"),
    ],
)
def test_folding(text: str, same: str) -> None:
    assert folded(text) == same


def test_the_rate_counts_over_all_pairs() -> None:
    assert character_error_rate([("你好吗", "你好"), ("好", "好。")]) == pytest.approx(0.25)
    assert character_error_rate([]) == 0.0


@given(st.text("天地人", max_size=8), st.text("天地人", max_size=8))
def test_the_distance_is_symmetric_and_bounded(one: str, other: str) -> None:
    distance = edit_distance(one, other)
    assert distance == edit_distance(other, one)
    assert abs(len(one) - len(other)) <= distance <= max(len(one), len(other))
    assert (distance == 0) == (one == other)
