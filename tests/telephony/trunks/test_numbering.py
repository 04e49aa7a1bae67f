import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telephony.trunks.numbering import Number, NumberForm, NumberKind, is_area_code, read_number, write_number

AREA = "022"
MOBILE = "13812345678"
LANDLINE = "02223456789"


@pytest.mark.parametrize(
    ("text", "kind", "digits"),
    [
        # mobile numbers, as networks write them
        ("13812345678", NumberKind.MOBILE, MOBILE),
        ("013812345678", NumberKind.MOBILE, MOBILE),
        ("+8613812345678", NumberKind.MOBILE, MOBILE),
        ("008613812345678", NumberKind.MOBILE, MOBILE),
        ("8613812345678", NumberKind.MOBILE, MOBILE),
        ("+86013812345678", NumberKind.MOBILE, MOBILE),
        ("+86 138-1234-5678", NumberKind.MOBILE, MOBILE),
        ("19912345678", NumberKind.MOBILE, "19912345678"),
        # landlines: of one's own area, with and without code, and of others
        ("23456789", NumberKind.LANDLINE, LANDLINE),
        ("02223456789", NumberKind.LANDLINE, LANDLINE),
        ("(022) 2345 6789", NumberKind.LANDLINE, LANDLINE),
        ("2223456789", NumberKind.LANDLINE, LANDLINE),
        ("862223456789", NumberKind.LANDLINE, LANDLINE),
        ("+862223456789", NumberKind.LANDLINE, LANDLINE),
        ("+8602223456789", NumberKind.LANDLINE, LANDLINE),
        ("00862223456789", NumberKind.LANDLINE, LANDLINE),
        ("01062345678", NumberKind.LANDLINE, "01062345678"),
        ("861062345678", NumberKind.LANDLINE, "01062345678"),
        ("03112345678", NumberKind.LANDLINE, "03112345678"),
        ("8657187654321", NumberKind.LANDLINE, "057187654321"),
        # a local number that begins with the country's code
        ("86123456", NumberKind.LANDLINE, "02286123456"),
        ("8612345", NumberKind.LANDLINE, "0228612345"),
        # service numbers
        ("12345", NumberKind.SERVICE, "12345"),
        ("110", NumberKind.SERVICE, "110"),
        ("+86110", NumberKind.SERVICE, "110"),
        ("10086", NumberKind.SERVICE, "10086"),
        ("95588", NumberKind.SERVICE, "95588"),
        ("4008123456", NumberKind.SERVICE, "4008123456"),
        ("02212345", NumberKind.SERVICE, "12345"),
        ("+862212345", NumberKind.SERVICE, "12345"),
        ("057112345", NumberKind.SERVICE, "057112345"),
        ("+8657112345", NumberKind.SERVICE, "057112345"),
        # abroad
        ("+14155550100", NumberKind.FOREIGN, "0014155550100"),
        ("0014155550100", NumberKind.FOREIGN, "0014155550100"),
        ("+85223456789", NumberKind.FOREIGN, "0085223456789"),
        # nothing of the plan: left as it came
        ("anonymous", NumberKind.OTHER, "anonymous"),
        ("8001", NumberKind.OTHER, "8001"),
        ("", NumberKind.OTHER, ""),
        ("+", NumberKind.OTHER, "+"),
        ("+1", NumberKind.OTHER, "+1"),
        ("١٣٨١٢٣٤٥٦٧٨", NumberKind.OTHER, "١٣٨١٢٣٤٥٦٧٨"),  # digits that are no ASCII
        ("0099999999999999999999", NumberKind.OTHER, "0099999999999999999999"),
    ],
)
def test_each_way_to_write_a_number_is_read(text: str, kind: NumberKind, digits: str) -> None:
    assert read_number(text, AREA) == Number(kind=kind, digits=digits)


def test_without_an_area_code_a_local_number_stays_as_it_came() -> None:
    assert read_number("23456789") == Number(kind=NumberKind.OTHER, digits="23456789")


FORMS = (
    NumberForm.NATIONAL,
    NumberForm.LOCAL,
    NumberForm.LONG_DISTANCE,
    NumberForm.E164,
    NumberForm.INTERNATIONAL,
    NumberForm.PLAIN,
)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (MOBILE, (MOBILE, MOBILE, "013812345678", "+8613812345678", "008613812345678", "8613812345678")),
        (LANDLINE, (LANDLINE, "23456789", LANDLINE, "+862223456789", "00862223456789", "862223456789")),
        (
            "01062345678",
            ("01062345678", "01062345678", "01062345678", "+861062345678", "00861062345678", "861062345678"),
        ),
        ("12345", ("12345",) * 6),
        ("057112345", ("057112345", "057112345", "057112345", "+8657112345", "008657112345", "8657112345")),
        ("+14155550100", ("0014155550100",) * 3 + ("+14155550100", "0014155550100", "14155550100")),
        ("8001", ("8001",) * 6),
    ],
)
def test_each_form_that_a_trunk_may_want(text: str, written: tuple[str, ...]) -> None:
    number = read_number(text, AREA)
    assert tuple(write_number(number, form, AREA) for form in FORMS) == written


@pytest.mark.parametrize(
    ("text", "right"), [("010", True), ("022", True), ("0571", True), ("22", False), ("01", False), ("0400", False)]
)
def test_area_codes(text: str, right: bool) -> None:
    assert is_area_code(text) is right


@st.composite
def subscribers(draw: st.DrawFn) -> Number:
    """Any mobile or landline number of the plan."""
    if draw(st.booleans()):
        return Number(kind=NumberKind.MOBILE, digits=draw(st.from_regex(r"\A1[3-9][0-9]{9}\Z")))
    digits = draw(st.from_regex(r"\A0(?:(?:10|2[0-9])[2-9][0-9]{7}|(?![48]00)[3-9][0-9]{2}[2-9][0-9]{6,7})\Z"))
    return Number(kind=NumberKind.LANDLINE, digits=digits)


@example(Number(kind=NumberKind.LANDLINE, digits="04012000000"), NumberForm.E164, "022")
@given(subscribers(), st.sampled_from(FORMS), st.sampled_from(["022", "010", "0571"]))
def test_what_is_written_is_read_back(number: Number, form: NumberForm, area: str) -> None:
    if number.digits.startswith(area) and number.digits.removeprefix(area).startswith("9"):
        return  # a local number that begins with 9 cannot be told from a service number without its code
    assert read_number(write_number(number, form, area), area) == number


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    number = read_number(text, AREA)
    assert number.kind is not NumberKind.OTHER or number.digits == text
