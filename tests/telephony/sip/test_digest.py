import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.digest import (
    LOCK_S,
    NONCE_LIFETIME_S,
    TRIES_BEFORE_LOCK,
    Algorithm,
    Credentials,
    DigestGuard,
    Lockout,
    Verdict,
    digest_response,
    parse_credentials,
)

PASSWORDS = {"8001": "correct horse"}


@pytest.fixture
def guard() -> DigestGuard:
    return DigestGuard("city", b"k" * 32, (Algorithm.SHA256, Algorithm.MD5))


def answer_to(
    challenge: str, password: str, *, user: str = "8001", nonce_count: int = 1, method: str = "REGISTER"
) -> str:
    """What a phone sends after `challenge`."""
    values = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
    credentials = Credentials(
        username=user,
        realm=values["realm"],
        nonce=values["nonce"],
        uri="sip:city",
        response="",
        cnonce="abc",
        nonce_count=f"{nonce_count:08x}",
        algorithm=Algorithm(values["algorithm"]),
    )
    response = digest_response(credentials, password, method)
    return (
        f'Digest username="{user}", realm="{values["realm"]}", nonce="{values["nonce"]}", uri="sip:city", '
        f'response="{response}", cnonce="abc", nc={nonce_count:08x}, qop=auth, algorithm={values["algorithm"]}'
    )


def check(guard: DigestGuard, header: str | None, now_s: float = 1.0, method: str = "REGISTER") -> Verdict:
    return guard.check(header, method, PASSWORDS.get, now_s)


def test_the_example_of_rfc_2617() -> None:
    credentials = Credentials(
        username="Mufasa",
        realm="testrealm@host.com",
        nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
        uri="/dir/index.html",
        response="",
        cnonce="0a4f113b",
        nonce_count="00000001",
        algorithm=Algorithm.MD5,
    )
    assert digest_response(credentials, "Circle Of Life", "GET") == "6629fae49393a05397450978507c4ef1"


def test_the_example_of_rfc_7616() -> None:
    credentials = Credentials(
        username="Mufasa",
        realm="http-auth@example.org",
        nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        uri="/dir/index.html",
        response="",
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        nonce_count="00000001",
        algorithm=Algorithm.SHA256,
    )
    expected = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    assert digest_response(credentials, "Circle of Life", "GET") == expected


def test_the_right_password_passes_with_each_algorithm(guard: DigestGuard) -> None:
    for challenge in guard.challenges(0.0):
        assert check(guard, answer_to(challenge, "correct horse")) is Verdict.GOOD


def test_the_offer_keeps_its_order(guard: DigestGuard) -> None:
    assert ["SHA-256" in challenge for challenge in guard.challenges(0.0)] == [True, False]


def test_a_wrong_password_an_unknown_user_and_another_method_are_all_the_same(guard: DigestGuard) -> None:
    challenge = guard.challenges(0.0)[0]
    assert check(guard, answer_to(challenge, "guess")) is Verdict.WRONG
    assert check(guard, answer_to(challenge, "correct horse", user="9999")) is Verdict.WRONG
    assert check(guard, answer_to(challenge, "correct horse"), method="INVITE") is Verdict.WRONG


def test_nothing_to_check(guard: DigestGuard) -> None:
    assert check(guard, None) is Verdict.ABSENT


def test_an_old_nonce_is_stale_only_with_the_right_password(guard: DigestGuard) -> None:
    challenge = guard.challenges(0.0)[0]
    late_s = NONCE_LIFETIME_S + 1
    assert check(guard, answer_to(challenge, "correct horse"), late_s) is Verdict.STALE
    assert check(guard, answer_to(challenge, "guess"), late_s) is Verdict.WRONG
    assert "stale=true" in guard.challenges(late_s, stale=True)[0]


def test_a_nonce_count_is_good_once(guard: DigestGuard) -> None:
    challenge = guard.challenges(0.0)[0]
    assert check(guard, answer_to(challenge, "correct horse")) is Verdict.GOOD
    assert check(guard, answer_to(challenge, "correct horse")) is Verdict.STALE
    assert check(guard, answer_to(challenge, "correct horse", nonce_count=2)) is Verdict.GOOD


def test_a_nonce_that_another_key_signed_is_stale(guard: DigestGuard) -> None:
    other = DigestGuard("city", b"x" * 32, (Algorithm.MD5,))
    assert check(guard, answer_to(other.challenges(0.0)[0], "correct horse")) is Verdict.STALE


@pytest.mark.parametrize(
    "header",
    [
        "Basic abc",
        "Digest",
        'Digest username="8001"',
        'Digest username="8001", realm="city", nonce="n", uri="u", response="r", cnonce="c", nc=1, qop=auth',
        'Digest username="8001", realm="city", nonce="n", uri="u", response="r", cnonce="c", nc=00000001, qop=auth-int',
        'Digest username="8001", realm="city", nonce="n", uri="u", response="r", cnonce="c", nc=00000001, qop=auth,'
        " algorithm=MD4",
    ],
)
def test_what_is_no_full_digest_is_wrong(guard: DigestGuard, header: str) -> None:
    assert parse_credentials(header) is None
    assert check(guard, header) is Verdict.WRONG


def test_quoted_commas_and_quotes_are_part_of_a_value() -> None:
    header = (
        r'Digest username="a,\"b", realm="city", nonce="n", uri="u", response="R", cnonce="c", nc=00000001, qop="auth"'
    )
    credentials = parse_credentials(header)
    assert credentials is not None
    assert (credentials.username, credentials.response) == ('a,"b', "r")


@given(st.text())
def test_any_header_is_judged(text: str) -> None:
    guard = DigestGuard("city", b"k" * 32)
    good = answer_to(guard.challenges(0.0)[0], "correct horse")
    assert check(guard, text) is Verdict.WRONG
    assert check(guard, good.replace("abc", text)) in set(Verdict)


def test_lockout_counts_one_source_and_user_and_ends_by_itself() -> None:
    lockout, key = Lockout(), ("192.0.2.9", "8001")
    for _ in range(TRIES_BEFORE_LOCK):
        assert not lockout.is_locked(key, 0.0)
        lockout.failed(key, 0.0)
    assert lockout.is_locked(key, 0.0)
    assert not lockout.is_locked(("192.0.2.10", "8001"), 0.0)
    assert not lockout.is_locked(key, LOCK_S + 0.1)


def test_a_success_forgets_the_failures() -> None:
    lockout, key = Lockout(), ("192.0.2.9", "8001")
    for _ in range(TRIES_BEFORE_LOCK - 1):
        lockout.failed(key, 0.0)
    lockout.succeeded(key)
    lockout.failed(key, 0.0)
    assert not lockout.is_locked(key, 0.0)
