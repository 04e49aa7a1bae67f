"""A call that we place, on sippy's thread."""

from typing import Any

import msgspec
from sippy.CCEvents import CCEventConnect, CCEventDisconnect, CCEventFail, CCEventRedirect, CCEventRing, CCEventTry
from sippy.MsgBody import MsgBody
from sippy.SipCallId import SipCallId
from sippy.SipURL import SipURL
from sippy.Time.Timeout import Timeout

from domain.errors import SipError
from telephony.ports import MediaDescription
from telephony.sip import reliable, sdp
from telephony.sip.dialog import Dialog, Forget
from telephony.sip.leg import Leg
from telephony.sip.message import SipPlace, header, option_tags, text_of
from telephony.sip.negotiation import Negotiation, Turn
from telephony.sip.reliable import ReliableReceiver
from telephony.sip.request import OurRequest
from telephony.sip.session import longer, wish_headers, words_of
from telephony.sip.session_timer import SessionLimits, SessionWords
from telephony.sip.ua import DialogUA

SESSION_TRIES = 3
"""How often an INVITE is sent again because its session was too brief for somebody on the way (422)."""


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an INVITE goes to. uri: its request URI. address, transport: where and how it is sent.

    pinned: the far end is behind NAT, so that later requests go to `address` too, whatever its Contact says.
    """

    uri: str
    address: tuple[str, int]
    transport: str = "udp"
    pinned: bool = False


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """What a call is placed with. auth: user and password for a challenge, where the far end may ask for them."""

    caller_number: str
    display_name: str
    called_number: str
    media: MediaDescription
    timeout_s: float
    auth: tuple[str, str] | None
    headers: tuple[tuple[str, str], ...]


class OutboundDialog(Dialog):
    """Ringing ends after timeout_s with CANCEL, and status 408."""

    def __init__(
        self,
        place: SipPlace,
        leg: Leg,
        destination: Destination,
        placement: Placement,
        forget: Forget,
        *,
        phone: str = "",
    ) -> None:
        user, password = placement.auth or (None, None)
        ua = DialogUA(
            place.config,
            username=user,
            password=password,
            nh_address=destination.address,
            nh_transport=place.transport,
        )
        super().__init__(place, leg, ua, Negotiation(codecs=place.codecs), forget, phone=phone, calls=True)
        ua.pinned = (destination.address, place.transport) if destination.pinned else None
        ua.on_response = self._on_response
        self._destination = destination
        self._placement = placement
        self._limits = place.session
        self._tries = 0
        self._timer: Any = None
        self._received = ReliableReceiver()
        self._words = SessionWords()

    def start(self) -> None:
        """Send the INVITE."""
        placement = self._placement
        event = CCEventTry(
            (
                SipCallId(self._leg.sip_call_id),
                placement.caller_number,
                placement.called_number,
                MsgBody(self._negotiation.offer(self._place.sound(placement.media))),
                None,
                placement.display_name or None,
            ),
            origin="switch",
        )
        event.onUacSetupComplete = self._aim
        event.extra_headers = self._invite_headers(self._limits)
        self._timer = Timeout(self._on_no_answer, placement.timeout_s)
        self._ua.recvEvent(event)

    def _aim(self, ua: Any) -> None:
        ua.rTarget = SipURL(self._destination.uri)

    def _invite_headers(self, limits: SessionLimits) -> tuple[Any, ...]:
        return (*wish_headers(limits), *(header(name, value) for name, value in self._placement.headers))

    def _on_response(self, response: Any, transaction: Any) -> None:
        number, method = response.getHFBody("cseq").getCSeq()
        status = response.getSCode()[0]
        if method == "INVITE" and not self._over and not self._ua.isConnected():
            self._keeper.learn(response)
            if status == 422 and self._tries < SESSION_TRIES:
                Timeout(self._ask_longer, 0.0, 1, response, number)
                return
            if 100 < status < 200 and not self._acknowledge(response, number):
                return
            if 200 <= status < 300:
                self._words = words_of(response)
        if method == "INVITE" and status >= 300:
            # Its ACK leaves after this returns, and an INVITE with a password or by another way must come after it.
            Timeout(self._ua.take_response, 0.0, 1, response, transaction)
        else:
            self._ua.take_response(response, transaction)

    def _ask_longer(self, response: Any, number: int) -> None:
        """The INVITE again, with the session that somebody on the way wants at least (RFC 4028, 7.3)."""
        self._tries += 1
        self._limits = longer(self._limits, words_of(response))
        self._ua.reqs.pop(number, None)
        headers = self._invite_headers(self._limits)
        request = self._ua.genRequest("INVITE", self._ua.lSDP, extra_headers=headers)
        self._ua.newUacTransaction(request, req_extra_headers=headers)

    def _acknowledge(self, response: Any, number: int) -> bool:
        """PRACK a reliable provisional response (RFC 3262, 4). Whether the response counts: repeats do not."""
        self._ua.enter_early(response)
        if "100rel" not in option_tags(response, "require"):
            return True
        rseq = text_of(response, "rseq") or ""
        tag = str(response.getHFBody("to").getTag() or "")
        self._received, is_next = reliable.take(
            self._received, tag, int(rseq) if rseq.isascii() and rseq.isdigit() and len(rseq) < 11 else 0
        )
        if is_next:
            rack = header("rack", f"{rseq} {number} INVITE")
            OurRequest(self._ua, "PRACK", self._on_prack_answer, headers=(rack,)).send()
        return is_next

    def _on_prack_answer(self, _response: Any) -> None:
        """The far end repeats its response if it does not know our PRACK; there is nothing more for us to do."""

    def _on_event(self, event: Any, _ua: Any) -> None:
        if isinstance(event, CCEventRing):
            status, _, body = event.getData()
            if status > 100:
                media = self._early(body)
                self._leg.tell(lambda events: events.on_progress(status, media))
        elif isinstance(event, CCEventConnect):
            self._on_connect(event.getData()[2])
        elif isinstance(event, CCEventFail | CCEventRedirect):
            status, reason = event.getData()[:2]
            self.finish(by_remote=True, status=status, reason=reason)
        elif isinstance(event, CCEventDisconnect):
            self.finish(by_remote=True, status=200, reason="bye")

    def _early(self, body: Any) -> MediaDescription | None:
        """The far end's sound before its answer; None where it says none that we can use."""
        if body is None:
            return None
        try:
            agreement = self._read(body)
        except SipError:
            # The 200 decides; until then we hear nothing, which a ringing phone is allowed.
            return None
        if self._received.last:
            self._negotiation.take_answer(agreement)
        else:
            self._negotiation.theirs = agreement
        return agreement.media

    def _on_connect(self, body: Any) -> None:
        self._stop_timer()
        negotiation = self._negotiation
        try:
            if body is not None:
                negotiation.take_answer(self._read(body))
            if negotiation.theirs is None:
                raise sdp.SdpError("no answer to our offer", where="200 OK", remedy="send SDP in the 200")
        except SipError as error:
            # The ACK leaves after this returns, and the BYE must come after it.
            what = error.what
            Timeout(lambda: self.finish(by_remote=False, status=488, reason=what), 0.0)
            return
        negotiation.turn = Turn.NOBODY
        media = negotiation.theirs.media
        self._keeper.agreed(self._words)
        self._leg.tell(lambda events: events.on_answered(media))

    def _on_no_answer(self) -> None:
        self._timer = None
        self.finish(by_remote=False, status=408, reason="no answer")

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def finish(self, *, by_remote: bool, status: int, reason: str) -> None:
        self._stop_timer()
        super().finish(by_remote=by_remote, status=status, reason=reason)
