"""A SIP dialog on sippy's thread: what both directions share (re-INVITE, INFO, OPTIONS, the end).

sippy's UA keeps the transactions, the route set, CANCEL and BYE. Requests inside the dialog come here first, because
sippy knows too little of them: it hangs up on REFER, and does not answer UPDATE, PRACK or an unknown method at all.
"""

import secrets
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from sippy.CCEvents import CCEventDisconnect
from sippy.MsgBody import MsgBody
from sippy.SipAddress import SipAddress
from sippy.SipContact import SipContact
from sippy.SipHeader import SipHeader
from sippy.SipURL import SipURL
from sippy.UA import UA

from domain.errors import SipError
from telephony import sdp
from telephony.info_digit import DIGIT_TYPES, info_digit
from telephony.ports import Codec, MediaDescription
from telephony.sip_leg import Leg

ALLOWED = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO"
KNOWN_METHODS = frozenset({"UPDATE", "PRACK", "REFER", "NOTIFY", "SUBSCRIBE", "MESSAGE", "PUBLISH", "REGISTER"})
SDP_TYPE = "application/sdp"

logger = structlog.get_logger()
Answer = tuple[Any, Any, Any] | None
"""What sippy wants of a request's handler: (response, on CANCEL, on missing ACK), or None when it is answered."""


class SipPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a dialog lives. config: sippy's global configuration. host, port, transport: how the far end reaches us.

    sound_host: the address that its SDP shows instead of the one in our MediaDescription; "" leaves that.
    codecs: which may be spoken with this far end.
    """

    config: dict[str, Any]
    host: str
    port: int
    user_agent: str
    transport: str = "udp"
    sound_host: str = ""
    codecs: tuple[Codec, ...] = sdp.PREFERRED

    def sound(self, media: MediaDescription) -> MediaDescription:
        """Our sound as this far end shall see it."""
        return msgspec.structs.replace(media, address=self.sound_host) if self.sound_host else media


def header(name: str, value: str) -> Any:
    return SipHeader(name=name, bodys=value)


def read_body(body: Any, codecs: tuple[Codec, ...] = sdp.PREFERRED) -> sdp.Agreement:
    """The audio of a message's body; SdpError when it is no SDP, NoCommonCodecError without one of `codecs`."""
    if body.getType() != SDP_TYPE:
        raise sdp.SdpError(f"the body is {body.getType()[:80]}", where="Content-Type", remedy="send application/sdp")
    return sdp.agree(sdp.parse(str(body)), codecs)


def respond(request: Any, place: SipPlace, status: int, reason: str, *headers: Any, body: str | None = None) -> Any:
    """A response in sippy's form."""
    response = request.genResponse(
        status, reason, body=MsgBody(body) if body is not None else None, server=place.user_agent
    )
    response.appendHeaders(list(headers))
    return response


def refuse_media(request: Any, place: SipPlace, error: SipError) -> Any:
    """400 for SDP that cannot be read, 488 for SDP without audio that we can do, with the reason in words."""
    # RFC 3261, 20.43: 305 is "incompatible media format".
    warning = header("warning", f'305 {place.host} "{error.what}"')
    if isinstance(error, sdp.NoCommonCodecError):
        return respond(request, place, 488, "Not Acceptable Here", warning)
    return respond(request, place, 400, "Bad Session Description", warning)


