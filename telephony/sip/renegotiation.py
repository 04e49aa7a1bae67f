"""re-INVITE and UPDATE of the far end: a refresh, another target, another sound (RFC 3261, 14; RFC 3311)."""

from collections.abc import Callable
from typing import Any

import structlog
from sippy.SipHeader import SipHeader

from domain.errors import SipError
from telephony.ports import MediaDescription
from telephony.sip import sdp
from telephony.sip.message import (
    Answer,
    SipPlace,
    capabilities,
    header,
    read_body,
    refuse_media,
    respond,
    retry_after,
)
from telephony.sip.negotiation import Negotiation, Turn
from telephony.sip.session import SessionKeeper, grant_headers
from telephony.sip.session_timer import TooBrief
from telephony.sip.ua import DialogUA

logger = structlog.get_logger()


class Renegotiation:
    """Of one dialog. on_changed: the far end's sound is another now. on_no_ack: our 200 was never acknowledged."""

    def __init__(
        self,
        place: SipPlace,
        ua: DialogUA,
        negotiation: Negotiation,
        keeper: SessionKeeper,
        *,
        on_changed: Callable[[MediaDescription], None],
        on_no_ack: Callable[..., None],
    ) -> None:
        self._place = place
        self._ua = ua
        self._negotiation = negotiation
        self._keeper = keeper
        self._on_changed = on_changed
        self._on_no_ack = on_no_ack

    def reinvite(self, request: Any, transaction: Any) -> Answer:
        """With an offer it is answered; without one we make it, and the ACK has the answer."""
        local = self._negotiation.local
        if not self._ua.isConnected() or local is None:
            return self._respond(request, 500, "Not Answered Yet", retry_after()), None, None
        refused, headers = self._refreshed(request, offers=True)
        if refused is not None:
            return refused, None, None
        body = request.getBody()
        if body is not None:
            try:
                text = self.answer_to(self._read(body), local)
            except SipError as error:
                return refuse_media(request, self._place, error), None, None
            return self._respond(request, 200, "OK", *headers, body=text), None, self._on_no_ack
        offer = self._negotiation.offer(local)
        answer = self._respond(request, 200, "OK", *headers, body=offer)
        self._place.config["_sip_tm"].sendResponse(answer, transaction, ack_cb=self._on_late_answer)
        transaction.noack_cb = self._on_no_ack
        return None

    def update(self, request: Any) -> Any:
        """RFC 3311: a refresh, and an offer where one is allowed."""
        body = request.getBody()
        refused, headers = self._refreshed(request, offers=body is not None)
        if refused is not None:
            return refused
        local = self._negotiation.local
        if body is None or local is None:
            return self._respond(request, 200, "OK", *headers)
        try:
            text = self.answer_to(self._read(body), local)
        except SipError as error:
            return refuse_media(request, self._place, error)
        return self._respond(request, 200, "OK", *headers, body=text)

    def answer_to(self, agreement: sdp.Agreement, local: MediaDescription) -> str:
        """Our SDP in answer; the owner is told when theirs is not what it was."""
        changed = self._negotiation.take_offer(agreement)
        if changed is not None:
            self._on_changed(changed)
        return self._negotiation.answer(local)

    def _refreshed(self, request: Any, *, offers: bool) -> tuple[Any, tuple[Any, ...]]:
        """(a refusal or None, headers of a 200) for a request that refreshes session and target."""
        if offers and self._negotiation.turn is Turn.OURS:
            return self._respond(request, 500, "Not Answered Yet", retry_after()), ()
        if offers and not self._negotiation.is_settled:
            return self._respond(request, 491, "Request Pending"), ()
        grant = self._keeper.admit(request)
        if isinstance(grant, TooBrief):
            least = header("min-se", str(grant.min_s))
            return self._respond(request, 422, "Session Interval Too Small", least), ()
        self._keeper.answered(grant)
        if request.countHFs("contact") > 0 and not request.getHFBody("contact").asterisk:
            self._ua.retarget(request.getHFBody("contact").getUrl().getCopy())
        contact = SipHeader(name="contact", body=self._place.contact())
        return None, (contact, *capabilities(), *grant_headers(grant))

    def _on_late_answer(self, ack: Any) -> None:
        """The ACK of a re-INVITE that had no offer: it has the answer to ours."""
        self._negotiation.withdraw()
        body = ack.getBody()
        if body is None:
            return
        try:
            changed = self._negotiation.take_answer(self._read(body))
        except SipError as error:
            logger.warning("answer in an ACK is unusable; the old sound stays", error=error.what)
            return
        if changed is not None:
            self._on_changed(changed)

    def _respond(self, request: Any, status: int, reason: str, *headers: Any, body: str | None = None) -> Any:
        return respond(request, self._place, status, reason, *headers, body=body)

    def _read(self, body: Any) -> sdp.Agreement:
        return read_body(body, self._place.codecs)
