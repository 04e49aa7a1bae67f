"""Names as callers and agents say them."""

from collections.abc import Callable

import pytest

from agent_assist.caller_name import find_caller_name
from agent_assist.transcript import Transcript

Converse = Callable[..., Transcript]


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("C:我姓王",), "王"),
        (("C:免贵姓李，李女士",), "李女士"),
        (("A:请问您贵姓", "C:免贵姓张"), "张"),
        (("A:请问您贵姓？", "C:刘。"), "刘"),
        (("A:您怎么称呼", "C:陈先生"), "陈先生"),
        (("A:怎么称呼您", "C:我姓木子李", "A:李女士您好"), "李女士"),
        (("C:弓长张",), "张"),
        (("C:我叫刘建国",), "刘建国"),
        (("A:您好请问您贵姓", "C:免贵性赵"), "赵"),
        (("C:我姓欧阳",), "欧阳"),
        (("A:好的周女士，我帮您登记",), "周女士"),
        (("C:我姓孙", "A:孙先生，请问您的电话"), "孙先生"),
    ],
)
def test_names(converse: Converse, lines: tuple[str, ...], name: str) -> None:
    field = find_caller_name(converse(*lines))
    assert field is not None
    assert field.value == name


@pytest.mark.parametrize(
    "lines",
    [
        ("C:我是江畔人家小区的业主",),
        ("C:我叫他们别吵了",),
        ("A:请问您贵姓", "C:我想问一下公积金"),
        ("A:请问贵姓", "C:这个不方便说"),
        ("C:我们小区的老王先生家里",),
        ("C:物业说他们不管",),
    ],
)
def test_no_name_where_none_was_said(converse: Converse, lines: tuple[str, ...]) -> None:
    assert find_caller_name(converse(*lines)) is None
