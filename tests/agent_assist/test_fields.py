"""Appeal type, category, urgency, department and summary in single situations."""

from collections.abc import Callable

import pytest

from agent_assist.clause import without_fillers
from agent_assist.summary import third_person
from domain.ticket import DraftField, FieldName

Draft = Callable[..., dict[FieldName, DraftField]]


@pytest.mark.parametrize(
    ("line", "appeal"),
    [
        ("C:我要投诉楼下饭店油烟太大", "投诉"),
        ("C:请问一下公积金怎么提取", "咨询"),
        ("C:我要举报有工厂晚上偷排废水", "举报"),
        ("C:我有个建议，能不能在路口增设一个红绿灯", "建议"),
        ("C:我想表扬一下派出所的民警，特别感谢他", "表扬"),
        ("C:家里没水了，麻烦派人来修一下", "求助"),
    ],
)
def test_the_six_appeal_types(draft: Draft, line: str, appeal: str) -> None:
    assert draft(line)[FieldName.APPEAL_TYPE].value == appeal


@pytest.mark.parametrize(
    ("line", "urgency"),
    [
        ("C:我家有很重的煤气味", "特急"),
        ("C:没有闻到煤气味，就是想开通天然气", "一般"),
        ("C:整个小区停水一天了", "紧急"),
        ("C:路上井盖没了很危险", "紧急"),
        ("C:我这个房产证办不下来，好几年了，几个部门互相推诿", "复杂"),
        ("C:路灯坏了", "一般"),
    ],
)
def test_urgency(draft: Draft, line: str, urgency: str) -> None:
    assert draft(line)[FieldName.URGENCY].value == urgency


def test_the_department_is_the_districts_where_it_is_known(draft: Draft) -> None:
    assert draft("C:路灯坏了")[FieldName.DEPARTMENT].value == "市城市管理局"
    assert draft("C:柳湾路路灯坏了")[FieldName.DEPARTMENT].value == "河西区城市管理局"


def test_the_summary_is_in_the_third_person_and_without_fillers(draft: Draft) -> None:
    fields = draft("C:呃那个，我们小区那个路灯啊，好几天都不亮了。", "C:我住在柳湾春天", "C:希望你们尽快来修，谢谢")
    assert fields[FieldName.SUMMARY].value == (
        "来电人求助，反映：位于云江市河西区柳湾街道柳湾春天，小区那个路灯，好几天都不亮了。希望相关部门尽快来修。"
    )


def test_a_title_has_at_most_thirty_characters(draft: Draft) -> None:
    for place in ("云山区桂园街道桂花苑小区十二栋三单元一二零三室", "柳湾路", ""):
        title = draft(f"C:我住在{place}", "C:工地夜间施工吵得睡不着，我要投诉")[FieldName.TITLE].value
        assert len(title) <= 30
        assert title.endswith("夜间施工噪声扰民投诉")


def test_fillers_go_and_meant_repetition_stays() -> None:
    assert without_fillers("呃然后那个我我家没水") == "我家没水"
    assert without_fillers("天天轰隆隆的") == "天天轰隆隆的"
    assert third_person("我们小区没水") == "小区没水"
    assert third_person("麻烦你们来一下") == "相关部门来一下"
