"""Where a text has a number of which the recogniser made words."""

import pytest

from asr.number_span import NumberSpan, may_hide_number, number_span, span_between
from asr.recogniser import Word
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


@pytest.mark.parametrize("text", ["等务期企业物流807。", "号码是有司祈，请有误散，清零二三谢谢。", "有54212。"])
def test_words_may_hide_a_number_that_no_rule_finds(text: str) -> None:
    assert number_span(text) is None
    assert may_hide_number(text)


@pytest.mark.parametrize("text", ["", "我们小区的电梯已经坏了三天了", "有人在楼下放音乐吵得睡不着"])
def test_other_words_hide_none(text: str) -> None:
    assert not may_hide_number(text)


_TEXT = "号码是有碗散，954查血。"
_WORDS = [
    Word(char, place * 0.2, (place + 1) * 0.2, 1.0)
    for place, char in enumerate(char for char in _TEXT if char.isalnum())
]


@pytest.mark.parametrize(
    ("start_s", "end_s", "part"),
    [(0.6, 1.8, "有碗散，954"), (0.55, 1.85, "有碗散，954"), (0.3, 1.8, "码是有碗散，954"), (0.45, 1.8, "有碗散，954")],
)
def test_the_words_of_a_time_are_those_that_are_mostly_in_it(start_s: float, end_s: float, part: str) -> None:
    start = _TEXT.index(part)
    span = span_between(_TEXT, _WORDS, start_s, end_s, NumberKind.MOBILE)
    assert span == NumberSpan(start, start + len(part), NumberKind.MOBILE)


def test_without_times_or_words_in_it_there_is_no_span() -> None:
    assert span_between(_TEXT, (), 0.0, 9.0, NumberKind.MOBILE) is None
    assert span_between(_TEXT, _WORDS, 3.0, 4.0, NumberKind.MOBILE) is None


def test_a_number_by_its_value_is_none_that_is_read_out() -> None:
    text = "一共328万1千138.48。"
    words = [Word(char, place * 0.2, (place + 1) * 0.2, 1.0) for place, char in enumerate(text.replace(".", "")[:-1])]
    assert span_between(text, words, 0.4, 9.0, NumberKind.MOBILE) is None
    assert span_between(text, words, 1.8, 9.0, NumberKind.MOBILE) is not None
