from hypothesis import given
from hypothesis import strategies as st

from asr.local_agreement import LocalAgreement, SoFarSaid

HYPOTHESES = st.lists(st.text(alphabet="你好我是，。", max_size=9), max_size=8)


def shown(*hypotheses: str) -> list[SoFarSaid]:
    agreement = LocalAgreement()
    return [agreement.hear(hypothesis, cut=False) for hypothesis in hypotheses]


def firm(said: SoFarSaid) -> str:
    return said.text[: said.firm]


def test_the_first_hypothesis_is_a_guess_and_what_the_second_repeats_is_firm() -> None:
    assert shown("我想反", "我想反映") == [SoFarSaid("我想反", 0), SoFarSaid("我想反映", 3)]


def test_a_guess_may_change_and_is_firm_when_it_comes_twice() -> None:
    assert [firm(said) for said in shown("我想犯", "我想反映", "我想反映路灯")] == ["", "我想", "我想反映"]


def test_a_firm_word_that_is_spelt_otherwise_later_stays_and_its_rest_follows() -> None:
    assert [said.text for said in shown("政务大厅", "政务大厅", "证物大厅没有人")] == [
        "政务大厅",
        "政务大厅",
        "政务大厅没有人",
    ]
    assert shown("我想反映", "我想反映", "我反映路灯")[-1].text == "我想反映路灯"
    assert shown("我想反映", "我想反映", "我想要反映路灯")[-1].text == "我想反映路灯"


def test_punctuation_at_the_end_stays_open() -> None:
    assert [firm(said) for said in shown("你好。", "你好。", "你好，我是")] == ["", "你好", "你好"]
    assert shown("你好。", "你好。", "你好，我是")[-1].text == "你好，我是"


def test_an_empty_or_shorter_hypothesis_takes_nothing_firm_back() -> None:
    assert [said.text for said in shown("你好我是", "你好我是", "", "你好")] == ["你好我是"] * 4


@given(HYPOTHESES)
def test_what_is_firm_is_never_taken_back(hypotheses: list[str]) -> None:
    before = ""
    for said in shown(*hypotheses):
        assert said.text.startswith(before)
        assert 0 <= said.firm <= len(said.text)
        assert firm(said).startswith(before)
        before = firm(said)
        assert not before or before[-1].isalnum()


@given(st.text(alphabet="你好我是，。", max_size=9))
def test_what_is_heard_the_same_twice_is_shown_as_it_is(text: str) -> None:
    assert [said.text for said in shown(text, text)] == [text, text]


def test_the_end_of_a_guess_is_held_back_while_the_voice_goes_on_and_firm_words_are_not() -> None:
    agreement = LocalAgreement()
    assert agreement.hear("你", cut=True) == SoFarSaid("", 0)
    assert agreement.hear("我想反应", cut=True) == SoFarSaid("我想", 0)
    assert agreement.hear("我想反映", cut=True) == SoFarSaid("我想反", 3)
    assert agreement.hear("我想反映", cut=True) == SoFarSaid("我想反映", 4)


def test_while_nothing_is_shown_a_doubt_holds_nothing_back() -> None:
    assert LocalAgreement().hear("我想犯", cut=False, doubt=1) == SoFarSaid("我想犯", 0)


def test_what_the_engine_doubts_is_not_shown() -> None:
    agreement = LocalAgreement()
    agreement.hear("我想", cut=False)
    assert agreement.hear("我想犯应", cut=False, doubt=2) == SoFarSaid("我想", 2)
    assert agreement.hear("我想反映路灯", cut=False, doubt=4) == SoFarSaid("我想反映", 2)


def test_an_older_guess_stays_until_another_contradicts_it_without_a_doubt() -> None:
    agreement = LocalAgreement()
    agreement.hear("我想反映", cut=False)
    assert agreement.hear("我要犯应路", cut=False, doubt=1).text == "我想反映"
    assert agreement.hear("我要求换路灯", cut=False, doubt=3) == SoFarSaid("我要求", 2)
    assert agreement.hear("我要求修路灯", cut=False, doubt=4) == SoFarSaid("我要求修", 3)


@given(st.lists(st.tuples(st.text(alphabet="你好我是，。", max_size=9), st.integers(0, 9)), max_size=8))
def test_with_doubts_too_what_is_firm_is_never_taken_back(hypotheses: list[tuple[str, int]]) -> None:
    before, agreement = "", LocalAgreement()
    for hypothesis, doubt in hypotheses:
        said = agreement.hear(hypothesis, cut=True, doubt=doubt)
        assert said.text.startswith(before)
        assert firm(said).startswith(before)
        before = firm(said)
