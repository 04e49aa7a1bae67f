"""Registering at another SIP server, as a phone does: the demo's robot agent at our own switch, or we at a PBX."""

from collections.abc import Callable
from typing import Any

import msgspec
from sippy.SipAddress import SipAddress
from sippy.SipCallId import SipCallId
from sippy.SipContact import SipContact
from sippy.SipFrom import SipFrom
from sippy.SipHeader import SipHeader
from sippy.SipRequest import SipRequest
from sippy.SipTo import SipTo
from sippy.SipURL import SipURL
from sippy.Time.Timeout import Timeout

from telephony.sip.addresses import bare
from telephony.sip.message import SipPlace
from telephony.sip.phones import LONGEST_S

FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 30.0
REFRESH_AT = 0.5
"""A registration is refreshed after this share of its life: two more tries fit in before it is lost."""


class RegistrationState(msgspec.Struct, frozen=True, kw_only=True):
    """status, reason: of the server's last answer (408 when there was none). It is tried again until stopped.

    answered_from: the (bare) address of the server that answered, "" when none did.
    """

    registered: bool
    status: int
    reason: str
    answered_from: str = ""


class Registration:
    """Keeps one user registered; on sippy's thread. on_state is called there at each change."""

    def __init__(
        self,
        place: SipPlace,
        server: tuple[str, int],
        user: str,
        password: str,
        expires_s: int,
        on_state: Callable[[RegistrationState], None],
        *,
        transport: str = "udp",
    ) -> None:
        self._place = place
        self._transport = transport
        self._server = server
        self._user = user
        self._password = password
        self._expires_s = expires_s
        self._on_state = on_state
        self._state: RegistrationState | None = None
        self._call_id = SipCallId()
        self._cseq = 0
        self._retry_s = FIRST_RETRY_S
        self._timer: Any = None
        self._stopped = False

    def start(self) -> None:
        """Register now."""
        self._send(self._expires_s)

    def stop(self) -> None:
        """Unregister; nothing is said of it."""
        if not self._stopped:
            self._stopped = True
            self._schedule(None)
            self._send(0)

    def _send(self, expires_s: int, challenge: Any = None) -> None:
        self._timer = None
        host, port = self._server
        who = SipURL(username=self._user, host=host, port=port if port != 5060 else None)
        transport = None if self._transport == "udp" else str(self._transport)
        here = SipURL(username=self._user, host=self._place.host, port=self._place.port, transport=transport)
        contact = SipAddress(url=here, hadbrace=True)
        contact.setParam("expires", str(expires_s))
        sender = SipFrom(address=SipAddress(url=who.getCopy(), hadbrace=True))
        sender.genTag()
        self._cseq += 1
        request = SipRequest(
            method="REGISTER",
            ruri=SipURL(host=host, port=port, transport=transport),
            to=SipTo(address=SipAddress(url=who, hadbrace=True)),
            fr0m=sender,
            cseq=self._cseq,
            callid=self._call_id.getCopy(),
            contact=SipContact(address=contact),
            target=(self._server, self._transport),
            user_agent=self._place.user_agent,
        )
        if challenge is not None:
            _, qop = challenge.supportedAlgorithm()
            proof = challenge.genAuthHF(self._user, self._password, "REGISTER", str(request.ruri), qop=qop)
            request.appendHeader(SipHeader(body=proof))

        def answered(response: Any) -> None:
            self._on_answer(response, expires_s, tried=challenge)

        self._place.config["_sip_tm"].newTransaction(request, resp_cb=answered)

    def _on_answer(self, response: Any, expires_s: int, tried: Any) -> None:
        status, reason = response.getSCode()
        if status < 200:
            return
        challenge = _challenge(response) if status in (401, 407) else None
        if challenge is not None and (tried is None or ("stale", "true") in _lower(challenge.otherparams)):
            self._send(expires_s, challenge)
            return
        if self._stopped:
            return
        if status == 423 and response.countHFs("min-expires") > 0:
            self._expires_s = min(int(str(response.getHFs("min-expires")[0].body)), LONGEST_S)
        if status == 200:
            self._retry_s = FIRST_RETRY_S
            self._schedule(_granted_s(response, self._place, expires_s) * REFRESH_AT)
        else:
            self._schedule(self._retry_s)
            self._retry_s = min(self._retry_s * 2, LONGEST_RETRY_S)
        source = bare(response.getSource()[0]) if response.source is not None else ""
        self._say(RegistrationState(registered=status == 200, status=status, reason=reason, answered_from=source))

    def _schedule(self, delay_s: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if delay_s is not None:
            self._timer = Timeout(self._send, max(delay_s, FIRST_RETRY_S), 1, self._expires_s)

    def _say(self, state: RegistrationState) -> None:
        if state != self._state:
            self._state = state
            self._on_state(state)


def _challenge(response: Any) -> Any:
    """The first challenge with an algorithm that sippy can."""
    names = ("www-authenticate", "proxy-authenticate")
    offered = [body for name in names for body in response.getHFBodys(name)]
    return next((challenge for challenge in offered if challenge.supportedAlgorithm()[0]), None)


def _lower(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name.lower(), value.lower()) for name, value in pairs]


def _granted_s(response: Any, place: SipPlace, asked_s: int) -> int:
    """How long the server keeps us: of our contact (others may be listed with it), else of any, else as asked."""
    bodies = [body for body in response.getHFBodys("contact") if not body.asterisk]
    ours = [body for body in bodies if (str(body.getUrl().host), body.getUrl().port) == (place.host, place.port)]
    for body in ours or bodies:
        granted = body.getUri().getParam("expires")
        if granted is not None and granted.isdigit():
            return min(int(granted), asked_s)
    return asked_s
