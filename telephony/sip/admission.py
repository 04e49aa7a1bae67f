"""Whose INVITE and REGISTER we take up: trunks by address, extensions by password, guests by rule. Without I/O."""

from collections.abc import Callable

import msgspec

from telephony.sip.conf import SipConf
from telephony.sip.digest import DigestGuard, Lockout, Verdict
from telephony.sip.gate import Offence
from telephony.trunks.trunk import Trunk
from telephony.trunks.trunk_identity import Told, parties_inward, takes

GUEST = "guest"
EXTENSION = "extension"


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """trunk: the trunk's name, GUEST, or EXTENSION. line: the trunk itself. caller, called, diverted_from: numbers."""

    trunk: str
    caller: str
    called: str
    diverted_from: str = ""
    line: Trunk | None = None


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """challenges: values for WWW-Authenticate (401) or Proxy-Authenticate (407)."""

    status: int
    reason: str
    challenges: tuple[str, ...] = ()


class Admission:
    """key: the secret that signs nonces. trunk_at: whose address a (bare) host is; without it, as the file says.

    on_offence, on_proven: told of the host of a wrong password, and of a right one.
    """

    def __init__(self, conf: SipConf, key: bytes, trunk_at: Callable[[str], Trunk | None] | None = None) -> None:
        self._conf = conf
        self._trunk_at = trunk_at or conf.trunk_at
        self._guard = DigestGuard(conf.general.realm, key, conf.general.algorithms)
        self._lockout = Lockout()
        self.on_offence: Callable[[str, Offence], None] = lambda _host, _offence: None
        self.on_proven: Callable[[str], None] = lambda _host: None

    def challenges(self, now_s: float) -> tuple[str, ...]:
        """Values for WWW-Authenticate or Proxy-Authenticate."""
        return self._guard.challenges(now_s)

    def call(self, *, source_host: str, told: Told, credentials: str | None, now_s: float) -> Admitted | Refused:
        """credentials: the Proxy-Authorization header, if there is one. now_s: any steady clock."""
        trunk = self._trunk_at(source_host)
        if trunk is not None:
            return self._call_by(trunk, told)
        if told.sender not in self._conf.extensions and self._conf.welcomes_guest(source_host):
            return Admitted(trunk=GUEST, caller=told.sender, called=told.called)
        # A stranger is asked for a password like an extension of ours, so that nobody learns which ones there are.
        refusal = self._prove(source_host, told.sender, "INVITE", credentials, 407, now_s)
        return refusal or Admitted(trunk=EXTENSION, caller=told.sender, called=told.called)

    def _call_by(self, trunk: Trunk, told: Told) -> Admitted | Refused:
        parties = parties_inward(told, trunk, self._conf.general.area_code)
        if not takes(trunk, told, parties):
            return Refused(status=404, reason="Not Found")
        return Admitted(
            trunk=trunk.name,
            caller=parties.caller,
            called=parties.called,
            diverted_from=parties.diverted_from,
            line=trunk,
        )

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
            self.on_offence(source_host, Offence.WRONG_PASSWORD)
            return Refused(status=403, reason="Forbidden")

        def password_of(username: str) -> str | None:
            known = self._conf.extensions.get(username)
            return known.password if known is not None and username == extension else None

        verdict = self._guard.check(credentials, method, password_of, now_s)
        if verdict is Verdict.GOOD:
            self._lockout.succeeded(key)
            self.on_proven(source_host)
            return None
        if verdict is Verdict.WRONG:
            self._lockout.failed(key, now_s)
            self.on_offence(source_host, Offence.WRONG_PASSWORD)
            if self._lockout.is_locked(key, now_s):
                return Refused(status=403, reason="Forbidden")
        reason = "Unauthorized" if status == 401 else "Proxy Authentication Required"
        challenges = self._guard.challenges(now_s, stale=verdict is Verdict.STALE)
        return Refused(status=status, reason=reason, challenges=challenges)
