"""A call to outside, on sippy's thread: it is placed by one trunk after another until one takes it."""

from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from sippy.Time.MonoTime import MonoTime
from sippy.Time.Timeout import Timeout

from telephony.ports import MediaDescription
from telephony.sip.addresses import bracketed
from telephony.sip.dialog import Dialog
from telephony.sip.leg import AttemptLeg, Leg
from telephony.sip.message import SipPlace
from telephony.sip.metrics import TRUNK_FAILED
from telephony.sip.outbound import Destination, OutboundDialog, Placement
from telephony.trunks.numbering import Number, write_number
from telephony.trunks.trunk import Outward, Trunk
from telephony.trunks.trunk_identity import shown_outward
from telephony.trunks.trunk_route import tries_next

logger = structlog.get_logger()


class TrunkDialog(OutboundDialog):
    """A try by one trunk. It ends with 408 after `answer_within_s` without any answer, and `is_silent` says so."""

    def __init__(
        self,
        place: SipPlace,
        leg: Leg,
        destination: Destination,
        placement: Placement,
        forget: Callable[[Dialog], None],
        outward: Outward,
    ) -> None:
        super().__init__(place, leg, destination, placement, forget)
        self._outward = outward
        self.is_silent = True
        self._patience: Any = None

    def start(self) -> None:
        self._patience = Timeout(self._on_silence, self._outward.answer_within_s)
        super().start()

    def _aim(self, ua: Any) -> None:
        super()._aim(ua)
        if self._outward.account is not None:
            # A registrar knows its users by an address in its own domain.
            ua.lUri.getUrl().host = bracketed(self._outward.host)

    def _on_response(self, response: Any, transaction: Any) -> None:
        # sippy makes a 408 itself when nothing has come; that one has no source.
        self.is_silent = self.is_silent and response.source is None
        if not self.is_silent:
            self._calm()
        super()._on_response(response, transaction)

    def _on_silence(self) -> None:
        self._patience = None
        self.finish(by_remote=False, status=408, reason="the trunk does not answer")

    def _calm(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def finish(self, *, by_remote: bool, status: int, reason: str) -> None:
        self._calm()
        super().finish(by_remote=by_remote, status=status, reason=reason)


class TrunkCall:
    """Implements sip.leg.DialogCommands for the leg of the whole call.

    trunks: in the order of trying, one at least. place: where a dialog by this trunk lives. taken, left: a dialog on a
    trunk begins and ends; failed: the trunk did not take the call, silent or with that status.
    """

    def __init__(
        self,
        leg: Leg,
        trunks: tuple[Trunk, ...],
        number: Number,
        placement: Placement,
        *,
        area_code: str,
        place: Callable[[Trunk], SipPlace],
        taken: Callable[[Dialog, Trunk], None],
        left: Callable[[Dialog], None],
        failed: Callable[[Trunk, int], None],
    ) -> None:
        self._leg = leg
        self._rest = list(trunks)
        self._number = number
        self._placement = placement
        self._area_code = area_code
        self._place = place
        self._taken = taken
        self._left = left
        self._failed = failed
        self._until_s = MonoTime().monot + placement.timeout_s
        self._trunk = trunks[0]
        self._dialog: TrunkDialog | None = None
        self._given_up = False
        leg.dialog = self

    def start(self) -> None:
        """Try the first trunk that is left."""
        self._trunk = trunk = self._rest.pop(0)
        outward = trunk.outward
        if outward is None:
            raise ValueError(f"trunk {trunk.name} has no server")
        attempt = AttemptLeg(self._leg, self._on_attempt_ended)
        placement = self._placement_by(outward)
        uri = f"sip:{placement.called_number}@{bracketed(outward.host)}:{outward.port}"
        destination = Destination(
            uri=uri if outward.transport == "udp" else f"{uri};transport={outward.transport}",
            address=(bracketed(outward.host), outward.port),
            transport=outward.transport,
        )
        self._dialog = TrunkDialog(self._place(trunk), attempt, destination, placement, self._left, outward)
        self._taken(self._dialog, trunk)
        self._dialog.start()

    def _placement_by(self, outward: Outward) -> Placement:
        shown = shown_outward(outward, self._placement.caller_number, self._area_code)
        account = outward.account
        return msgspec.structs.replace(
            self._placement,
            caller_number=shown.user,
            called_number=write_number(self._number, outward.form, self._area_code),
            timeout_s=max(0.1, self._until_s - MonoTime().monot),
            auth=(account.user, account.password) if account else None,
            headers=(*self._placement.headers, *shown.headers),
        )

    def _on_attempt_ended(self, by_remote: bool, status: int, reason: str) -> None:
        silent = self._dialog is None or self._dialog.is_silent
        if self._given_up or not tries_next(status, silent=silent):
            self._leg.end(by_remote=by_remote, status=status, reason=reason)
            return
        TRUNK_FAILED.labels(self._trunk.name).inc()
        logger.warning("trunk did not take a call", trunk=self._trunk.name, status=status, reason=reason, silent=silent)
        self._failed(self._trunk, 0 if silent else status)
        if not self._rest or MonoTime().monot >= self._until_s:
            self._leg.end(by_remote=by_remote, status=status, reason=reason)
            return
        # The dialog that ends is still on the stack.
        Timeout(self._go_on, 0.0)

    def _go_on(self) -> None:
        if self._given_up:
            self._leg.end(by_remote=False, status=0, reason="hung up")
            return
        try:
            self.start()
        except Exception:
            logger.exception("a call could not go on by the next trunk", trunk=self._trunk.name)
            self._leg.end(by_remote=False, status=500, reason="internal error")

    # Commands of the whole call

    def ring(self, media: MediaDescription | None) -> None:
        """Only what rings in can."""

    def answer(self, media: MediaDescription) -> None:
        """Only what rings in can be answered by us."""

    def reject(self, status: int, reason: str) -> None:
        self._given_up = True
        if self._dialog is not None:
            self._dialog.reject(status, reason)

    def hang_up(self) -> None:
        self._given_up = True
        if self._dialog is not None:
            self._dialog.hang_up()

    def tell_transfer(self, status: int, reason: str) -> None:
        if self._dialog is not None:
            self._dialog.tell_transfer(status, reason)
