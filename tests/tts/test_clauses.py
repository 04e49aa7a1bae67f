from hypothesis import given
from hypothesis import strategies as st

from tts.clauses import clauses, sentences


def test_the_first_clause_is_short_and_later_ones_are_gathered() -> None:
    text = "您好，关于居住证的办理，需要携带身份证原件、近期照片和租房合同。办理时限为三个工作日。"
    assert clauses(text) == (
        "您好，",
        "关于居住证的办理，需要携带身份证原件、",
        "近期照片和租房合同。",
        "办理时限为三个工作日。",
    )


def test_short_openings_share_the_first_piece() -> None:
    assert clauses("好的，您好，请稍等一下，马上就来。")[0] == "好的，您好，"


def test_sentences_end_at_their_punctuation() -> None:
    assert sentences("好的。请问您贵姓？我姓王！") == ("好的。", "请问您贵姓？", "我姓王！")


@given(st.text(alphabet="甲乙丙丁，。？！、 ", max_size=60))
def test_no_word_is_lost(text: str) -> None:
    spoken = "".join(character for character in text if character in "甲乙丙丁")
    for cut in (clauses(text), sentences(text)):
        assert "".join(character for character in "".join(cut) if character in "甲乙丙丁") == spoken
