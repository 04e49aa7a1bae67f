from asr.recogniser import Hypothesis
from asr.rescoring import Believed, Rescorer, corrections
from asr.rewriting import Costs, Rewriter
from asr.sound_alike import SoundIndex
from domain.speech import Correction
from tests.asr.words import FewWords

MODEL = FewWords({"政务": -6.0, "证物": -12.0, "大厅": -7.0, "打听": -9.0, "三": -4.0, "楼": -5.0, "龙": -8.0})
RESCORER = Rescorer(Rewriter(MODEL, SoundIndex(MODEL.words), Costs(language=1.0, same=1.0, near=2.0)))


def test_the_original_is_kept_with_its_correction() -> None:
    believed = RESCORER.believed([Hypothesis("证物大厅，3楼。", -2.0)])
    assert believed == Believed("政务大厅，3楼。", (Correction(0, 2, "证物"),))


def test_a_second_hypothesis_wins_when_the_words_are_likelier() -> None:
    hypotheses = [Hypothesis("政务打听", -2.0), Hypothesis("政务大厅", -2.5)]
    assert RESCORER.believed(hypotheses) == Believed("政务大厅", ())


def test_hypotheses_that_say_the_same_strengthen_each_other() -> None:
    plain = Rescorer(Rewriter(MODEL, SoundIndex(MODEL.words), Costs(language=0.0)))
    hypotheses = [Hypothesis("三龙", -2.0), Hypothesis("3楼", -2.3), Hypothesis("三楼。", -2.4)]
    assert plain.believed(hypotheses).text == "3楼"


def test_what_has_no_sound_is_left_as_it_is() -> None:
    assert RESCORER.believed([Hypothesis("", -1.0)]) == Believed("", ())
    assert RESCORER.believed([Hypothesis("……", -1.0), Hypothesis("三楼", -3.0)]).text == "三楼"


def test_neighbouring_corrections_are_one() -> None:
    assert corrections("甲乙丙丁戊", "甲二三丁五") == (Correction(1, 3, "乙丙"), Correction(4, 5, "戊"))
    assert corrections("甲", "甲") == ()
