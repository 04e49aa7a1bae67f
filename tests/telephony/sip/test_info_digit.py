import pytest

from telephony.sip.info_digit import info_digit


@pytest.mark.parametrize(
    ("content_type", "body", "digit"),
    [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5"),
        ("application/dtmf-relay", "Signal= *\r\n", "*"),
        ("application/dtmf-relay", "Duration=160\r\nsignal=#", None),
        ("application/dtmf-relay", "Signal=11\n", "#"),
        ("application/dtmf-relay", "Signal=a", "A"),
        ("application/dtmf-relay", "Signal=55", None),
        ("application/dtmf", "0", "0"),
        ("application/dtmf", " 10\r\n", "*"),
        ("application/dtmf", "hello", None),
        ("application/dtmf", "", None),
    ],
)
def test_the_key_of_a_body(content_type: str, body: str, digit: str | None) -> None:
    assert info_digit(content_type, body) == digit
