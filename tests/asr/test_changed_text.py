from hypothesis import given, settings
from hypothesis import strategies as st

from asr.changed_text import Change, ChangedText
from domain.speech import Correction, NumberKind, SpokenNumber, SpokenWords, as_said

CHANGED = ChangedText("住十八号楼一零二", (Change(1, 3, "18"), Change(5, 5, "，"), Change(5, 8, "102")))


@st.composite
def changed_texts(draw: st.DrawFn) -> ChangedText:
    original = draw(st.text("甲乙丙丁戊己", max_size=12))
    cuts = sorted(draw(st.lists(st.integers(0, len(original)), max_size=6)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    return ChangedText(original, tuple(Change(a, b, draw(st.text("12", min_size=1, max_size=3))) for a, b in spans))


def test_what_was_said_stands_in_the_places_of_what_is_written() -> None:
    assert CHANGED.text == "住18号楼，102"
    assert CHANGED.spoken == (SpokenWords(1, 3, "十八"), SpokenWords(6, 9, "一零二"))


def test_each_character_has_the_place_of_what_it_stands_for() -> None:
    assert CHANGED.sources == (0, 1, 2, 3, 4, 5, 5, 6, 7)
    shorter = ChangedText("百分之八十的", (Change(0, 5, "80%"),))
    assert shorter.sources == (0, 1, 3, 5)
    assert shorter.of_places((10, 20, 30, 40, 50, 60), 70) == (10, 20, 40, 60)


def test_a_number_is_as_sure_as_its_least_sure_sound() -> None:
    assert CHANGED.least((0.9, 0.8, 0.5, 0.9, 0.7, 0.6, 0.9, 0.9)) == (0.9, 0.5, 0.5, 0.9, 0.7, 0.7, 0.6, 0.6, 0.6)
    assert CHANGED.least(()) == ()


def test_corrections_go_along_and_one_inside_a_number_has_all_of_it() -> None:
    before = (Correction(2, 4, "把好"), Correction(4, 5, "漏"), Correction(6, 7, "林"))
    assert CHANGED.corrections(before) == (
        Correction(1, 4, "十把好"),
        Correction(4, 5, "漏"),
        Correction(6, 9, "一林二"),
    )


def test_two_corrections_in_one_number_are_one() -> None:
    assert CHANGED.corrections((Correction(5, 6, "衣"), Correction(7, 8, "儿"))) == (Correction(6, 9, "衣零儿"),)


def test_read_out_numbers_go_along() -> None:
    number = SpokenNumber(start=2, end=4, kind=NumberKind.MOBILE, digits="13", sure=True, candidates=("13",))
    changed = ChangedText("三天13", (Change(0, 1, "333"),))
    (moved,) = changed.numbers((number,))
    assert changed.text[moved.start : moved.end] == "13"


@settings(deadline=None)
@given(changed_texts())
def test_places_never_fall_and_what_was_said_comes_back(changed: ChangedText) -> None:
    assert len(changed.sources) == len(changed.text)
    assert list(changed.sources) == sorted(changed.sources)
    assert all(0 <= source <= len(changed.original) for source in changed.sources)
    insertions = sum(len(change.written) for change in changed.changes if change.start == change.end)
    said = as_said(changed.text, changed.spoken)
    assert len(said) == len(changed.original) + insertions
    if not insertions:
        assert said == changed.original


@settings(deadline=None)
@given(changed_texts(), st.data())
def test_corrections_lead_back_to_what_the_engine_wrote(changed: ChangedText, data: st.DataObject) -> None:
    places = range(len(changed.original))
    chosen = sorted(data.draw(st.sets(st.sampled_from(places), max_size=4))) if places else []
    engines = "".join("错" if place in chosen else char for place, char in enumerate(changed.original))
    moved = changed.corrections([Correction(place, place + 1, "错") for place in chosen])
    if all(change.end > change.start for change in changed.changes):
        written = {(one.start, one.end): one.original for one in moved}
        spoken = {(one.start, one.end): one.words for one in changed.spoken}
        out, place = "", 0
        for (start, end), words in sorted((spoken | written).items()):
            if start >= place:
                out, place = out + changed.text[place:start] + words, end
        assert out + changed.text[place:] == engines
