"""The provisional responses of a call that comes in, on sippy's thread: repeated until acknowledged (RFC 3262)."""

import secrets
import time
from collections.abc import Callable
from typing import Any

from sippy.Time.Timeout import Timeout

from telephony.sip import reliable
from telephony.sip.message import header
from telephony.sip.reliable import Provisional, ReliableSender, Sent

LONGEST_RSEQ = 2**30


class Progress:
    """transmit: sends one, with these headers. on_unacknowledged: the far end never sent its PRACK."""

    def __init__(
        self, transmit: Callable[[Provisional, tuple[Any, ...]], None], on_unacknowledged: Callable[[], None]
    ) -> None:
        self._transmit = transmit
        self._on_unacknowledged = on_unacknowledged
        self._state = ReliableSender(next_rseq=1 + secrets.randbelow(LONGEST_RSEQ))
        self._timer: Any = None

    @property
    def owes_description(self) -> bool:
        """A 200 has to wait for the PRACK of a description."""
        return self._state.owes_description

    def say(self, provisional: Provisional, *, reliably: bool) -> None:
        """Send it, now or after those that wait for their PRACK."""
        if not reliably:
            self._transmit(provisional, ())
            return
        self._state, sent = reliable.send(self._state, provisional, time.monotonic())
        self._send(sent)

    def acknowledged(self, rseq: int) -> Provisional | None:
        """A PRACK came; what it acknowledges, None when nothing waits for it."""
        self._state, provisional, following = reliable.acknowledge(self._state, rseq, time.monotonic())
        self._send(following)
        return provisional

    def stop(self) -> None:
        """A final response is on its way: nothing is repeated any more."""
        self._state = reliable.conclude(self._state)
        self._schedule()

    def _send(self, sent: Sent | None) -> None:
        if sent is not None:
            self._transmit(sent.provisional, (header("require", "100rel"), header("rseq", str(sent.rseq))))
        self._schedule()

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        sent = self._state.sent
        if sent is not None and not self._state.concluded:
            self._timer = Timeout(self._on_time, max(0.0, sent.repeat_at_s - time.monotonic()))

    def _on_time(self) -> None:
        self._timer = None
        self._state, again, gave_up = reliable.repeat(self._state, time.monotonic())
        if gave_up:
            self._on_unacknowledged()
        else:
            self._send(again)
