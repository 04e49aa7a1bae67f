"""Numbers read out, read back, or taken from the call."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from agent_assist.callback_number import find_callback_number
from agent_assist.digits import digit_runs
from agent_assist.transcript import Transcript
from domain.speech import NumberKind, SpokenNumber

Converse = Callable[..., Transcript]


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (("C:我的电话是幺三八零零幺三八零零幺",), "13800138001"),
        (("C:13912345678",), "13912345678"),
        (("C:号码是139，1234，5678",), "13912345678"),
        (("C:幺三九", "A:嗯", "C:一二三四", "C:五六七八"), "13912345678"),
        (("C:一三九要二三四五六七八",), "13912345678"),
        (("C:一三九呃一二三四，五六七八",), "13912345678"),
        (("C:1391234三个六八",), "13912346668"),
        (("C:区号零七三幺八八六六五五二二",), "073188665522"),
        (("C:就打这个电话",), "02066668888"),
        (("A:是您现在打的这个号码吗", "C:对，就这个号码"), "02066668888"),
        (("C:喂你好",), "02066668888"),
        (("C:不要打这个电话，打13912345678",), "13912345678"),
        (("C:一三九一二三四五六七九", "A:一三九一二三四五六七八对吧", "C:一三九一二三四五六七八"), "13912345678"),
    ],
)
def test_numbers(converse: Converse, lines: tuple[str, ...], number: str) -> None:
    field = find_callback_number(converse(*lines, caller_number="02066668888"))
    assert field is not None
    assert field.value == number


def test_this_number_is_surer_than_the_callers_number_alone(converse: Converse) -> None:
    agreed = find_callback_number(converse("C:就打这个电话"))
    alone = find_callback_number(converse("C:喂"))
    assert agreed is not None
    assert alone is not None
    assert agreed.confidence > alone.confidence
    assert len(agreed.evidence) == 2


def test_no_number_when_it_is_withheld_and_none_was_said(converse: Converse) -> None:
    assert find_callback_number(converse("C:就打这个电话", caller_number="")) is None


def test_a_run_of_digits_ends_at_words() -> None:
    assert [run.digits for run in digit_runs("三号楼二零一室，电话13912345678啊")] == ["201", "13912345678"]


def test_a_number_that_the_listener_doubts_is_held_less_likely(converse: Converse) -> None:
    doubted = converse("C:电话13912345678")
    (said,) = doubted.utterances
    number = SpokenNumber(
        start=2, end=13, kind=NumberKind.MOBILE, digits="13912345678", sure=False, candidates=("13912345678",)
    )
    unsure = replace(doubted, utterances=(msgspec.structs.replace(said, numbers=(number,)),))
    found, sure = find_callback_number(unsure), find_callback_number(doubted)
    assert found is not None
    assert sure is not None
    assert found.value == sure.value == "13912345678"
    assert found.confidence < 0.5 < sure.confidence
