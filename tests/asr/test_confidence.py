from hypothesis import given
from hypothesis import strategies as st

from asr.confidence import WHISPER_BASE, mean_confidence, with_confidence
from asr.recogniser import Heard, Hypothesis
from domain.speech import Correction

_TEXT = st.text("政务大厅三楼一二12，。 ab", min_size=1, max_size=12)


def heard(text: str, *hypotheses: Hypothesis, corrections: tuple[Correction, ...] = ()) -> Heard:
    return Heard(text, 0.9, 0.0, corrections=corrections, alternatives=hypotheses)


def test_what_the_hypotheses_do_not_agree_on_is_less_sure() -> None:
    said = with_confidence(
        heard("政务大厅。", Hypothesis("政务大厅", -1.0), Hypothesis("政府大厅", -1.1)), WHISPER_BASE
    )
    assert said.char_confidence[1] < said.char_confidence[0]
    assert said.confidence == round(sum(said.char_confidence[:4]) / 4, 2)


def test_what_the_engine_finds_improbable_is_less_sure() -> None:
    one, other = (with_confidence(heard("三楼", Hypothesis("三楼", p)), WHISPER_BASE) for p in (-0.2, -6.0))
    assert other.confidence < one.confidence


def test_an_engine_without_hypotheses_keeps_its_own_word() -> None:
    said = Heard("三楼", 0.8, 0.0)
    assert with_confidence(said, WHISPER_BASE) is said


def test_punctuation_does_not_count() -> None:
    assert mean_confidence("好，", (0.5, 1.0)) == 0.5
    assert mean_confidence("，", (0.5,)) == 0.5


@given(_TEXT, st.lists(st.tuples(_TEXT, st.floats(-200, 0)), min_size=1, max_size=8))
def test_every_character_has_a_confidence(text: str, hypotheses: list[tuple[str, float]]) -> None:
    said = with_confidence(heard(text, *(Hypothesis(*each) for each in hypotheses)), WHISPER_BASE)
    assert len(said.char_confidence) == len(text)
    assert all(0 <= one <= 1 for one in (*said.char_confidence, said.confidence))
