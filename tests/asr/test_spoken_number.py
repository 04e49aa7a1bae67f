"""Numbers that callers read out digit by digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.number_span import NumberSpan, number_span
from asr.recogniser import Heard, Hypothesis
from asr.spoken_number import Reading, agreed, fits, heard_alike, heard_in_words, with_number
from domain.speech import Correction, NumberKind

MOBILE = NumberKind.MOBILE
RIGHT, WRONG = "13858231743", "13858231747"


@pytest.mark.parametrize(
    ("text", "part", "kind"),
    [
        ("我的电话是13858231743。", "13858231743", MOBILE),
        ("一三一零八三七三要四八", "一三一零八三七三要四八", MOBILE),
        ("号码168-778-932-287，谢谢", "168-778-932-287，", MOBILE),
        ("1-3-9-1-7-1-4-5-2-2-1", "1-3-9-1-7-1-4-5-2-2-1", MOBILE),
        ("有八二四三九三二八三", "有八二四三九三二八三", MOBILE),
        ("单位电话八八六六五五二二", "八八六六五五二二", NumberKind.LOCAL),
        ("工单号是YJ20261105000080。", "20261105000080", NumberKind.TICKET),
        ("工单二零二六一一零五零零零八零", "二零二六一一零五零零零八零", NumberKind.TICKET),
        ("身份证号是210105194912310029", "210105194912310029", NumberKind.IDENTITY),
        ("身份证号是11010519491231002X", "11010519491231002X", NumberKind.IDENTITY),
    ],
)
def test_a_read_out_number_is_found(text, part, kind):
    start = text.index(part)
    assert number_span(text) == NumberSpan(start, start + len(part), kind)


@pytest.mark.parametrize(
    "text",
    [
        "我想问一下社保卡怎么办理",
        "观察三十年来的新增人口曲线",
        "三百二十八万一千一百三十八点四八",
        "是的是的是的是的是的是的",
        "二零二四年五月一号",
        "12号楼3单元502",
        "",
        "𠮷𠮷𠮷",
    ],
)
def test_other_words_are_none(text):
    assert number_span(text) is None


@given(st.from_regex(r"[1-8][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9])[0-9]{3}", fullmatch=True))
def test_identity_numbers_have_one_check_digit(seventeen):
    right = [last for last in "0123456789X" if fits(NumberKind.IDENTITY, seventeen + last)]
    assert right == [check_digit(seventeen)]


def test_the_standards_own_example_is_an_identity_number():
    """That of GB 11643-1999."""
    assert fits(NumberKind.IDENTITY, "11010519491231002X")
    assert not fits(NumberKind.IDENTITY, "110105194912310021")
    assert not fits(NumberKind.IDENTITY, "11010519491331002X"), "there is no thirteenth month"


@pytest.mark.parametrize(
    ("digits", "is_one"),
    [
        ("20261105000080", True),
        ("20240229000001", True),
        ("20260229000001", False),
        ("20261305000001", False),
        ("20261105000000", False),
        ("19991105000080", False),
        ("2026110500080", False),
    ],
)
def test_ticket_numbers_have_a_day_that_there_is_and_count_from_one(digits: str, is_one: bool) -> None:
    assert fits(NumberKind.TICKET, digits) is is_one


def check_digit(seventeen: str) -> str:
    """By the standard's own formula, Σ aᵢ·2^(i−1) ≡ 1 (mod 11), tried out."""
    for last in "0123456789X":
        values = [int(digit) for digit in seventeen] + [10 if last == "X" else int(last)]
        if sum(value * 2 ** (17 - place) for place, value in enumerate(values)) % 11 == 1:
            return last
    raise AssertionError(seventeen)


def test_what_all_hear_is_sure():
    assert agreed(MOBILE, [{RIGHT: -0.5, WRONG: -3.0}, {RIGHT: -1.0}]) == Reading(RIGHT, True, (RIGHT, WRONG))


