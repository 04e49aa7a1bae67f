"""Where a text has a number of which the recogniser made words."""

import pytest

from asr.number_span import number_span
from domain.speech import NumberKind


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("有散而有宝宝是8063。", "有散而有宝宝是8063"),
        ("与我冶炼起我冶炼起我。", "与我冶炼起我冶炼起我"),
        ("我收集号是要求物起司司，就器物散就。", "要求物起司司，就器物散就"),
        ("好骂是一物散，散一旧事，物灵就起些血。", "一物散，散一旧事，物灵就起"),
        ("130起舞把是散落武林。", "130起舞把是散"),
    ],
)
def test_words_that_sound_like_a_mobile_number_are_a_faint_one(text: str, part: str) -> None:
    span = number_span(text)
    assert span is not None
    assert (span.kind, span.faint) == (NumberKind.MOBILE, True)
    assert text[span.start : span.end].startswith(part)


@pytest.mark.parametrize(
    "text",
    [
        "该园主体建筑于2018年11月建设完工",
        "延长路上的140路或125路公交线路",
        "我们小区的电梯已经坏了三天了",
        "他说一会儿就有人来看看是什么问题",
        "有人在楼下放音乐吵得睡不着",
    ],
)
def test_other_words_are_none(text: str) -> None:
    assert number_span(text) is None


@pytest.mark.parametrize(
    ("text", "part", "kind"),
    [
        ("卧底电话是以669-313702。", "以669-313702", NumberKind.MOBILE),
        ("于物以救零散三期救灵异。", "于物以救零散三期救灵异", NumberKind.MOBILE),
        ("座机是88665522。", "88665522", NumberKind.LOCAL),
    ],
)
def test_a_mobile_number_begins_with_words_before_it_that_sound_like_a_1(
    text: str, part: str, kind: NumberKind
) -> None:
    span = number_span(text)
    assert span is not None
    assert (text[span.start : span.end], span.kind, span.faint) == (part, kind, False)


def test_a_number_that_is_written_as_such_is_never_faint() -> None:
    span = number_span("我的电话是13858231743。")
    assert span is not None
    assert not span.faint
