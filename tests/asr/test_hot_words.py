"""The city's words: found by their sound, believed where they were said, and nowhere else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.hot_words import HotWordIndex, HotWordShelf
from asr.recogniser import Hypothesis
from asr.rescoring import Believed, Rescorer
from asr.rewriting import Rewriter
from asr.sound_alike import SoundIndex
from domain.speech import Correction, HotWord
from tests.asr.words import FewWords

ALONE = {
    "刘": -7.0,
    "柳": -9.0,
    "流": -7.0,
    "湾": -8.0,
    "弯": -8.0,
    "街道": -6.0,
    "在": -4.0,
    "路": -6.0,
    "很": -5.0,
    "堵": -8.0,
}
MODEL = FewWords(ALONE, {("在", "路"): -1.0})
RESCORER = Rescorer(Rewriter(MODEL, SoundIndex(MODEL.words)))


def index(*words: str) -> HotWordIndex:
    return HotWordIndex(HotWord(word) for word in words)


def found(words: HotWordIndex, text: str) -> dict[str, tuple[tuple[int, ...], ...]]:
    return {match.word.word: (match.same, match.near, match.far) for match in words.at_beginning(text)}


def believed(text: str, *words: HotWord) -> Believed:
    return RESCORER.believed([Hypothesis(text, -3.0)], (HotWordIndex(words),))


def test_a_word_is_found_by_the_same_and_by_the_telephones_sounds() -> None:
    words = index("柳湾街道", "青石街道")
    assert found(words, "刘弯街道很堵") == {"柳湾街道": ((0, 1), (), ())}
    assert found(words, "情思街道") == {"青石街道": ((0,), (1,), ())}
    assert found(words, "街道") == {}


def test_one_syllable_of_a_long_word_may_be_another_that_begins_or_ends_alike() -> None:
    words = index("柳湾街道", "柳湾路")
    assert found(words, "流文街道") == {"柳湾街道": ((0,), (), (1,))}
    assert found(words, "流文街到") == {"柳湾街道": ((0, 3), (), (1,))}
    assert found(words, "流波街道") == {}, "no sound in common"
    assert found(words, "流文路") == {}, "too short for that"


def test_a_polyphone_is_read_as_the_word_has_it() -> None:
    assert found(index("银行路"), "银航路") == {"银行路": ((1,), (), ())}
    assert found(index("长沙市"), "常沙市") == {"长沙市": ((0,), (), ())}


def test_a_hot_word_is_written_where_a_homophone_stood_and_the_original_is_kept() -> None:
    assert believed("在刘弯街道", HotWord("柳湾街道")) == Believed("在柳湾街道", (Correction(1, 3, "刘弯"),))
    assert believed("在刘弯街道").text == "在刘弯街道"


def test_a_weight_of_nought_takes_a_word_out() -> None:
    words = [HotWord("柳湾街道"), HotWord("柳湾街道", 0.0)]
    assert believed("在刘弯街道", *words).text == "在刘弯街道"


def test_a_hot_word_is_not_put_where_something_likelier_was_said() -> None:
    assert believed("在路很堵", HotWord("在鹿"), HotWord("在路街道")).text == "在路很堵"


@settings(deadline=None)
@given(st.text("刘流柳弯湾街道在12a。", max_size=15))
def test_texts_keep_their_length_whatever_is_hot(text: str) -> None:
    words = [HotWord("柳湾街道"), HotWord("湾街", 3.0), HotWord("道", 3.0), HotWord("a街道", 3.0)]
    assert len(believed(text, *words).text) == len(text)


@pytest.mark.parametrize("word", ["路", "五" * 13, "5号线", ""])
def test_what_is_no_hot_word_is_left_out(word: str) -> None:
    assert len(index(word)) == 0


def test_a_shelf_gives_out_what_was_put_on_it_last() -> None:
    shelf = HotWordShelf([HotWord("柳湾街道")])
    shelf.put([HotWord("青石街道"), HotWord("望江路")])
    assert len(shelf.index) == 2