@pytest.mark.parametrize(
    "hearings",
    [
        [{RIGHT: -0.5}, {WRONG: -0.9, RIGHT: -1.0}],
        [{RIGHT: -0.5}, {}],
        [{RIGHT: -2.0, "03858231743": -1.0}, {RIGHT: -0.5}],
    ],
    ids=["another one", "silent", "no number"],
)
def test_a_hearing_that_says_otherwise_leaves_it_unsure(hearings):
    reading = agreed(MOBILE, hearings)
    assert reading is not None
    assert (reading.digits, reading.sure) == (RIGHT, False)


def test_two_hearings_are_alike_when_their_likeliest_numbers_are() -> None:
    assert heard_alike(MOBILE, {RIGHT: -3.0, WRONG: -4.0, "03858231743": -1.0}, {RIGHT: -2.0})
    assert not heard_alike(MOBILE, {RIGHT: -3.0}, {WRONG: -2.0, RIGHT: -2.5})
    assert not heard_alike(MOBILE, {}, {})


def test_no_number_is_made_of_what_is_none():
    assert agreed(MOBILE, [{"23858231743": -0.1}, {"1385823174": -0.1}]) is None
    assert agreed(MOBILE, [{}, {}]) is None


def test_the_engines_own_words_are_a_hearing_too():
    alternatives = [Hypothesis("电话是13858231743", -1.0), Hypothesis("电话是1385823174", -1.5), Hypothesis("你好", -2)]
    assert heard_in_words(alternatives, 11) == {RIGHT: -1.0}


def test_the_number_takes_the_place_of_its_words():
    heard = Heard(
        "好一三八五八二三一七四三。谢谢",
        0.9,
        0.0,
        corrections=(Correction(0, 1, "号"), Correction(2, 3, "山"), Correction(13, 15, "写写")),
        char_confidence=(0.9,) * 15,
    )
    found = with_number(heard, NumberSpan(1, 12, MOBILE), Reading(RIGHT, False, (RIGHT, WRONG)))
    assert found.text == f"好{RIGHT}。谢谢"
    assert found.corrections == (
        Correction(0, 1, "号"),
        Correction(1, 12, "一山八五八二三一七四三"),
        Correction(13, 15, "写写"),
    )
    number = found.numbers[0]
    assert (found.text[number.start : number.end], number.sure, number.candidates) == (RIGHT, False, (RIGHT, WRONG))
    assert len(found.char_confidence) == len(found.text)
    assert found.char_confidence[1] < 0.7 < found.char_confidence[0]


@pytest.mark.parametrize(("head", "sure"), [("要发扬", False), ("，", True), ("", True)])
def test_eight_digits_behind_other_words_are_never_sure(head: str, sure: bool) -> None:
    """181 3945 5638 was heard so: its end passed for a local number of which all hearings were sure."""
    text = f"{head}三九四五五六三八"
    reading = Reading("39455638", True, ("39455638",))
    found = with_number(Heard(text, 0.9, 0.0), NumberSpan(len(head), len(text), NumberKind.LOCAL), reading)
    assert [number.sure for number in found.numbers] == [sure]


@given(
    head=st.text("好的号码𠮷，", max_size=5),
    part=st.text("零一二三四五六七八九幺，- ", min_size=1, max_size=24),
    tail=st.text("谢。是x", max_size=5),
    digits=st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
)
def test_places_stay_right(head, part, tail, digits):
    """Whatever text stands around it: the number's place has it, and the correction gives the old words back."""
    text = head + part + tail
    span = number_span(text)
    if span is None:
        return
    found = with_number(Heard(text, 0.9, 0.0), span, Reading(digits, True, (digits,)))
    number = found.numbers[0]
    assert found.text[number.start : number.end] == digits
    restored = found.text
    for one in reversed(found.corrections):
        restored = restored[: one.start] + one.original + restored[one.end :]
    assert restored == text
