"""What a Refer-To header asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.replaces import Replaces
from telephony.sip.transfer import Transfer, read_refer_to

REPLACES = "Replaces=abc%40host%3Bto-tag%3D1%3Bfrom-tag%3D2"
OTHER = Replaces(call_id="abc@host", our_tag="1", their_tag="2")


@pytest.mark.parametrize(
    ("text", "transfer"),
    [
        ("<sip:8002@192.0.2.1>", Transfer(target="8002")),
        ("sip:8002@192.0.2.1", Transfer(target="8002")),
        ('"坐席 8002" <sip:8002@hotline.example:5060;user=phone>', Transfer(target="8002")),
        ("<sip:%2A61@hotline.example>", Transfer(target="*61")),
        ("<tel:022-12345>", Transfer(target="02212345")),
        (f"<sip:8002@192.0.2.1?{REPLACES}>", Transfer(target="8002", replaces=OTHER)),
        (f"<sip:8002@192.0.2.1?X=1&{REPLACES}>;x=y", Transfer(target="8002", replaces=OTHER)),
        ("<sip:anna@elsewhere.example>", Transfer(target="sip:anna@elsewhere.example")),
        ("<sip:anna@192.0.2.9:5062>", Transfer(target="anna")),
        ("<sip:8002@192.0.2.1;method=INVITE>", Transfer(target="8002")),
        ("<sip:8002@192.0.2.1?method=BYE>", None),
        ("<sip:8002@192.0.2.1?Replaces=abc%3Bto-tag%3D1>", None),
        ("<sip:8002@192.0.2.1?Replaces=>", None),
        ("<mailto:anna@elsewhere.example>", None),
        ("", None),
        ("<sip:>", None),
    ],
)
def test_what_is_asked_for(text: str, transfer: Transfer | None) -> None:
    assert read_refer_to(text, "192.0.2.9") == transfer


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    transfer = read_refer_to(f"<sip:{text}@192.0.2.1>", "192.0.2.9")
    assert transfer is None or (transfer.target and "\n" not in transfer.target)
