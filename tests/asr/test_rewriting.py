import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.rewriting import Costs, Rewriter
from asr.sound_alike import SoundIndex
from asr.word_model import Context
from tests.asr.words import FewWords

MODEL = FewWords(
    {"政务": -6.0, "证物": -9.0, "服务": -5.0, "大厅": -7.0, "是": -3.0, "四": -5.0, "事": -5.0},
    {("政务", "服务"): -1.0, ("政务", "大厅"): -2.0},
)
REWRITER = Rewriter(MODEL, SoundIndex(MODEL.words))


def sure(text: str, sureness: float = 1.0) -> list[float]:
    return [sureness] * len(text)


def test_a_likelier_word_of_the_same_sound_is_taken_where_the_engine_was_unsure() -> None:
    assert REWRITER.best("证物大厅", sure("证物大厅", 0.3)).sounds == "政务大厅"


def test_what_the_engine_is_sure_of_stays_when_the_model_has_little_to_say() -> None:
    assert REWRITER.best("证物", sure("证物")).sounds == "证物"
    eager = Rewriter(MODEL, SoundIndex(MODEL.words), Costs(language=2.0))
    assert eager.best("证物", sure("证物")).sounds == "政务"


def test_one_sure_character_keeps_its_word() -> None:
    costs = Costs(language=1.0, same=4.0)
    rewriter = Rewriter(MODEL, SoundIndex(MODEL.words), costs)
    assert rewriter.best("证物服务", [0.3, 0.3, 1.0, 1.0]).sounds == "政务服务"
    assert rewriter.best("证物服务", [1.0, 1.0, 1.0, 1.0]).sounds == "证物服务"


def test_numbers_are_left_alone() -> None:
    assert REWRITER.best("四四四四四", sure("四四四四四", 0.0)).sounds == "四四四四四"
    assert REWRITER.best("四十四点四", sure("四十四点四", 0.0)).sounds == "四十四点四"
    assert REWRITER.best("四", [0.0]).sounds == "是"


@given(st.text("政证物务服大厅四事是xyz零一", max_size=12), st.floats(0, 1))
def test_a_rewriting_is_as_long_as_the_text(text: str, sureness: float) -> None:
    rewriting = REWRITER.best(text, sure(text, sureness))
    assert len(rewriting.sounds) == len(text)
    assert rewriting.score <= 0.0


@pytest.mark.parametrize("text", ["", "xyz", "甲乙"])
def test_without_known_words_nothing_changes(text: str) -> None:
    assert REWRITER.best(text, sure(text)).sounds == text


def test_the_model_is_not_asked_about_what_is_hopeless_whatever_it_says() -> None:
    asked: list[str] = []

    class Asked(FewWords):
        def follow(self, context: Context, word: str) -> tuple[float, Context]:
            asked.append(word)
            return super().follow(context, word)

    model = Asked({"政务": -6.0, "证物": -9.0}, {})
    rewriter = Rewriter(model, SoundIndex(model.words), Costs(same=2.0))
    assert rewriter.best("政务", sure("政务")).sounds == "政务"
    assert asked == ["政务"]
    assert rewriter.best("政务", sure("政务", 0.1)).sounds == "政务"
    assert asked == ["政务", "政务", "证物"]
