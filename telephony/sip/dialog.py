"""A SIP dialog on sippy's thread: what both directions share (re-INVITE, UPDATE, INFO, OPTIONS, REFER, the end).

sippy's UA keeps the INVITE, the route set, CANCEL and BYE. Other requests inside the dialog come here first, because
sippy knows too little of them: it hangs up on REFER, and does not answer UPDATE, PRACK or an unknown method at all.
"""

from collections.abc import Callable
from typing import Any

from sippy.CCEvents import CCEventDisconnect

from telephony.ports import MediaDescription
from telephony.sip import sdp
from telephony.sip.info_digit import DIGIT_TYPES, info_digit
from telephony.sip.leg import Leg
from telephony.sip.message import (
    Answer,
    SipPlace,
    capabilities,
    header,
    read_body,
    refuse_extensions,
    refuse_method,
    respond,
)
from telephony.sip.negotiation import Negotiation
from telephony.sip.renegotiation import Renegotiation
from telephony.sip.replaces import Replaces
from telephony.sip.session import SessionKeeper
from telephony.sip.thread import fault_log
from telephony.sip.transfer import Transfer, Transfers
from telephony.sip.ua import DialogUA

Forget = Callable[["Dialog"], None]


class Dialog:
    """phone: the extension, where the far end is a telephone of ours, which may transfer; "" elsewhere. calls: we
    placed the call. named: set by whoever knows all dialogs: which of them a Replaces means.
    """

    def __init__(
        self,
        place: SipPlace,
        leg: Leg,
        ua: DialogUA,
        negotiation: Negotiation,
        forget: Forget,
        *,
        phone: str = "",
        calls: bool,
    ) -> None:
        self._place = place
        self._leg = leg
        self._ua = ua
        self._negotiation = negotiation
        self._forget = forget
        self.phone = phone
        self.named: Callable[[Replaces], Dialog | None] = lambda _replaces: None
        self._calls = calls
        self._over = False
        self._peer_left = False
        self._transfers = Transfers(place, ua, self._ask_transfer)
        self._keeper = SessionKeeper(
            ua, negotiation, place.session, calls=calls, on_changed=self._tell_changed, on_gone=self._on_gone
        )
        self._renegotiation = Renegotiation(
            place, ua, negotiation, self._keeper, on_changed=self._tell_changed, on_no_ack=self._on_no_ack
        )
        leg.dialog = self
        ua.local_ua = place.user_agent
        ua.event_cb = self._on_event
        ua.lContact = place.contact()
        ua.dead_cbs = (self._on_dead,)
        ua.on_request = self.receive

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
        """NOTIFY the phone that asked."""
        if not self._over:
            self._transfers.tell(status, reason)

    # Being replaced by another dialog

    @property
    def is_up(self) -> bool:
        """Answered, and not over."""
        return bool(self._ua.isConnected()) and not self._over

    @property
    def sip_call_id(self) -> str:
        return self._leg.sip_call_id

    @property
    def may_be_replaced(self) -> bool:
        """A phone's call that is up, or that we let ring (RFC 3891, 3)."""
        return bool(self.phone) and (self.is_up or self._calls)

    @property
    def local(self) -> MediaDescription | None:
        """Our sound."""
        return self._negotiation.local

    def is_named(self, replaces: Replaces) -> bool:
        """Whether a Replaces header means this dialog."""
        return bool(self._ua.getCID() == (replaces.call_id, replaces.our_tag, replaces.their_tag))

    def give_up_leg(self, unheard: Leg) -> Leg:
        """The leg, for another dialog; what this one still says goes to `unheard`."""
        leg, self._leg = self._leg, unheard
        return leg

    def finish(self, *, by_remote: bool, status: int, reason: str) -> None:
        """The dialog is over: told to the owner, and to the far end unless it said so itself."""
        if self._over:
            return
        self._over = True
        self._forget(self)
        self._keeper.stop()
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

    def _on_gone(self, status: int, reason: str) -> None:
        self.finish(by_remote=False, status=status, reason=reason)

    def _on_no_ack(self, *_: Any) -> None:
        self.finish(by_remote=False, status=408, reason="no ACK")

    def _tell_changed(self, media: MediaDescription) -> None:
        if self._over:
            return
        self._leg.tell(lambda events: events.on_media_changed(media))

    # Requests of the far end

    def receive(self, request: Any, transaction: Any) -> Answer:
        """A request of this dialog; one that cannot be read is answered 400, and never left without an answer."""
        try:
            return self._receive(request, transaction)
        except Exception:
            fault_log.report("a request in a dialog could not be handled")
            answered = transaction.tid is None or transaction.data is not None
            return None if answered else (self._respond(request, 400, "Bad Request"), None, None)

    def _receive(self, request: Any, transaction: Any) -> Answer:
        method = request.getMethod()
        if self._peer_left or (self._over and method != "BYE"):
            return self._respond(request, 481, "Call/Transaction Does Not Exist"), None, None
        if method == "BYE":
            return self._bye(request, transaction)
        number = request.getHFBody("cseq").getCSeqNum()
        if self._ua.rCSeq is not None and self._ua.rCSeq >= number:
            return self._respond(request, 500, "CSeq Out of Order"), None, None
        self._ua.rCSeq = number
        refused = refuse_extensions(request, self._place)
        if refused is not None:
            return refused, None, None
        self._keeper.learn(request)
        return self._handle(method, request, transaction)

    def _handle(self, method: str, request: Any, transaction: Any) -> Answer:
        match method:
            case "INVITE":
                return self._renegotiation.reinvite(request, transaction)
            case "UPDATE":
                return self._renegotiation.update(request), None, None
            case "INFO":
                return self._info(request), None, None
            case "REFER" if self.phone and self._ua.isConnected():
                return self._transfers.receive(request, transaction)
            case "REFER":
                # Only a phone of ours may move its call about.
                return self._respond(request, 403, "Transfers Are Not Yours"), None, None
            case "OPTIONS":
                return self._respond(request, 200, "OK", *capabilities()), None, None
            case _:
                return refuse_method(request, self._place), None, None

    def _respond(self, request: Any, status: int, reason: str, *headers: Any, body: str | None = None) -> Any:
        return respond(request, self._place, status, reason, *headers, body=body)

    def _read(self, body: Any) -> sdp.Agreement:
        """The audio of a body of theirs; SdpError, NoCommonCodecError."""
        return read_body(body, self._place.codecs)

    def _send(self, response: Any, transaction: Any, on_ack: Callable[[Any], None] | None = None) -> None:
        self._place.config["_sip_tm"].sendResponse(response, transaction, ack_cb=on_ack)

    def _bye(self, request: Any, transaction: Any) -> Answer:
        answer: Answer = self._ua.take_request(request, transaction)
        if answer is None and transaction.tid is not None and transaction.data is None:
            # sippy does not answer a BYE before the call is up, which the callee may not send (RFC 3261, 15).
            return self._respond(request, 481, "Call/Transaction Does Not Exist"), None, None
        self._peer_left = True
        return answer

    def _info(self, request: Any) -> Any:
        body = request.getBody()
        if body is None:
            return self._respond(request, 200, "OK")
        content_type = body.getType()
        if content_type not in DIGIT_TYPES:
            return self._respond(
                request, 415, "Unsupported Media Type", header("accept", ", ".join(sorted(DIGIT_TYPES)))
            )
        digit = info_digit(content_type, str(body))
        if digit is None:
            return self._respond(request, 400, "No Key In Body")
        self._leg.tell(lambda events: events.on_digit(digit))
        return self._respond(request, 200, "OK")

    def _ask_transfer(self, transfer: Transfer) -> None:
        """An attended one joins two calls of one telephone; another's call is not touched (RFC 3891, 3)."""
        call_id = ""
        if transfer.replaces is not None:
            other = self.named(transfer.replaces)
            if other is None:
                self.tell_transfer(481, "Call/Transaction Does Not Exist")
                return
            if other.phone != self.phone:
                self.tell_transfer(403, "Forbidden")
                return
            if transfer.replaces.early_only and other.is_up:
                self.tell_transfer(486, "Busy Here")
                return
            call_id = other.sip_call_id
        self._leg.tell(lambda events: events.on_transfer_asked(transfer.target, call_id))
