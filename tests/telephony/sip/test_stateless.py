import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.stateless import StatelessAnswers, read_request
from tests.telephony.wire_phone import parse_message

INVITE = (
    "INVITE sip:12345@192.0.2.1 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bKa, SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKb\r\n"
    "v: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKc\r\n"
    'f: "Nobody" <sip:8001@192.0.2.1>;tag=x\r\n'
    "To: <sip:12345@192.0.2.1>\r\nCall-ID: call\r\nCSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n"
)
ANSWERS = StatelessAnswers(b"k" * 32, "hotline")
SOURCE = ("203.0.113.9", 4444)


def test_an_answer_has_what_the_request_had_and_says_where_it_came_from() -> None:
    request = read_request(INVITE.encode())
    assert request is not None
    assert (request.sender, request.to_tag, request.proven) == ("8001", "", False)
    told = parse_message(ANSWERS.answer(request, SOURCE, 407, "Prove It", (("Proxy-Authenticate", "Digest x"),)))
    assert told.first == "SIP/2.0 407 Prove It"
    assert told.headers["via"] == [
        "SIP/2.0/UDP 10.0.0.1:5070;rport=4444;branch=z9hG4bKa;received=203.0.113.9,"
        " SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKb",
        "SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKc",
    ]
    assert told.header("from") == '"Nobody" <sip:8001@192.0.2.1>;tag=x'
    assert (told.header("call-id"), told.header("cseq")) == ("call", "7 INVITE")
    assert told.header("proxy-authenticate") == "Digest x"


def test_a_repeated_request_gets_the_same_tag_and_its_ack_is_known_again() -> None:
    request = read_request(INVITE.encode())
    assert request is not None
    tags = {parse_message(ANSWERS.answer(request, SOURCE, 407, "Prove")).header("to") for _ in range(2)}
    assert len(tags) == 1
    ack = (
        INVITE.replace("INVITE sip", "ACK sip")
        .replace("7 INVITE", "7 ACK")
        .replace("To: <sip:12345@192.0.2.1>", f"To: {tags.pop()}")
    )
    read = read_request(ack.encode())
    assert read is not None
    assert ANSWERS.is_ours(read)
    assert not StatelessAnswers(b"other", "x").is_ours(read)
    other = read_request(ack.replace("tag=zz", "tag=ab").encode())
    assert other is not None
    assert not ANSWERS.is_ours(other)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("INVITE sip", "invite sip"),
        ("CSeq: 7 INVITE", "CSeq: 7 BYE"),
        ("CSeq: 7 INVITE\r\n", ""),
        ("Call-ID: call", "Call-ID: call\r\ni: other"),
        ("Call-ID: call", "Call-ID: call\r\n folded"),
        ("Call-ID: call", "Call-ID: call\rServer: other"),
        ("Content-Length: 0", "no colon"),
        ("INVITE sip:12345@192.0.2.1 SIP/2.0", "SIP/2.0 200 OK"),
    ],
)
def test_what_is_not_plain_is_left_to_the_other_side(old: str, new: str) -> None:
    assert read_request(INVITE.replace(old, new).encode()) is None


def test_credentials_are_seen_right_or_wrong() -> None:
    request = read_request(INVITE.replace("Call-ID", "Proxy-Authorization: Digest x\r\nCall-ID").encode())
    assert request is not None
    assert request.proven


@given(st.binary(max_size=300) | st.text("\r\n: \tVia;z,=", max_size=40).map(str.encode))
def test_any_bytes_are_left_or_come_back_in_their_own_header_alone(data: bytes) -> None:
    read_request(data)
    request = read_request(INVITE.encode().replace(b"Call-ID: call", b"Call-ID: " + data))
    if request is not None:
        answer = ANSWERS.answer(request, SOURCE, 407, "Prove")
        names = ["Via"] * len(request.vias) + ["From", "To", "Call-ID", "CSeq", "Server", "Content-Length"]
        lines = re.split(r"\r\n|\r|\n", answer.decode())
        assert [line.partition(":")[0] for line in lines] == ["SIP/2.0 407 Prove", *names, "", ""]
        assert parse_message(answer).header("call-id") == request.others["call-id"]
