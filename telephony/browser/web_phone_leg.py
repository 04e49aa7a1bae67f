"""The leg of a call to a browser telephone, as its owner holds it (`ports.SipLeg`)."""

import asyncio
from collections.abc import Callable

import structlog

from telephony.ports import LegEvents, MediaDescription

logger = structlog.get_logger()


class WebPhoneLeg:
    """media: the owner's side of the sound; address: where its leg is reached from this machine.

    Events come in order, none after on_ended, and none before the call that caused them has returned.
    """

    def __init__(self, events: LegEvents, media: MediaDescription, address: str) -> None:
        self.media = media
        self.address = address
        self.on_hang_up: Callable[[], None] | None = None
        self._events = events
        self._over = False

    @property
    def sip_call_id(self) -> str:
        """None: no SIP telephone can name a browser's call."""
        return ""

    def ring(self, media: MediaDescription | None = None) -> None:
        """Only inbound legs ring."""

    def answer(self, media: MediaDescription) -> None:
        """Only inbound legs are answered by us."""

    def reject(self, status: int, reason: str) -> None:
        """Only inbound legs are rejected by us."""

    def hang_up(self) -> None:
        if self.on_hang_up is not None and not self._over:
            self.on_hang_up()

    def tell_transfer(self, status: int, reason: str) -> None:
        """A browser asks for no transfer: its page does, by the call's own commands."""

    def tell(self, say: Callable[[LegEvents], None]) -> None:
        """Soon, on the loop."""
        if not self._over:
            asyncio.get_running_loop().call_soon(self._deliver, say)

    def end(self, *, by_remote: bool, status: int, reason: str) -> None:
        """Tell the owner that the leg is over; harmless twice."""
        self.tell(lambda events: events.on_ended(by_remote=by_remote, status=status, reason=reason))
        self._over = True

    def _deliver(self, say: Callable[[LegEvents], None]) -> None:
        try:
            say(self._events)
        except Exception:
            logger.exception("receiver of a leg's event failed")
