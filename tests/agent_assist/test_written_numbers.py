"""Listeners write numbers in digits: the draft is the same whichever way they stand in the words."""

from collections.abc import Callable

import pytest

from agent_assist.city_words import city_words
from agent_assist.settings import AssistSettings
from asr.kept_words import KeptWords
from asr.written_form import written_form
from domain.ticket import DraftField, FieldName

Draft = Callable[..., dict[FieldName, DraftField]]
CALLS = (
    (
        "C:我要投诉，我们小区旁边工地每天晚上施工到凌晨两点半，噪音有七十五分贝",
        "C:我住在云山区桂园街道桂花苑小区十二栋三单元一零二室",
        "A:您的联系电话是多少",
        "C:一三九零零一三九一二三",
    ),
    ("C:家里三十八个小时没水了", "C:柳湾春天五号楼二单元三零二", "C:电话幺三八零零一三八零零一"),
    ("C:老板欠我两万三千块工资，从去年十一月三号到现在", "C:我在青石街道锦绣花园小区十八号楼"),
)
SAME = (FieldName.APPEAL_TYPE, FieldName.CATEGORY, FieldName.LOCATION, FieldName.CALLBACK_NUMBER, FieldName.URGENCY)


@pytest.mark.parametrize("lines", CALLS)
def test_the_fields_are_the_same(draft: Draft, lines: tuple[str, ...]) -> None:
    kept = KeptWords(word.word for word in city_words(AssistSettings()))
    written = [line[:2] + written_form(line[2:], kept).text for line in lines]
    assert written != list(lines)
    as_said, as_written = draft(*lines), draft(*written)
    for name in SAME:
        assert (name in as_said) == (name in as_written)
        assert name not in as_said or as_written[name].value == as_said[name].value
    for field in as_written.values():
        assert all(any(evidence.quote in line for line in (*written, "13800138000")) for evidence in field.evidence)


def test_the_summary_has_the_numbers_in_digits(draft: Draft) -> None:
    kept = KeptWords()
    line = "C:" + written_form("老板欠我两万三千块工资，从去年十一月三号到现在", kept).text
    assert "23000块工资，从去年11月3号到现在" in draft(line)[FieldName.SUMMARY].value


def test_amounts_and_rooms_are_no_parts_of_a_telephone_number(draft: Draft) -> None:
    line = "C:他收了我23000块，我住5号楼102室"
    assert draft(line, caller_number="")[FieldName.SUMMARY].value
    assert FieldName.CALLBACK_NUMBER not in draft(line, caller_number="")
