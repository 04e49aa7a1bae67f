import pytest

from asr.changed_text import ChangedText
from asr.punctuation import commas, final_mark
from asr.recogniser import Word


def words(*said: tuple[str, float, float]) -> list[Word]:
    return [Word(text, start_s, end_s, 0.9) for text, start_s, end_s in said]


def with_commas(text: str, said: list[Word]) -> str:
    return ChangedText(text, commas(text, said)).text


def test_a_pause_between_words_is_a_comma() -> None:
    said = words(("小区", 0.0, 0.4), ("停水", 0.4, 0.8), ("没人", 1.2, 1.5), ("管", 1.5, 1.7))
    assert with_commas("小区停水没人管。", said) == "小区停水，没人管。"


def test_a_short_gap_is_none() -> None:
    said = words(("小区", 0.0, 0.4), ("停水", 0.6, 0.8), ("没人", 1.0, 1.5), ("管", 1.5, 1.7))
    assert with_commas("小区停水没人管。", said) == "小区停水没人管。"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("我的，孩子。", words(("我的", 0.0, 0.4), ("孩子", 1.0, 1.4))),
        ("我的孩子。", words(("我的", 0.0, 0.4), ("孩子", 1.0, 1.4))),
        ("一三八零零一。", words(("一三八", 0.0, 0.4), ("零零一", 1.0, 1.4))),
        ("小区停水。", words(("小区", 0.0, 0.4), ("停", 1.0, 1.4))),
        ("小区停水。", []),
        ("안녕하세요여러분。", words(("안녕하세요", 0.0, 0.4), ("여러분", 1.0, 1.4))),
    ],
)
def test_no_comma_where_there_are_marks_or_nobody_would_write_one(text: str, said: list[Word]) -> None:
    assert with_commas(text, said) == text


@pytest.mark.parametrize(
    "text", ["能不能来修一下吗", "这个怎么办", "什么时候来水呢", "请问社保怎么转", "你好，要交多少钱", "您在哪里呀"]
)
def test_what_asks_ends_so(text: str) -> None:
    assert final_mark(text) == "？"


@pytest.mark.parametrize(
    "text", ["好的", "我等着呢", "没什么", "我不知道怎么办", "谁都不管", "谢谢", "怎么办，我去看看", ""]
)
def test_what_tells_ends_with_a_full_stop(text: str) -> None:
    assert final_mark(text) == "。"
