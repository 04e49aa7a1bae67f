import pytest

from asr.sound_alike import SoundIndex, folded, readings


@pytest.mark.parametrize(
    ("one", "other"),
    [("shi", "si"), ("zhang", "zan"), ("chong", "cong"), ("nan", "lan"), ("re", "le"), ("hua", "fa"), ("xing", "xin")],
)
def test_what_the_telephone_confuses_is_equal(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("ba", "pa"), ("hu", "fu"), ("dong", "dang"), ("gui", "wei")])
def test_what_it_keeps_apart_is_not(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_words_of_the_same_sound_are_found() -> None:
    index = SoundIndex(["政务", "证物", "正午", "星期"])
    assert {alike.word: (alike.same, alike.near) for alike in index.alike("证物")} == {
        "证物": ((), ()),
        "政务": ((0, 1), ()),
        "正午": ((0, 1), ()),
    }
    assert index.alike("不知") == ()


def test_a_near_sound_is_told_from_the_same() -> None:
    (alike,) = SoundIndex(["市政"]).alike("四正")
    assert (alike.same, alike.near) == ((1,), (0,))


def test_a_word_is_read_as_a_word_and_a_character_in_all_its_ways() -> None:
    assert [alike.word for alike in SoundIndex(["引航"]).alike("银行")] == ["引航"]
    assert {"hang", "xing"} <= set(readings("行"))
    assert [alike.word for alike in SoundIndex(["航"]).alike("行")] == ["航"]


def test_what_is_not_chinese_is_only_itself() -> None:
    index = SoundIndex(["a4", "纸"])
    assert [alike.word for alike in index.alike("a4")] == ["a4"]
    assert index.alike("b5") == ()
