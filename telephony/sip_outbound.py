"""A call that we place, on sippy's thread."""

from collections.abc import Callable
from typing import Any

import msgspec
from sippy.CCEvents import CCEventConnect, CCEventDisconnect, CCEventFail, CCEventRedirect, CCEventRing, CCEventTry
from sippy.MsgBody import MsgBody
from sippy.SipCallId import SipCallId
from sippy.SipURL import SipURL
from sippy.Time.Timeout import Timeout

from domain.errors import SipError
from telephony import sdp
from telephony.ports import MediaDescription
from telephony.sip_dialog import Dialog, SipPlace, header, read_body
from telephony.sip_leg import Leg


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
        forget: Callable[[Dialog], None],
    ) -> None:
        user, password = placement.auth or (None, None)
        ua = self.new_ua(
            place, username=user, password=password, nh_address=destination.address, nh_transport=place.transport
        )
        super().__init__(place, leg, ua, forget)
        self._destination = destination
        self._placement = placement
        self._local = place.sound(placement.media)
        self._timer: Any = None
        self._sippy_response = ua.recvResponse
        ua.recvResponse = self._on_response

    def start(self) -> None:
        """Send the INVITE."""
        placement = self._placement
        body = MsgBody(
            self._describe(sdp.write_offer(self._place.sound(placement.media), self._origin, self._place.codecs))
        )
        event = CCEventTry(
            (
                SipCallId(self._leg.sip_call_id),
                placement.caller_number,
                placement.called_number,
                body,
                None,
                placement.display_name or None,
            ),
            origin="switch",
        )
        event.onUacSetupComplete = self._aim
        event.extra_headers = tuple(header(name, value) for name, value in placement.headers) or None
        self._timer = Timeout(self._on_no_answer, placement.timeout_s)
        self._ua.recvEvent(event)

    def _aim(self, ua: Any) -> None:
        ua.rTarget = SipURL(self._destination.uri)

    def _on_response(self, response: Any, transaction: Any) -> None:
        if self._destination.pinned and response.countHFs("contact") > 0:
            url = response.getHFBody("contact").getUrl()
            url.host, url.port = self._destination.address
        self._sippy_response(response, transaction)

    def _on_event(self, event: Any, _ua: Any) -> None:
        if isinstance(event, CCEventRing):
            status = event.getData()[0]
            if status > 100:
                self._leg.tell(lambda events: events.on_progress(status))
        elif isinstance(event, CCEventConnect):
            self._on_connect(event.getData()[2])
        elif isinstance(event, CCEventFail | CCEventRedirect):
            status, reason = event.getData()[:2]
            self.finish(by_remote=True, status=status, reason=reason)
        elif isinstance(event, CCEventDisconnect):
            self.finish(by_remote=True, status=200, reason="bye")

    def _on_connect(self, body: Any) -> None:
        self._stop_timer()
        try:
            if body is None:
                raise sdp.SdpError("no answer to our offer", where="200 OK", remedy="send SDP in the 200")
            agreement = read_body(body, self._place.codecs)
        except SipError as error:
            # The ACK leaves after this returns, and the BYE must come after it.
            what = error.what
            Timeout(lambda: self.finish(by_remote=False, status=488, reason=what), 0.0)
            return
        self._agreement = agreement
        self._leg.tell(lambda events: events.on_answered(agreement.media))

    def _on_no_answer(self) -> None:
        self._timer = None
        self.finish(by_remote=False, status=408, reason="no answer")

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _leave(self, status: int, reason: str) -> None:
        self._stop_timer()
        super()._leave(status, reason)

    def finish(self, *, by_remote: bool, status: int, reason: str) -> None:
        self._stop_timer()
        super().finish(by_remote=by_remote, status=status, reason=reason)
