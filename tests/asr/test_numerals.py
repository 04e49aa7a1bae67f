import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.numerals import by_value, in_digits, in_digits_each, one_by_one, value_of


@pytest.mark.parametrize(
    ("spoken", "value"),
    [
        ("十", 10),
        ("一百零二", 102),
        ("一百二", 120),
        ("一百十五", 115),
        ("两千零八", 2008),
        ("三万零五百", 30500),
        ("一万二", 12000),
        ("三亿五千万", 350_000_000),
    ],
)
def test_a_number_is_known_as_people_say_it(spoken: str, value: int) -> None:
    assert value_of(spoken) == value


@pytest.mark.parametrize(
    "spoken", ["", "三四", "十七八", "两三百", "二三十", "千万", "万一", "一零二", "五百零", "一二楼"]
)
def test_what_is_no_whole_number_is_none(spoken: str) -> None:
    assert value_of(spoken) is None


@settings(deadline=None)
@given(st.integers(0, 10**12 - 1))
def test_every_reading_leads_back_to_its_number(value: int) -> None:
    assert value_of(by_value(value)) == value


@settings(deadline=None)
@given(st.text("0123456789", min_size=1, max_size=18))
def test_digits_one_by_one_lead_back(digits: str) -> None:
    assert in_digits_each(one_by_one(digits)) == digits


def test_large_round_numbers_keep_their_unit() -> None:
    numbers = ["三千五", "三万", "一百二十万", "三亿五千万", "两亿", "三万五", "三四万"]
    assert [in_digits(number) for number in numbers] == ["3500", "3万", "120万", "3亿5000万", "2亿", "35000", ""]
