"""A call that comes in, on sippy's thread."""

from typing import Any

from sippy.CCEvents import CCEventConnect, CCEventDisconnect, CCEventFail, CCEventPreConnect, CCEventRing
from sippy.MsgBody import MsgBody

from domain.errors import SipError
from telephony.ports import MediaDescription
from telephony.sip import sdp
from telephony.sip.dialog import Dialog, Forget
from telephony.sip.leg import Leg
from telephony.sip.message import (
    RETRY_AFTER_S,
    Answer,
    SipPlace,
    capabilities,
    header,
    option_tags,
    refuse_media,
    text_of,
)
from telephony.sip.negotiation import Negotiation, Turn
from telephony.sip.progress import Progress
from telephony.sip.reliable import Provisional, read_rack
from telephony.sip.session import grant_headers
from telephony.sip.session_timer import Grant
from telephony.sip.ua import DialogUA


class InboundDialog(Dialog):
    """agreement: what we take of the caller's offer; None when the offer is delayed, so that we make it.

    grant: what the INVITE is answered about the session's length.
    """

    def __init__(
        self,
        place: SipPlace,
        leg: Leg,
        agreement: sdp.Agreement | None,
        forget: Forget,
        *,
        phone: str,
        grant: Grant | None,
    ) -> None:
        super().__init__(
            place,
            leg,
            DialogUA(place.config),
            Negotiation(agreement, place.codecs),
            forget,
            phone=phone,
            calls=False,
        )
        self._grant = grant
        self._answered = False
        self._accepted = False
        self._late_offer = agreement is None
        self._must_be_reliable = False
        self._may_be_reliable = False
        self._invite_number = 0
        self._progress = Progress(self._transmit, self._on_unacknowledged)

    def open(self, request: Any, transaction: Any, *, behind_nat: tuple[str, int] | None) -> Answer:
        """Take up the INVITE: 100 Trying is sent. behind_nat: where later requests go in spite of the Contact."""
        self._must_be_reliable = "100rel" in option_tags(request, "require")
        self._may_be_reliable = self._must_be_reliable or "100rel" in option_tags(request, "supported")
        self._invite_number = request.getHFBody("cseq").getCSeqNum()
        self._keeper.learn(request)
        answer: Answer = self._ua.take_request(request, transaction)
        if transaction.r487 is not None:
            # All responses of a dialog carry one tag; sippy makes the 487 before it has ours.
            transaction.r487.getHFBody("to").setTag(self._ua.lTag)
        if behind_nat is not None:
            self._ua.pinned = (behind_nat, self._place.transport)
            self._ua.retarget(self._ua.rTarget)
        if answer is None:
            return None
        return None, answer[1], self._on_no_ack

    def stand_in(self, old: Dialog, media: MediaDescription) -> None:
        """Answer in the place of `old`, whose leg we have. media: the new phone's sound."""
        local = old.local
        if local is None:
            raise RuntimeError("a call without our sound cannot be replaced")
        if old.is_up:
            self._tell_changed(media)
        else:
            self._leg.tell(lambda events: events.on_answered(media))
        self.answer(local)

    def ring(self, media: MediaDescription | None) -> None:
        if self._over or self._answered:
            return
        negotiation = self._negotiation
        media = self._place.sound(media) if media is not None else None
        reliably = self._may_be_reliable
        body = None
        if media is not None and negotiation.turn is Turn.OURS:
            body = negotiation.answer(media) if reliably else negotiation.preview(media)
        elif media is not None and self._late_offer and reliably and not negotiation.said:
            body = negotiation.offer(media)
        if body is None and self._late_offer and not negotiation.said:
            # The first reliable response to an INVITE without an offer has to make one (RFC 3261, 13.2.1).
            if self._must_be_reliable:
                return
            reliably, media = False, None
        provisional = (
            Provisional(status=180, reason="Ringing")
            if media is None
            else Provisional(status=183, reason="Session Progress", body=body)
        )
        self._progress.say(provisional, reliably=reliably)

    def _transmit(self, provisional: Provisional, headers: tuple[Any, ...]) -> None:
        body = None if provisional.body is None else MsgBody(provisional.body)
        event = CCEventRing((provisional.status, provisional.reason, body), origin="switch")
        event.extra_headers = (*capabilities(), *headers)
        self._ua.recvEvent(event)

    def _on_unacknowledged(self) -> None:
        # RFC 3262, 3: a 5xx after 64 times T1.
        self.finish(by_remote=False, status=504, reason="no PRACK")

    def answer(self, media: MediaDescription) -> None:
        if self._over or self._answered:
            return
        self._answered = True
        self._negotiation.local = media = self._place.sound(media)
        if not self._progress.owes_description:
            self._accept(media)

    def _accept(self, media: MediaDescription) -> None:
        """200 OK. A description that was acknowledged already is not repeated in it."""
        self._accepted = True
        self._progress.stop()
        negotiation = self._negotiation
        body = None
        connect = CCEventConnect
        if negotiation.turn is Turn.OURS:
            body = MsgBody(negotiation.answer(media))
        elif not negotiation.is_settled:
            body = MsgBody(negotiation.offer(media))
            connect = CCEventPreConnect
        event = connect((200, "OK", body), origin="switch")
        event.extra_headers = (*capabilities(), *grant_headers(self._grant))
        self._ua.recvEvent(event)
        self._keeper.answered(self._grant)

    def _leave(self, status: int, reason: str) -> None:
        if self._accepted:
            super()._leave(status, reason)
        else:
            refusal = (status, reason) if status >= 400 else (603, "Decline")
            event = CCEventFail(refusal, origin="switch")
            if status == 503:
                # A network that is told when does not take us for dead (RFC 3261, 21.5.4).
                event.extra_headers = (header("retry-after", RETRY_AFTER_S),)
            self._ua.recvEvent(event)

    def finish(self, *, by_remote: bool, status: int, reason: str) -> None:
        self._progress.stop()
        super().finish(by_remote=by_remote, status=status, reason=reason)

    def _handle(self, method: str, request: Any, transaction: Any) -> Answer:
        return self._prack(request, transaction) if method == "PRACK" else super()._handle(method, request, transaction)

    def _prack(self, request: Any, transaction: Any) -> Answer:
        rack = read_rack(text_of(request, "rack"))
        provisional = None
        if rack is not None and rack[1:] == (self._invite_number, "INVITE"):
            provisional = self._progress.acknowledged(rack[0])
        if provisional is None:
            return self._respond(request, 481, "No Such Response"), None, None
        try:
            body = self._answer_to_prack(request.getBody())
        except SipError as error:
            return refuse_media(request, self._place, error), None, None
        self._send(self._respond(request, 200, "OK", body=body), transaction)
        local = self._negotiation.local
        if self._answered and not self._accepted and local is not None and not self._progress.owes_description:
            self._accept(local)
        return None

    def _answer_to_prack(self, body: Any) -> str | None:
        """A PRACK answers the offer of a reliable response, or makes another (RFC 3262, 5); our answer to that one."""
        if body is None:
            return None
        agreement = self._read(body)
        local = self._negotiation.local
        if self._negotiation.turn is Turn.THEIRS:
            self._negotiation.take_answer(agreement)
            self._leg.tell(lambda events: events.on_answered(agreement.media))
        elif local is not None and self._negotiation.is_settled:
            return self._renegotiation.answer_to(agreement, local)
        return None

    def _on_event(self, event: Any, _ua: Any) -> None:
        if isinstance(event, CCEventDisconnect):
            status, reason = (200, "bye") if self._accepted else (487, "cancelled")
            self.finish(by_remote=True, status=status, reason=reason)
        elif isinstance(event, CCEventConnect):
            self._on_ack_with_answer(event.getData()[2])

    def _on_ack_with_answer(self, body: Any) -> None:
        try:
            if body is None:
                raise sdp.SdpError("no answer to our offer", where="ACK", remedy="send SDP in the ACK")
            agreement = self._read(body)
        except SipError as error:
            self.finish(by_remote=False, status=488, reason=error.what)
            return
        self._negotiation.take_answer(agreement)
        self._leg.tell(lambda events: events.on_answered(agreement.media))
