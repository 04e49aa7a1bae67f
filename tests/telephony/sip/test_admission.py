import re

import pytest

from telephony.sip.admission import EXTENSION, GUEST, Admission, Admitted, Refused
from telephony.sip.conf import parse_sip_conf
from telephony.sip.digest import TRIES_BEFORE_LOCK, Algorithm, Credentials, digest_response
from telephony.trunks.trunk_identity import Told

CONF = """
[general]
allow_guest = loopback
[trunk provider]
allow = 192.0.2.10
numbers = 12345
[extension 8001]
password = correct-horse
"""


@pytest.fixture
def admission() -> Admission:
    return Admission(parse_sip_conf(CONF), b"k" * 32)


def call(
    admission: Admission,
    source: str,
    caller: str = "13812345678",
    called: str = "12345",
    credentials: str | None = None,
) -> Admitted | Refused:
    told = Told(sender=caller, called=called)
    return admission.call(source_host=source, told=told, credentials=credentials, now_s=1.0)


def prove(challenge: str, method: str, password: str = "correct-horse", user: str = "8001") -> str:
    nonce = re.findall(r'nonce="([^"]+)"', challenge)[0]
    credentials = Credentials(
        username=user,
        realm="hotline12345",
        nonce=nonce,
        uri="sip:x",
        response="",
        cnonce="c",
        nonce_count="00000001",
        algorithm=Algorithm.MD5,
    )
    return (
        f'Digest username="{user}", realm="hotline12345", nonce="{nonce}", uri="sip:x", cnonce="c", nc=00000001, '
        f'qop=auth, response="{digest_response(credentials, password, method)}"'
    )


def test_a_trunk_is_admitted_for_its_numbers(admission: Admission) -> None:
    admitted = call(admission, "192.0.2.10", caller="+8613812345678")
    assert isinstance(admitted, Admitted)
    assert (admitted.trunk, admitted.caller, admitted.called) == ("provider", "13812345678", "12345")
    assert call(admission, "192.0.2.10", called="110") == Refused(status=404, reason="Not Found")


def test_guests_are_admitted_where_the_file_says(admission: Admission) -> None:
    assert call(admission, "127.0.0.1") == Admitted(trunk=GUEST, caller="13812345678", called="12345")


def test_a_stranger_learns_nothing_of_which_extensions_there_are(admission: Admission) -> None:
    told = [call(admission, "203.0.113.1", caller=caller) for caller in ("8001", "8009", "13812345678")]
    assert [(answer.status, len(answer.challenges)) for answer in told if isinstance(answer, Refused)] == [(407, 1)] * 3


def test_who_calls_as_an_extension_must_prove_it_even_on_loopback(admission: Admission) -> None:
    refused = call(admission, "127.0.0.1", caller="8001")
    assert isinstance(refused, Refused)
    assert refused.status == 407
    proof = prove(refused.challenges[0], "INVITE")
    assert call(admission, "203.0.113.1", caller="8001", credentials=proof) == Admitted(
        trunk=EXTENSION, caller="8001", called="12345"
    )


def test_a_registration_tells_nobody_which_extensions_exist(admission: Admission) -> None:
    answers = []
    for extension in ("8001", "8009"):
        first = admission.registration(source_host="203.0.113.1", extension=extension, credentials=None, now_s=0.0)
        assert first is not None
        proof = prove(first.challenges[0], "REGISTER", "guess", extension)
        told = []
        for _ in range(TRIES_BEFORE_LOCK + 1):
            refused = admission.registration(
                source_host="203.0.113.1", extension=extension, credentials=proof, now_s=0.0
            )
            assert refused is not None
            told.append((refused.status, refused.reason, len(refused.challenges)))
        answers.append([(first.status, first.reason, len(first.challenges)), *told])
    assert answers[0] == answers[1]
    assert answers[0][0][0] == 401
    assert answers[0][-1][0] == 403


def test_the_right_password_of_another_extension_does_not_count(admission: Admission) -> None:
    first = admission.registration(source_host="203.0.113.1", extension="8002", credentials=None, now_s=0.0)
    assert first is not None
    proof = prove(first.challenges[0], "REGISTER")
    refused = admission.registration(source_host="203.0.113.1", extension="8002", credentials=proof, now_s=0.0)
    assert refused is not None
    assert refused.status == 401
