import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.spoken_form import spoken_form


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        ("您好，请讲。", "您好请讲"),
        ("住5号楼", "住五号楼"),
        ("２０２６年", "二零二六年"),
        ("涨了12.5%！", "涨了百分之十二点五"),
        ("共1,200元", "共一千二百元"),
        ("K歌 两次", "k歌两次"),
        ("。，！", ""),
    ],
)
def test_it_holds_what_is_heard(text: str, sounds: str) -> None:
    assert spoken_form(text).sounds == sounds


def test_other_sounds_go_to_the_places_of_the_old_ones() -> None:
    form = spoken_form("证物大厅，3楼。")
    assert form.sounds == "证物大厅三楼"
    assert form.with_sounds("证物大厅，3楼。", "政务大厅三楼") == "政务大厅，3楼。"


@given(st.text("天地人0123，。%.年A１ ", max_size=20))
def test_its_own_sounds_leave_characters_as_they_are(text: str) -> None:
    form = spoken_form(text)
    assert len(form.sounds) == len(form.places)
    again = form.with_sounds(text, form.sounds)
    assert len(again) == len(text)
    assert spoken_form(again) == form
