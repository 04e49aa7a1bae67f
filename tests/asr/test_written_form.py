import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.kept_words import KeptWords
from asr.numerals import by_value
from asr.scoring import folded
from asr.written_form import written_form
from tests.asr.written_cases import HELD_OUT, TUNED

KEPT = KeptWords()
TALK = st.text("一二三四五六七八九十百千万零两幺点半号楼单元室年月日块元米度分之到第周个人小区路的", max_size=24)


def write(spoken: str) -> str:
    return written_form(spoken, KEPT).text


@pytest.mark.parametrize(("spoken", "written"), TUNED)
def test_a_sentence_of_the_hotline_is_written(spoken: str, written: str) -> None:
    assert write(spoken) == written


def test_sentences_written_before_the_rules_are_mostly_written_and_never_wrong() -> None:
    wrong = [(spoken, written, write(spoken)) for spoken, written in HELD_OUT if write(spoken) not in (written, spoken)]
    assert wrong == []
    missed = [spoken for spoken, written in HELD_OUT if write(spoken) != written]
    assert len(missed) <= 2


def test_the_citys_words_stay_as_they_are() -> None:
    sentence = "我在解放路三号院十八号楼"
    assert write(sentence) == "我在解放路3号院18号楼"
    assert written_form(sentence, KeptWords(["三号院"])).text == "我在解放路三号院18号楼"


def test_a_number_of_the_engine_is_not_touched() -> None:
    assert write("涨了3千五百块") == "涨了3千五百块"
    assert written_form("住三零二", KEPT, untouched=range(2, 5)).text == "住三零二"


@pytest.mark.parametrize(
    "text", ["", "我要投诉小区噪音", "OK。", "您好，请讲！", "13800138000", "2026年11月3号下午3点半"]
)
def test_a_text_without_numerals_stays(text: str) -> None:
    assert write(text) == text


@settings(deadline=None)
@given(TALK)
def test_what_is_written_is_not_written_again(spoken: str) -> None:
    once = write(spoken)
    assert write(once) == once


@settings(deadline=None)
@given(TALK)
def test_changes_are_in_order_and_only_of_numerals(spoken: str) -> None:
    changes = written_form(spoken, KEPT).changes
    ends = [0]
    for change in changes:
        assert ends[-1] <= change.start < change.end <= len(spoken)
        assert set(spoken[change.start : change.end]) <= set("零一二两三四五六七八九十百千万幺点分之")
        assert set(change.written) <= set("0123456789.%‰万亿")
        ends.append(change.end)


@settings(deadline=None)
@given(st.integers(11, 9999), st.sampled_from(["块钱", "个人", "平方米", "公里", "天", "户"]))
def test_what_is_read_from_digits_is_written_in_the_same(value: int, measure: str) -> None:
    assert write(f"大概{by_value(value)}{measure}") == f"大概{value}{measure}"


@settings(deadline=None)
@given(st.integers(11, 9999), st.sampled_from(["号楼", "单元", "分钟", "岁"]))
def test_error_rates_do_not_see_the_difference(value: int, measure: str) -> None:
    said = f"我在{by_value(value)}{measure}等"
    assert folded(write(said)) == folded(said)