class Dialog:
    """Subclasses set `_local` (our sound) and `_agreement` (theirs) as they become known."""

    def __init__(self, place: SipPlace, leg: Leg, ua: Any, forget: Callable[["Dialog"], None]) -> None:
        self._place = place
        self._leg = leg
        self._ua = ua
        self._forget = forget
        self._origin = sdp.Origin(session_id=secrets.randbits(31))
        self._said = ""
        self._local: MediaDescription | None = None
        self._agreement: sdp.Agreement | None = None
        self._over = False
        self._peer_left = False
        leg.dialog = self
        ua.local_ua = place.user_agent
        ua.event_cb = self._on_event
        ua.lContact = self._contact("")
        ua.dead_cbs = (self._on_dead,)
        self._sippy_request = ua.recvRequest
        ua.recvRequest = self.receive

    @classmethod
    def new_ua(cls, place: SipPlace, **options: Any) -> Any:
        return UA(place.config, **options)

    def _contact(self, user: str) -> Any:
        transport = None if self._place.transport == "udp" else self._place.transport
        url = SipURL(username=user or None, host=self._place.host, port=self._place.port, transport=transport)
        return SipContact(address=SipAddress(url=url, hadbrace=True))

    # Commands, on sippy's thread

    def ring(self, media: MediaDescription | None) -> None:
        """Only what rings in (inbound) can."""

    def answer(self, media: MediaDescription) -> None:
        """Only what rings in (inbound) can be answered by us."""

    def reject(self, status: int, reason: str) -> None:
        """Only what rings in (inbound) can be refused; anything else is hung up."""
        self.finish(by_remote=False, status=status, reason=reason)

    def hang_up(self) -> None:
        """BYE, CANCEL or 603."""
        self.finish(by_remote=False, status=0, reason="hung up")

    def tell_transfer(self, status: int, reason: str) -> None:
        """REFER is refused, so there is no transfer to tell of."""

    def finish(self, *, by_remote: bool, status: int, reason: str) -> None:
        """The dialog is over: told to the owner, and to the far end unless it said so itself."""
        if self._over:
            return
        self._over = True
        self._forget(self)
        try:
            if not by_remote:
                self._leave(status, reason)
        finally:
            self._leg.end(by_remote=by_remote, status=status, reason=reason)

    def _leave(self, status: int, reason: str) -> None:
        self._ua.recvEvent(CCEventDisconnect(origin="switch"))

    # Events of sippy

    def _on_event(self, event: Any, _ua: Any) -> None:
        raise NotImplementedError

    def _on_dead(self, *_: Any) -> None:
        if not self._over:
            self.finish(by_remote=True, status=0, reason="dialog ended")

    def receive(self, request: Any, transaction: Any) -> Answer:
        """A request of this dialog."""
        method = request.getMethod()
        if self._peer_left or (self._over and method != "BYE"):
            return respond(request, self._place, 481, "Call/Transaction Does Not Exist"), None, None
        if method == "BYE" or not self._ua.isConnected():
            self._peer_left = method == "BYE"
            return self._sippy_request(request, transaction)  # type: ignore[no-any-return]  # sippy has no types
        number = request.getHFBody("cseq").getCSeqNum()
        if self._ua.rCSeq is not None and self._ua.rCSeq >= number:
            return respond(request, self._place, 500, "CSeq Out of Order"), None, None
        self._ua.rCSeq = number
        if method == "INVITE":
            return self._reinvite(request, transaction)
        if method == "INFO":
            return self._info(request), None, None
        if method == "OPTIONS":
            return respond(request, self._place, 200, "OK", *capabilities()), None, None
        return refuse_method(request, self._place), None, None

    def _info(self, request: Any) -> Any:
        body = request.getBody()
        if body is None:
            return respond(request, self._place, 200, "OK")
        content_type = body.getType()
        if content_type not in DIGIT_TYPES:
            accepted = header("accept", ", ".join(sorted(DIGIT_TYPES)))
            return respond(request, self._place, 415, "Unsupported Media Type", accepted)
        digit = info_digit(content_type, str(body))
        if digit is None:
            return respond(request, self._place, 400, "No Key In Body")
        self._leg.tell(lambda events: events.on_digit(digit))
        return respond(request, self._place, 200, "OK")

    def _reinvite(self, request: Any, transaction: Any) -> Answer:
        if self._local is None:
            return respond(request, self._place, 491, "Request Pending"), None, None
        if request.countHFs("contact") > 0:
            self._retarget(request.getHFBody("contact").getUrl().getCopy())
        body = request.getBody()
        contact = SipHeader(name="contact", body=self._contact(""))
        if body is None:
            offer = self._describe(sdp.write_offer(self._local, self._origin, self._place.codecs))
            response = respond(request, self._place, 200, "OK", contact, body=offer)
            self._place.config["_sip_tm"].sendResponse(response, transaction, ack_cb=self._on_late_answer)
            return None
        try:
            agreement = read_body(body, self._place.codecs)
        except SipError as error:
            return refuse_media(request, self._place, error), None, None
        text = self._answer_to(agreement, self._local)
        return respond(request, self._place, 200, "OK", contact, body=text), None, None

    def _retarget(self, url: Any) -> None:
        self._ua.rTarget = url
        if not self._ua.routes:
            self._ua.rAddr = url.getTAddr()

    def _answer_to(self, agreement: sdp.Agreement, local: MediaDescription) -> str:
        """Our SDP in answer; the owner is told when theirs is not what it was."""
        before = self._agreement.media if self._agreement else None
        self._agreement = agreement
        if before is not None and before != agreement.media:
            self._leg.tell(lambda events: events.on_media_changed(agreement.media))
        return self._describe(sdp.write_answer(agreement, local, self._origin))

    def _describe(self, text: str) -> str:
        """`text` with the version of its origin raised where it differs from what we said before (RFC 3264, 8)."""
        if self._said and text != self._said:
            raised = msgspec.structs.replace(self._origin, version=self._origin.version + 1)
            old = f"o=- {self._origin.session_id} {self._origin.version} "
            text = text.replace(old, f"o=- {raised.session_id} {raised.version} ", 1)
            self._origin = raised
        self._said = text
        return text

    def _on_late_answer(self, ack: Any) -> None:
        """The ACK of a re-INVITE that had no offer: it has the answer to ours."""
        body = ack.getBody()
        if body is None or self._over:
            return
        try:
            agreement = read_body(body, self._place.codecs)
        except SipError as error:
            logger.warning("answer in an ACK is unusable; the old sound stays", error=error.what)
            return
        before = self._agreement.media if self._agreement else None
        self._agreement = agreement
        if before != agreement.media:
            self._leg.tell(lambda events: events.on_media_changed(agreement.media))


def capabilities(allowed: str = ALLOWED) -> tuple[Any, ...]:
    """The headers that tell what we can do (answers to OPTIONS)."""
    return header("allow", allowed), header("accept", f"{SDP_TYPE}, application/dtmf-relay"), header("supported", "")


def refuse_method(request: Any, place: SipPlace, allowed: str = ALLOWED) -> Any:
    """405 for a method that SIP has and we do not, 501 for one that SIP has not."""
    if request.getMethod() in KNOWN_METHODS:
        return respond(request, place, 405, "Method Not Allowed", header("allow", allowed))
    return respond(request, place, 501, "Not Implemented", header("allow", allowed))
