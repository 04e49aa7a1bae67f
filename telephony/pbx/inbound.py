"""A call that the PBX sends to our extension."""

from telephony.pbx.client import PbxDialog
from telephony.pbx.leg import PbxLeg, PbxWire
from telephony.pbx.message import PbxMessage
from telephony.ports import MediaDescription
from telephony.sip.negotiation import Negotiation


class PbxInboundLeg(PbxLeg):
    """invite: the one that began it."""

    def __init__(self, wire: PbxWire, invite: PbxMessage, local_tag: str) -> None:
        dialog = PbxDialog(
            call_id=invite.call_id,
            local=str(invite.headers["To"]["raw"]),
            local_tag=local_tag,
            remote=str(invite.headers["From"]["raw"]),
            remote_tag=invite.tag("From"),
            target=invite.target,
        )
        super().__init__(wire, dialog, Negotiation())
        self._invite = invite
        self._heard_cseq = invite.cseq[0]
        self._answered = False

        self.offered: MediaDescription | None = None
        """The caller's sound; None with a delayed offer."""

    def open(self) -> bool:
        """Take up the INVITE; False when its offer is none for us, and was refused."""
        self._reply(self._invite, 100, "Trying")
        if not self._invite.text:
            return True
        agreement = self.read_sound(self._invite)
        if agreement is None:
            self.over = True
            self._wire.forget(self)
            return False
        self._sound.take_offer(agreement)
        self.offered = agreement.media
        return True

    def ring(self, media: MediaDescription | None = None) -> None:
        """180; no sound before the answer: pyVoIP has none to offer."""
        if not (self.over or self._answered):
            self._reply(self._invite, 180, "Ringing")

    def answer(self, media: MediaDescription) -> None:
        if self.over or self._answered:
            return
        self._answered = True
        offered = self._sound.turn == "ours"
        self._accept(self._invite, self._sound.answer(media) if offered else self._sound.offer(media))
        self.is_up = offered

    def reject(self, status: int, reason: str) -> None:
        if not (self.over or self._answered):
            self._reply(self._invite, status, reason)
            self._end(by_remote=False, status=status, reason=reason)
            self._wire.forget(self)

    def hang_up(self) -> None:
        if self._answered:
            super().hang_up()
        else:
            self.reject(603, "Decline")

    def take_request(self, request: PbxMessage) -> None:
        if request.cseq == (self._invite.cseq[0], "CANCEL"):
            self._take_cancel(request)
        else:
            super().take_request(request)

    def _take_cancel(self, request: PbxMessage) -> None:
        """After the answer it changes nothing (RFC 3261, 9.2)."""
        self._reply(request, 200, "OK")
        if not (self.over or self._answered):
            self._reply(self._invite, 487, "Request Terminated")
            self._end(by_remote=True, status=487, reason="cancelled")
            self._wire.forget(self)
