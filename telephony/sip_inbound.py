"""A call that comes in, on sippy's thread."""

from collections.abc import Callable
from typing import Any

from sippy.CCEvents import CCEventConnect, CCEventDisconnect, CCEventFail, CCEventPreConnect, CCEventRing
from sippy.MsgBody import MsgBody

from domain.errors import SipError
from telephony import sdp
from telephony.ports import MediaDescription
from telephony.sip_dialog import Answer, Dialog, SipPlace, capabilities, read_body
from telephony.sip_leg import Leg


class InboundDialog(Dialog):
    """agreement: what we take of the caller's offer; None when the offer is delayed, so that we make it in the 200."""

    def __init__(
        self, place: SipPlace, leg: Leg, agreement: sdp.Agreement | None, forget: Callable[[Dialog], None]
    ) -> None:
        super().__init__(place, leg, self.new_ua(place), forget)
        self._agreement = agreement
        self._answered = False
        self._behind_nat: tuple[str, int] | None = None

    def open(self, request: Any, transaction: Any, *, behind_nat: tuple[str, int] | None) -> Answer:
        """Take up the INVITE: 100 Trying is sent. behind_nat: where later requests go in spite of the Contact."""
        self._behind_nat = behind_nat
        answer = self._sippy_request(request, transaction)
        if transaction.r487 is not None:
            # All responses of a dialog carry one tag; sippy makes the 487 before it has ours.
            transaction.r487.getHFBody("to").setTag(self._ua.lTag)
        if behind_nat is not None and not self._ua.routes:
            self._ua.rAddr = (behind_nat, self._place.transport)
        if answer is None:
            return None
        return None, answer[1], self._on_no_ack

    def ring(self, media: MediaDescription | None) -> None:
        if not self._over and not self._answered:
            self._ua.recvEvent(CCEventRing((180, "Ringing", None), origin="switch"))

    def answer(self, media: MediaDescription) -> None:
        if self._over or self._answered:
            return
        self._answered = True
        self._local = media = self._place.sound(media)
        if self._agreement is not None:
            body = MsgBody(self._answer_to(self._agreement, media))
            event = CCEventConnect((200, "OK", body), origin="switch")
        else:
            body = MsgBody(self._describe(sdp.write_offer(media, self._origin, self._place.codecs)))
            event = CCEventPreConnect((200, "OK", body), origin="switch")
        event.extra_headers = capabilities()
        self._ua.recvEvent(event)

    def reject(self, status: int, reason: str) -> None:
        self.finish(by_remote=False, status=status, reason=reason)

    def _leave(self, status: int, reason: str) -> None:
        if self._answered:
            super()._leave(status, reason)
        else:
            refusal = (status, reason) if status >= 400 else (603, "Decline")
            self._ua.recvEvent(CCEventFail(refusal, origin="switch"))

    def _retarget(self, url: Any) -> None:
        super()._retarget(url)
        if self._behind_nat is not None and not self._ua.routes:
            self._ua.rAddr = (self._behind_nat, self._place.transport)

    def _on_event(self, event: Any, _ua: Any) -> None:
        if isinstance(event, CCEventDisconnect):
            status, reason = (200, "bye") if self._answered else (487, "cancelled")
            self.finish(by_remote=True, status=status, reason=reason)
        elif isinstance(event, CCEventConnect):
            self._on_ack_with_answer(event.getData()[2])

    def _on_ack_with_answer(self, body: Any) -> None:
        try:
            if body is None:
                raise sdp.SdpError("no answer to our offer", where="ACK", remedy="send SDP in the ACK")
            agreement = read_body(body, self._place.codecs)
        except SipError as error:
            self.finish(by_remote=False, status=488, reason=error.what)
            return
        self._agreement = agreement
        self._leg.tell(lambda events: events.on_answered(agreement.media))

    def _on_no_ack(self, *_: Any) -> None:
        self.finish(by_remote=False, status=408, reason="no ACK")
