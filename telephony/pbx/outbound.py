"""A call that we place through the PBX."""

import asyncio

import structlog

from domain.errors import SipError
from telephony.pbx.client import PbxDialog
from telephony.pbx.leg import PbxLeg, PbxWire, read_sdp
from telephony.pbx.message import PbxMessage
from telephony.pbx.resend import GIVEN_UP_AFTER_S, Resend
from telephony.ports import MediaDescription
from telephony.sip.negotiation import Negotiation

logger = structlog.get_logger()


class PbxOutboundLeg(PbxLeg):
    """Ringing ends after timeout_s with CANCEL, and status 408. headers: more lines for the INVITE."""

    def __init__(
        self, wire: PbxWire, dialog: PbxDialog, media: MediaDescription, timeout_s: float, headers: str
    ) -> None:
        super().__init__(wire, dialog, Negotiation())
        self._offer = self._sound.offer(media)
        self._headers = headers
        self._branch = ""
        self._challenged = False
        self._provisional = False
        self._given_up = False
        self._timer = asyncio.get_running_loop().call_later(timeout_s, self._time_out)

    def start(self) -> None:
        """Send the INVITE."""
        self._invite("")

    def hang_up(self) -> None:
        if self.is_up:
            super().hang_up()
        elif not self.over:
            self._give_up(status=0, reason="hung up")

    def take_response(self, response: PbxMessage) -> None:
        number, method = response.cseq
        if method == "CANCEL":
            return self._stop_resending()
        if method != "INVITE" or number != self.dialog.cseq:
            return super().take_response(response)
        if response.code < 200:
            return self._take_provisional(response)
        self._stop_resending()
        self._timer.cancel()
        self.dialog.remote_tag = response.tag("To")
        if response.code < 300:
            return self._take_answer(response)
        self._send_ack(self._branch)
        if response.code in (401, 407) and not self._challenged and not self._given_up:
            return self._answer_challenge(response)
        reason = response.heading.decode("utf-8", "replace").partition(" ")[2][4:]
        self._end(by_remote=True, status=response.code, reason=reason)
        return self._wire.forget(self)

    def put_away(self) -> None:
        self._timer.cancel()
        super().put_away()

    def _invite(self, credentials: str) -> None:
        self.dialog.cseq += 1
        self.dialog.remote_tag = ""
        self._branch = self._client.gen_branch()
        text = self._client.write_request(
            "INVITE", self.dialog, branch=self._branch, headers=self._headers + credentials, body=self._offer
        )
        self._resend = Resend(lambda: self._wire.send(text), self._time_out)

    def _take_provisional(self, response: PbxMessage) -> None:
        self._stop_resending()
        self._provisional = True
        if self._given_up:
            self._send_cancel()
        elif response.code > 100:
            self._tell(lambda events: events.on_progress(response.code))

    def _answer_challenge(self, response: PbxMessage) -> None:
        credentials = self._client.answer_challenge(response, "INVITE", self.dialog.target)
        if not credentials:
            self._end(by_remote=True, status=response.code, reason="a challenge that we cannot answer")
            return self._wire.forget(self)
        self._challenged = True
        self._timer = asyncio.get_running_loop().call_later(self._left_s(), self._time_out)
        return self._invite(credentials)

    def _left_s(self) -> float:
        return max(0.0, self._timer.when() - asyncio.get_running_loop().time())

    def _take_answer(self, response: PbxMessage) -> None:
        """200 OK; again, when our ACK was lost."""
        self.dialog.target = response.target or self.dialog.target
        self._send_ack("")
        if self.over:
            if self._given_up:
                self._given_up = False
                self._say_bye()
            return
        if self.is_up:
            return
        try:
            agreement = read_sdp(response)
        except SipError as error:
            logger.warning("a call is ended: its answer has no sound for us", error=error.what)
            self._say_bye()
            return self._end(by_remote=False, status=488, reason=error.what)
        self._sound.take_answer(agreement)
        self.is_up = True
        self._tell(lambda events: events.on_answered(agreement.media))

    def _time_out(self) -> None:
        self._give_up(status=408, reason="no answer in time")

    def _give_up(self, *, status: int, reason: str) -> None:
        """CANCEL once it may be sent (RFC 3261, 9.1); an answer that crosses it is hung up."""
        if self.over or self.is_up:
            return
        self._given_up = True
        self._timer.cancel()
        self._stop_resending()
        if self._provisional:
            self._send_cancel()
        else:
            self._timer = asyncio.get_running_loop().call_later(GIVEN_UP_AFTER_S, self._wire.forget, self)
        self._end(by_remote=False, status=status, reason=reason)

    def _send_cancel(self) -> None:
        dialog, branch = self.dialog, self._branch
        text = self._client.write_request("CANCEL", dialog, branch=branch)
        self._stop_resending()
        self._resend = Resend(lambda: self._wire.send(text), lambda: self._wire.forget(self))

    def _send_ack(self, branch: str) -> None:
        self._wire.send(self._client.write_request("ACK", self.dialog, branch=branch))
