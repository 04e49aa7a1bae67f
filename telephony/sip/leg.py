"""A SIP leg as the asyncio loop sees it: commands go to sippy's thread, events come back to the loop."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from telephony.ports import LegEvents, MediaDescription

HAND_OVER_S = 0.00005
"""Enough for a thread to wake up and take the interpreter lock; it keeps it until its message is sent."""

logger = structlog.get_logger()


class DialogCommands(Protocol):
    """What a dialog does on sippy's thread."""

    def ring(self, media: MediaDescription | None) -> None: ...

    def answer(self, media: MediaDescription) -> None: ...

    def reject(self, status: int, reason: str) -> None: ...

    def hang_up(self) -> None: ...

    def tell_transfer(self, status: int, reason: str) -> None: ...


class Leg:
    """Implements ports.SipLeg. `dialog` and `events` are set by whoever makes it, before either side uses it.

    Events are delivered in order and none after on_ended, which comes exactly once.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, post: Callable[..., None], sip_call_id: str) -> None:
        self.sip_call_id = sip_call_id
        self.dialog: DialogCommands | None = None
        self.events: LegEvents | None = None
        self._loop = loop
        self._post = post
        self._over = False

    def ring(self, media: MediaDescription | None = None) -> None:
        self._post(self._command, lambda dialog: dialog.ring(media))

    def answer(self, media: MediaDescription) -> None:
        self._post(self._command, lambda dialog: dialog.answer(media))
        # sippy's thread would wait until this one has nothing more to do, and the caller with it.
        time.sleep(HAND_OVER_S)

    def reject(self, status: int, reason: str) -> None:
        self._post(self._command, lambda dialog: dialog.reject(status, reason))

    def hang_up(self) -> None:
        self._post(self._command, lambda dialog: dialog.hang_up())

    def tell_transfer(self, status: int, reason: str) -> None:
        self._post(self._command, lambda dialog: dialog.tell_transfer(status, reason))

    def _command(self, do: Callable[[DialogCommands], None]) -> None:
        if self.dialog is None:
            return
        try:
            do(self.dialog)
        except Exception:
            logger.exception("command to a sip dialog failed")
            self.end(by_remote=False, status=500, reason="internal error")

    def tell(self, say: Callable[[LegEvents], None]) -> None:
        """From any thread: say something to the owner, on the loop."""
        call_on_loop(self._loop, self._deliver, say)

    def end(self, *, by_remote: bool, status: int, reason: str) -> None:
        """From any thread: the leg is over; harmless when it was."""
        call_on_loop(self._loop, self._deliver_end, by_remote, status, reason)

    def _deliver(self, say: Callable[[LegEvents], None]) -> None:
        if self._over or self.events is None:
            return
        try:
            say(self.events)
        except Exception:
            logger.exception("owner of a sip leg failed on an event")

    def _deliver_end(self, by_remote: bool, status: int, reason: str) -> None:
        if not self._over:
            self._deliver(lambda events: events.on_ended(by_remote=by_remote, status=status, reason=reason))
            self._over = True
            self.events = None  # SIP's transactions remember the leg for 32 s more, and not the call behind it


class AttemptLeg(Leg):
    """One try of a call that may be placed in several ways, on sippy's thread: what its dialog hears goes to the whole
    call's leg, and its end to `ended` (by_remote, status, reason)."""

    def __init__(self, whole: Leg, ended: Callable[[bool, int, str], None]) -> None:
        super().__init__(whole._loop, whole._post, whole.sip_call_id)
        self._whole = whole
        self._ended = ended

    def tell(self, say: Callable[[LegEvents], None]) -> None:
        self._whole.tell(say)

    def end(self, *, by_remote: bool, status: int, reason: str) -> None:
        self._ended(by_remote, status, reason)


def call_on_loop(loop: asyncio.AbstractEventLoop, function: Callable[..., object], *arguments: object) -> None:
    """As loop.call_soon_threadsafe; what comes after the loop's end is dropped, since nobody is left to hear it."""
    if loop.is_closed():
        logger.debug("sip event after the end of the loop")
        return
    loop.call_soon_threadsafe(function, *arguments)
