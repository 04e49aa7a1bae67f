"""The Replaces header."""

import pytest

from telephony.sip.replaces import Replaces, read_replaces


@pytest.mark.parametrize(
    ("text", "replaces"),
    [
        ("a@b;to-tag=1;from-tag=2", Replaces(call_id="a@b", our_tag="1", their_tag="2")),
        (
            "a@b ; FROM-TAG = 2 ; to-tag=1;early-only;x=y",
            Replaces(call_id="a@b", our_tag="1", their_tag="2", early_only=True),
        ),
        ("a@b;to-tag=1", None),
        ("a@b;from-tag=1", None),
        (";to-tag=1;from-tag=2", None),
        ("a@b;to-tag=1;to-tag=3;from-tag=2", None),
        ("", None),
    ],
)
def test_which_call_is_meant(text: str, replaces: Replaces | None) -> None:
    assert read_replaces(text) == replaces
