"""Word lists found in speech, by characters and by sound."""

import pytest

from agent_assist.lexicon import Hit, Lexicon
from agent_assist.phonetic import folded_syllable, phrase_syllables, voiced


def test_written_the_same_is_found_with_its_place() -> None:
    assert Lexicon(["路灯", "井盖"]).find("这条路，路灯坏了") == (Hit(4, 6, "路灯", 1.0),)


@pytest.mark.parametrize(
    ("phrase", "said", "found"),
    [
        ("停水", "婷水", True),
        ("停水", "婷睡", False),
        ("公积金", "公基金", True),
        ("公积金", "攻击紧", False),
        ("锦绣花园小区", "禁休花远小去", True),
        ("锦绣花园小区", "锦绣花坛小区", True),
        ("锦绣花园小区", "锦绣大坛小区", False),
        ("银行排队", "银航排队", True),
    ],
)
def test_sound_decides_by_length(phrase: str, said: str, found: bool) -> None:
    hits = Lexicon([phrase]).find(said)
    assert [hit.phrase for hit in hits] == ([phrase] if found else [])
    assert all(0 < hit.likeness < 1 for hit in hits)


def test_the_longer_phrase_wins_and_none_goes_over_punctuation() -> None:
    lexicon = Lexicon(["施工", "夜间施工", "施工噪音"])
    assert [hit.phrase for hit in lexicon.find("夜间施工太吵")] == ["夜间施工"]
    assert [hit.phrase for hit in lexicon.find("都在施工，噪音大")] == ["施工"]


def test_empty_words_and_texts_find_nothing() -> None:
    assert Lexicon([]).find("路灯") == ()
    assert Lexicon(["，"]).find("，") == ()
    assert Lexicon(["路灯"]).find("") == ()


def test_confusable_sounds_fold_together() -> None:
    assert folded_syllable("是") == folded_syllable("四")
    assert folded_syllable("牛") == folded_syllable("流")
    assert folded_syllable("黄") == folded_syllable("方")
    assert phrase_syllables("银行") == ("yin", "hang")
    assert voiced("a，路 灯") == ("a路灯", (0, 2, 4))
