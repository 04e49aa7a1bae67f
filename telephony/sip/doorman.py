"""At the door of the SIP port, before sippy: who is shut out, and who must prove first who he is.

Called by the sockets' threads for each message, by sippy's thread for offences, and by the loop for lists; a lock keeps
them apart. Trunks, hosts with a registered phone and welcome guests are known: they are never counted and never banned.
"""

import secrets
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import structlog

from domain.errors import RefusedError
from domain.sip_edge import BanReport
from telephony.sip.addresses import is_numeric
from telephony.sip.admission import Admission
from telephony.sip.conf import SipConf
from telephony.sip.gate import Ban, Gate, Offence, Pass, source_of
from telephony.sip.metrics import BANNED, REFUSED
from telephony.sip.stateless import StatelessAnswers, read_request

logger = structlog.get_logger()
HOSTS_REMEMBERED = 8192
_DEALT_WITH = (b"INVITE ", b"REGISTER ", b"ACK ")
_CHALLENGES = {
    "INVITE": (407, "Proxy Authentication Required", "Proxy-Authenticate"),
    "REGISTER": (401, "Unauthorized", "WWW-Authenticate"),
}


class Doorman:
    """is_trunk: whether a (bare) host is a trunk's. phone_hosts: the hosts that registered phones are at now."""

    def __init__(
        self,
        conf: SipConf,
        admission: Admission,
        user_agent: str,
        *,
        is_trunk: Callable[[str], bool],
        phone_hosts: Callable[[], frozenset[str]],
    ) -> None:
        self._conf = conf
        self._admission = admission
        self._is_trunk = is_trunk
        self._phone_hosts = phone_hosts
        self._gate = Gate(conf.general.gate)
        self._lock = threading.Lock()
        self._answers = StatelessAnswers(secrets.token_bytes(32), user_agent)
        self._is_free = lru_cache(HOSTS_REMEMBERED)(self._look_up)
        admission.on_offence = self.offended
        admission.on_proven = self._proven

    def knows(self, host: str) -> bool:
        """Whether this host is never counted."""
        return self._is_free(host) or self._is_trunk(host) or host in self._phone_hosts()

    def _look_up(self, host: str) -> bool:
        return self._conf.welcomes_guest(host) or self._conf.general.never_bans(host)

    def look(self, host: str) -> str:
        """A message has come from a host that is not known: "" lets it go on, else why not."""
        with self._lock:
            verdict = self._gate.look(source_of(host), time.monotonic())
            fresh = self._gate.take_fresh()
        self._announce(fresh)
        return "" if verdict is Pass.GO else verdict.value

    def challenge(self, data: bytes, remote: Any, way: Any) -> bool:
        """Whether this is dealt with: a call or registration without proof, or the ACK of such an answer."""
        host = remote.received
        if not data.startswith(_DEALT_WITH) or self._is_trunk(host):
            return False
        request = read_request(data)
        if request is None:
            return False
        if request.method == "ACK":
            return self._answers.is_ours(request)
        if request.proven or request.to_tag or (request.method == "INVITE" and self._conf.welcomes_guest(host)):
            return False
        status, reason, name = _CHALLENGES[request.method]
        headers = tuple((name, challenge) for challenge in self._admission.challenges(time.monotonic()))
        source = (host, remote.address[1])
        way.send_to(self._answers.answer(request, source, status, reason, headers), remote.address)
        REFUSED.labels(request.method, str(status)).inc()
        self.offended(host, Offence.UNPROVEN)
        return True

    def offended(self, host: str, offence: Offence) -> None:
        """From any thread: this host did something that attackers do."""
        if self.knows(host):
            return
        with self._lock:
            self._gate.offended(source_of(host), offence, time.monotonic())
            fresh = self._gate.take_fresh()
        self._announce(fresh)

    def _announce(self, fresh: list[Ban]) -> None:
        for ban in fresh:
            BANNED.labels(ban.why.value).inc()
            logger.warning(
                "source banned from the SIP port",
                source=ban.source,
                why=ban.why.value,
                for_s=ban.until_s - ban.since_s,
                remedy="`hotline bans lift` ends it; never_ban in sip.conf keeps a network free",
            )

    def _proven(self, host: str) -> None:
        with self._lock:
            self._gate.proven(source_of(host))

    # For who asks

    def bans(self) -> tuple[BanReport, ...]:
        """Those that hold now, the oldest first."""
        now_s = time.monotonic()
        with self._lock:
            held = self._gate.bans(now_s)
        return tuple(_report(ban, now_s) for ban in held)

    def lift(self, source: str) -> bool:
        """End the ban of an address, or of a network as `bans` names it; False when there is none.

        RefusedError for what is neither.
        """
        host = source.partition("/")[0]
        if not is_numeric(host):
            raise RefusedError(f"'{source}' is no address", where="bans", remedy="see `hotline bans`")
        with self._lock:
            lifted = self._gate.lift(source_of(host))
        logger.info("ban lifted", source=source, there_was_one=lifted)
        return lifted


def _report(ban: Ban, now_s: float) -> BanReport:
    return BanReport(source=ban.source, why=ban.why.value, rest_s=max(0.0, ban.until_s - now_s), dropped=ban.dropped)
