from hypothesis import given, settings
from hypothesis import strategies as st

from asr.final_words import Writer
from asr.recogniser import Heard, Word
from domain.speech import Correction, HotWord, NumberKind, SpokenNumber, SpokenWords, as_said

VOICED = ((1000, 3000), (3500, 4000))


def heard(text: str, **more: object) -> Heard:
    return Heard(text, 0.9, 0.0, **more)


def test_numbers_are_written_with_the_times_of_their_sounds() -> None:
    spoken = "下午三点半在十八号楼。"
    words = tuple(Word(char, place / 10, place / 10 + 0.1, 0.9) for place, char in enumerate(spoken[:-1]))
    final = Writer().final_words(heard(spoken, words=words), VOICED, 1000)
    assert final.text == "下午3点半在18号楼。"
    assert final.spoken == (SpokenWords(2, 3, "三"), SpokenWords(6, 8, "十八"))
    assert final.char_ms[final.text.index("18")] == 1600
    assert not final.times_approximate


def test_what_the_listener_knows_of_the_words_goes_along() -> None:
    number = SpokenNumber(
        start=8, end=19, kind=NumberKind.MOBILE, digits="13800138000", sure=True, candidates=("13800138000",)
    )
    spoken = "住十八号楼电话，13800138000。"
    said = heard(
        spoken,
        corrections=(Correction(2, 3, "吧"),),
        char_confidence=(0.9, 0.9, 0.4, *(0.9 for _ in spoken[3:])),
        numbers=(number,),
    )
    final = Writer().final_words(said, VOICED, 1000)
    assert final.text == "住18号楼电话，13800138000。"
    assert final.corrections == (Correction(1, 3, "十吧"),)
    assert final.char_confidence[:4] == (0.9, 0.4, 0.4, 0.9)
    assert final.text[final.numbers[0].start : final.numbers[0].end] == "13800138000"
    assert final.times_approximate


def test_the_citys_words_stay_until_others_come() -> None:
    writer = Writer()
    writer.put([HotWord("六号院"), HotWord("八号院", 0.0)])
    assert writer.final_words(heard("在中山路六号院"), VOICED, 0).text == "在中山路六号院"
    assert writer.final_words(heard("在中山路八号院"), VOICED, 0).text == "在中山路8号院"
    writer.put([])
    assert writer.final_words(heard("在中山路六号院"), VOICED, 0).text == "在中山路6号院"


def test_an_engine_without_marks_gets_some() -> None:
    words = (Word("小区停水三天", 0.0, 1.2, 0.9), Word("了", 1.2, 1.3, 0.9), Word("怎么办", 1.8, 2.2, 0.9))
    final = Writer().final_words(heard("小区停水三天了怎么办？", words=words), VOICED, 1000)
    assert final.text == "小区停水三天了，怎么办？"
    assert final.char_ms[7] == final.char_ms[8] == 2800


@settings(deadline=None)
@given(st.text("小区三十八号楼点半百分之二路的，", min_size=1, max_size=20))
def test_everything_has_its_place_and_what_was_said_comes_back(text: str) -> None:
    confidence = tuple(0.5 + place / 100 for place in range(len(text)))
    final = Writer().final_words(heard(text, char_confidence=confidence), VOICED, 0)
    assert len(final.text) == len(final.char_ms) == len(final.char_confidence)
    assert list(final.char_ms) == sorted(final.char_ms)
    assert 1000 <= final.char_ms[0] <= final.char_ms[-1] <= 4000
    assert as_said(final.text, final.spoken) == text
