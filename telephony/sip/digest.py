"""Digest authentication of phones (RFC 2617, RFC 7616, RFC 8760): challenges and their check, without I/O.

A nonce carries its time and an HMAC, so nothing has to be remembered to know it again; only the highest nonce count of
the nonces in use is kept, against replay. Time is an argument, in seconds of any steady clock.
"""

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from enum import StrEnum

import msgspec

NONCE_LIFETIME_S = 300.0
NONCES_REMEMBERED = 10_000
TRIES_BEFORE_LOCK = 5
LOCK_S = 60.0
LOCKS_REMEMBERED = 10_000

_PARAMETER = re.compile(r'\s*([A-Za-z][\w-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)')


class Algorithm(StrEnum):
    MD5 = "MD5"
    SHA256 = "SHA-256"


class Verdict(StrEnum):
    """ABSENT: there was nothing to check. STALE: the right password with an old nonce. WRONG: everything else."""

    GOOD = "good"
    ABSENT = "absent"
    STALE = "stale"
    WRONG = "wrong"


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What an Authorization or Proxy-Authorization header says; qop is `auth`."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    cnonce: str
    nonce_count: str
    algorithm: Algorithm


def parse_credentials(header: str) -> Credentials | None:
    """The credentials of a Digest header; None when it is another scheme, incomplete or without qop=auth."""
    scheme, _, rest = header.strip().partition(" ")
    values: dict[str, str] = {}
    position = 0
    while scheme.lower() == "digest" and position < len(rest):
        match = _PARAMETER.match(rest, position)
        if match is None:
            return None
        values[match[1].lower()] = match[3] if match[2] is None else re.sub(r"\\(.)", r"\1", match[2])
        position = match.end()
    needed = ("username", "realm", "nonce", "uri", "response", "cnonce", "nc", "qop")
    if any(name not in values for name in needed) or values["qop"].lower() != "auth":
        return None
    algorithms = {algorithm.value: algorithm for algorithm in Algorithm}
    algorithm = algorithms.get(values.get("algorithm", "MD5").upper())
    if algorithm is None or not re.fullmatch(r"[0-9a-fA-F]{8}", values["nc"]):
        return None
    return Credentials(
        username=values["username"],
        realm=values["realm"],
        nonce=values["nonce"],
        uri=values["uri"],
        response=values["response"].lower(),
        cnonce=values["cnonce"],
        nonce_count=values["nc"],
        algorithm=algorithm,
    )


def digest_response(credentials: Credentials, password: str, method: str) -> str:
    """The `response` that the right password gives (RFC 7616, 3.4.1)."""
    # MD5 is what the phones in the field speak; the nonce is short-lived and SHA-256 is offered as well.
    new = hashlib.sha256 if credentials.algorithm is Algorithm.SHA256 else hashlib.md5

    def of(text: str) -> str:
        return new(text.encode()).hexdigest()

    secret = of(f"{credentials.username}:{credentials.realm}:{password}")
    request = of(f"{method}:{credentials.uri}")
    middle = f"{credentials.nonce}:{credentials.nonce_count}:{credentials.cnonce}:auth"
    return of(f"{secret}:{middle}:{request}")


class DigestGuard:
    """Challenges, and checks what comes back. key: secret of this process; algorithms: offered in this order."""

    def __init__(self, realm: str, key: bytes, algorithms: tuple[Algorithm, ...] = (Algorithm.MD5,)) -> None:
        self._realm = realm
        self._key = key
        self._algorithms = algorithms
        self._counts: OrderedDict[str, int] = OrderedDict()

    def challenges(self, now_s: float, *, stale: bool = False) -> tuple[str, ...]:
        """Values for WWW-Authenticate or Proxy-Authenticate, one for each algorithm."""
        tail = ", stale=true" if stale else ""
        return tuple(
            f'Digest realm="{self._realm}", nonce="{self._nonce(now_s)}", algorithm={algorithm}, qop="auth"{tail}'
            for algorithm in self._algorithms
        )

    def check(self, header: str | None, method: str, password_of: Callable[[str], str | None], now_s: float) -> Verdict:
        """Whether `header` proves its user's password; an unknown user costs and tells the same as a wrong one."""
        if header is None:
            return Verdict.ABSENT
        credentials = parse_credentials(header)
        if credentials is None or credentials.realm != self._realm or credentials.algorithm not in self._algorithms:
            return Verdict.WRONG
        password = password_of(credentials.username)
        expected = digest_response(credentials, password or secrets.token_hex(), method)
        if not hmac.compare_digest(expected.encode(), credentials.response.encode()) or password is None:
            return Verdict.WRONG
        return Verdict.GOOD if self._is_fresh(credentials, now_s) else Verdict.STALE

    def _nonce(self, now_s: float) -> str:
        head = f"{int(now_s * 1000):x}-{secrets.token_hex(8)}"
        return f"{head}-{self._sign(head)}"

    def _sign(self, head: str) -> str:
        return hmac.new(self._key, head.encode(), hashlib.sha256).hexdigest()[:24]

    def _is_fresh(self, credentials: Credentials, now_s: float) -> bool:
        head, _, signature = credentials.nonce.rpartition("-")
        if not hmac.compare_digest(self._sign(head).encode(), signature.encode()):
            return False
        age_s = now_s - int(head.partition("-")[0], 16) / 1000
        count = int(credentials.nonce_count, 16)
        if not -1 <= age_s <= NONCE_LIFETIME_S or count <= self._counts.get(credentials.nonce, 0):
            return False
        self._counts[credentials.nonce] = count
        self._counts.move_to_end(credentials.nonce)
        if len(self._counts) > NONCES_REMEMBERED:
            self._counts.popitem(last=False)
        return True


class Lockout:
    """Who was wrong too often. A key names the source and the user, so that nobody locks out another's phone."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()

    def is_locked(self, key: tuple[str, str], now_s: float) -> bool:
        """True for LOCK_S after the last of TRIES_BEFORE_LOCK failures in a row."""
        count, last_s = self._failures.get(key, (0, 0.0))
        return count >= TRIES_BEFORE_LOCK and now_s - last_s < LOCK_S

    def failed(self, key: tuple[str, str], now_s: float) -> None:
        """One more wrong answer; old ones are forgotten."""
        count, last_s = self._failures.pop(key, (0, now_s))
        self._failures[key] = (count + 1 if now_s - last_s < LOCK_S else 1, now_s)
        if len(self._failures) > LOCKS_REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, key: tuple[str, str]) -> None:
        self._failures.pop(key, None)
