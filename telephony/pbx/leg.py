"""A call with the PBX (`ports.SipLeg`): what both directions share. Everything happens on the asyncio loop."""

from collections.abc import Callable
from typing import Protocol

import structlog

from domain.errors import SipError
from telephony.pbx.client import PbxClient, PbxDialog
from telephony.pbx.message import PbxMessage
from telephony.pbx.resend import Resend
from telephony.ports import LegEvents, MediaDescription
from telephony.sip import sdp
from telephony.sip.info_digit import DIGIT_TYPES, info_digit
from telephony.sip.negotiation import Negotiation

SDP_TYPE = "application/sdp"
logger = structlog.get_logger()


class PbxWire(Protocol):
    """Where a leg's messages go."""

    @property
    def client(self) -> PbxClient:
        """Writes them."""

    def send(self, text: str) -> None:
        """To the PBX."""

    def forget(self, leg: "PbxLeg") -> None:
        """The leg's last transaction is over."""


class PbxLeg:
    """Subclasses know how the call begins."""

    def __init__(self, wire: PbxWire, dialog: PbxDialog, negotiation: Negotiation) -> None:
        self.dialog = dialog
        self.over = False
        self.is_up = False
        self._wire = wire
        self._client = wire.client
        self._sound = negotiation
        self._heard_cseq = 0
        self._resend: Resend | None = None
        self._events: LegEvents | None = None
        self._untold: list[Callable[[LegEvents], None]] = []
        self._answer_to: dict[tuple[int, str], str] = {}

    @property
    def sip_call_id(self) -> str:
        return self.dialog.call_id

    def tell(self, events: LegEvents) -> None:
        """Who hears of this leg; what happened until now is told first."""
        self._events = events
        untold, self._untold = self._untold, []
        for say in untold:
            self._say(events, say)

    def ring(self, media: MediaDescription | None = None) -> None:
        """Only what rings in can."""

    def answer(self, media: MediaDescription) -> None:
        """Only what rings in can be answered by us."""

    def reject(self, status: int, reason: str) -> None:
        """Only what rings in can be refused; anything else is hung up."""
        self.hang_up()

    def hang_up(self) -> None:
        """BYE; harmless when it is over."""
        if not self.over:
            self._say_bye()
            self._end(by_remote=False, status=0, reason="hung up")

    def tell_transfer(self, status: int, reason: str) -> None:
        """A PBX transfers its own extensions: REFER is refused here (405), so nobody waits for this."""

    def take_request(self, request: PbxMessage) -> None:
        """A request inside the dialog."""
        number, method = request.cseq
        if method == "ACK":
            self._take_ack(request)
        elif (number, method) in self._answer_to:
            self._wire.send(self._answer_to[number, method])
        elif number <= self._heard_cseq and method != "CANCEL":
            self._reply(request, 500, "Server Internal Error")
        else:
            self._heard_cseq = max(number, self._heard_cseq)
            handler = self._handlers().get(method)
            if handler is None:
                self._reply(request, 405, "Method Not Allowed")
            else:
                handler(request)

    def take_response(self, response: PbxMessage) -> None:
        """A response to one of our requests."""
        method = response.cseq[1]
        if response.code >= 200 and method == "BYE":
            self._stop_resending()
            self._wire.forget(self)

    def _handlers(self) -> dict[str, Callable[[PbxMessage], None]]:
        return {
            "BYE": self._take_bye,
            "OPTIONS": lambda request: self._reply(request, 200, "OK"),
            "INFO": self._take_info,
            "INVITE": self._take_reinvite,
        }

    def _take_bye(self, request: PbxMessage) -> None:
        self._reply(request, 200, "OK")
        self._end(by_remote=True, status=200, reason="bye")
        self._wire.forget(self)

    def _take_info(self, request: PbxMessage) -> None:
        kind = str(request.headers.get("Content-Type", "")).partition(";")[0].strip().lower()
        if kind not in DIGIT_TYPES:
            return self._reply(request, 415, "Unsupported Media Type")
        digit = info_digit(kind, request.text)
        if digit is None:
            return self._reply(request, 400, "Bad Request")
        self._reply(request, 200, "OK")
        self._tell(lambda events: events.on_digit(digit))

    def _take_reinvite(self, request: PbxMessage) -> None:
        """Hold, resume, another address or codec; without SDP we offer, and the answer comes in the ACK."""
        local = self._sound.local
        if not self.is_up or local is None or self._sound.turn != "nobody":
            return self._reply(request, 491, "Request Pending")
        if not request.text:
            return self._accept(request, self._sound.offer(local))
        agreement = self.read_sound(request)
        if agreement is None:
            return None
        changed = self._sound.take_offer(agreement)
        self._accept(request, self._sound.answer(local))
        if changed is not None:
            self._tell(lambda events: events.on_media_changed(changed))
        return None

    def _take_ack(self, ack: PbxMessage) -> None:
        """The end of an INVITE of theirs; with the answer, when we had offered."""
        self._stop_resending()
        if self._sound.turn != "theirs" or self.over:
            return
        try:
            agreement = read_sdp(ack)
        except SipError as error:
            self._sound.withdraw()
            self._unanswered_offer(error)
            return
        changed, first = self._sound.take_answer(agreement), not self.is_up
        self.is_up = True
        media = agreement.media
        if first:
            self._tell(lambda events: events.on_answered(media))
        elif changed is not None:
            self._tell(lambda events: events.on_media_changed(media))

    def _unanswered_offer(self, error: SipError) -> None:
        if not self.is_up:
            logger.warning("a call is ended: our offer was not answered", error=error.what)
            self._say_bye()
            self._end(by_remote=False, status=488, reason="no answer to our offer")

    def read_sound(self, request: PbxMessage) -> sdp.Agreement | None:
        """What we take of the offer; None when it was refused, with the reason in words."""
        try:
            return read_sdp(request)
        except SipError as error:
            # RFC 3261, 20.43: 305 is "incompatible media format".
            warning = f'Warning: 305 {self._client.myIP} "{error.what}"\r\n'
            if isinstance(error, sdp.NoCommonCodecError):
                self._reply(request, 488, "Not Acceptable Here", headers=warning)
            else:
                self._reply(request, 400, "Bad Session Description", headers=warning)
            return None

    def _accept(self, request: PbxMessage, body: str) -> None:
        """200 OK to an INVITE, again and again until its ACK comes."""
        text = self._client.write_response(request, 200, "OK", to_tag=self.dialog.local_tag, body=body)
        self._answer_to[request.cseq] = text
        self._stop_resending()
        self._resend = Resend(lambda: self._wire.send(text), self._unacknowledged)

    def _unacknowledged(self) -> None:
        if not self.over:
            self._say_bye()
            self._end(by_remote=False, status=408, reason="no ACK came")

    def _reply(self, request: PbxMessage, status: int, reason: str, *, headers: str = "") -> None:
        text = self._client.write_response(request, status, reason, to_tag=self.dialog.local_tag, headers=headers)
        self._answer_to[request.cseq] = text
        self._wire.send(text)

    def _say_bye(self) -> None:
        self.dialog.cseq += 1
        text = self._client.write_request("BYE", self.dialog)
        self._stop_resending()
        self._resend = Resend(lambda: self._wire.send(text), lambda: self._wire.forget(self))

    def _stop_resending(self) -> None:
        if self._resend is not None:
            self._resend.stop()
            self._resend = None

    def _tell(self, say: Callable[[LegEvents], None]) -> None:
        if self.over:
            return
        if self._events is None:
            self._untold.append(say)
        else:
            self._say(self._events, say)

    @staticmethod
    def _say(events: LegEvents, say: Callable[[LegEvents], None]) -> None:
        try:
            say(events)
        except Exception:
            logger.exception("owner of a sip leg failed on an event")

    def _end(self, *, by_remote: bool, status: int, reason: str) -> None:
        self._tell(lambda events: events.on_ended(by_remote=by_remote, status=status, reason=reason))
        self.over = True

    def put_away(self) -> None:
        """No message leaves any more."""
        self._stop_resending()


def read_sdp(message: PbxMessage) -> sdp.Agreement:
    """The audio of a message's body; SipError when it is none that we can do."""
    kind = str(message.headers.get("Content-Type", "")).partition(";")[0].strip().lower()
    if kind != SDP_TYPE:
        raise sdp.SdpError(f"the body is {kind[:80] or 'none'}", where="Content-Type", remedy="send application/sdp")
    return sdp.read(message.text)
