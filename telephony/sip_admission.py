"""Whose INVITE and REGISTER we take up: trunks by address, extensions by password, guests by rule. Without I/O."""

import msgspec

from telephony.digest import DigestGuard, Lockout, Verdict
from telephony.sip_conf import SipConf

GUEST = "guest"
EXTENSION = "extension"


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """trunk: the trunk's name, GUEST, or EXTENSION."""

    trunk: str


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """challenges: values for WWW-Authenticate (401) or Proxy-Authenticate (407)."""

    status: int
    reason: str
    challenges: tuple[str, ...] = ()


class Admission:
    """key: the secret that signs nonces. now_s: any steady clock."""

    def __init__(self, conf: SipConf, key: bytes) -> None:
        self._conf = conf
        self._guard = DigestGuard(conf.general.realm, key, conf.general.algorithms)
        self._lockout = Lockout()

    def call(
        self, *, source_host: str, caller: str, called: str, credentials: str | None, now_s: float
    ) -> Admitted | Refused:
        """credentials: the Proxy-Authorization header, if there is one."""
        trunk = self._conf.trunk_at(source_host)
        if trunk is not None:
            return Admitted(trunk=trunk.name) if trunk.takes(called) else Refused(status=404, reason="Not Found")
        if caller in self._conf.extensions:
            refusal = self._prove(source_host, caller, "INVITE", credentials, 407, now_s)
            return refusal or Admitted(trunk=EXTENSION)
        if self._conf.welcomes_guest(source_host):
            return Admitted(trunk=GUEST)
        return Refused(status=403, reason="Forbidden")

    def registration(
        self, *, source_host: str, extension: str, credentials: str | None, now_s: float
    ) -> Refused | None:
        """None when the sender is proven to be this extension; an unknown one is told what a wrong password is told."""
        return self._prove(source_host, extension, "REGISTER", credentials, 401, now_s)

    def _prove(
        self, source_host: str, extension: str, method: str, credentials: str | None, status: int, now_s: float
    ) -> Refused | None:
        key = (source_host, extension)
        if self._lockout.is_locked(key, now_s):
            return Refused(status=403, reason="Forbidden")

        def password_of(username: str) -> str | None:
            known = self._conf.extensions.get(username)
            return known.password if known is not None and username == extension else None

        verdict = self._guard.check(credentials, method, password_of, now_s)
        if verdict is Verdict.GOOD:
            self._lockout.succeeded(key)
            return None
        if verdict is Verdict.WRONG:
            self._lockout.failed(key, now_s)
            if self._lockout.is_locked(key, now_s):
                return Refused(status=403, reason="Forbidden")
        reason = "Unauthorized" if status == 401 else "Proxy Authentication Required"
        challenges = self._guard.challenges(now_s, stale=verdict is Verdict.STALE)
        return Refused(status=status, reason=reason, challenges=challenges)
