"""Who forwarded a call, out of History-Info."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.trunks.call_history import entries_of, forwarded_by

FORWARDED = "<sip:12345@ims;user=phone;cause=302>;index=1.1"


@pytest.mark.parametrize(
    ("values", "who"),
    [
        ((), ""),
        (("<sip:12345@ims>;index=1",), ""),
        (("<sip:12345@ims;cause=302>;index=1",), ""),  # nobody stands before it
        (("<sip:+862288881234@ims;user=phone>;index=1", FORWARDED), "+862288881234"),
        ((f"<tel:+86-22-88881234>;index=1,{FORWARDED};mp=1",), "+86-22-88881234"),
        (("<sip:a@ims>;index=1", "<sip:b@ims;cause=480>;index=1.1", "<sip:12345@ims;cause=302>;index=1.1.1"), "b"),
        (("<sip:a@ims>;index=1", "<sip:b@ims>;index=1.1", "<sip:12345@ims;cause=486>;index=1.2;mp=1"), "a"),
        (("<sip:a@ims?Reason=SIP%3Bcause%3D302>;index=1", "<sip:12345@ims>;index=1.1"), ""),
        (("<sip:a@ims>;index=1", "<sip:12345@ims?Reason=SIP%3Bcause%3D302>;index=1.1"), "a"),
        (("<sip:a@ims?Privacy=history>;index=1", FORWARDED), ""),
        (("<sip:%2B8622@ims>;index=1", FORWARDED), "+8622"),
        (("<mailto:a@b>;index=1", FORWARDED), ""),
        (("rubbish", FORWARDED), ""),
    ],
)
def test_who_gave_the_call_on_last(values: tuple[str, ...], who: str) -> None:
    assert forwarded_by(values) == who


@given(st.lists(st.text(alphabet="<>;,=?@:.&%1asiptelcuvhndxmr \r\n", max_size=200), max_size=5))
def test_any_text_is_read(values: list[str]) -> None:
    entries_of(tuple(values))
    forwarded_by(tuple(values))


def test_a_long_header_is_read_in_no_time() -> None:
    values = ("<sip:a" + ";" * 60_000, "<sip:" + "a" * 900 + "@b>" * 500, "; " * 30_000, "<a>" + ";x" * 10_000)
    assert forwarded_by(values) == ""
