"""A message that is sent again until it is answered (RFC 3261, 17.1: T1 0.5 s, doubled up to T2 4 s, 32 s in all)."""

import asyncio
from collections.abc import Callable

T1_S = 0.5
T2_S = 4.0
GIVEN_UP_AFTER_S = 32.0


class Resend:
    """Sends at once. given_up: called when nothing stopped it in time. pyVoIP itself sends everything once."""

    def __init__(self, send: Callable[[], None], given_up: Callable[[], None]) -> None:
        self._send = send
        self._given_up = given_up
        self._loop = asyncio.get_running_loop()
        self._ends_s = self._loop.time() + GIVEN_UP_AFTER_S
        self._timer: asyncio.TimerHandle | None = None
        self._again(T1_S)

    def stop(self) -> None:
        """It was answered; harmless twice."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _again(self, wait_s: float) -> None:
        self._send()
        self._timer = self._loop.call_later(wait_s, self._due, wait_s)

    def _due(self, waited_s: float) -> None:
        if self._loop.time() >= self._ends_s:
            self._timer = None
            self._given_up()
        else:
            self._again(min(T2_S, 2 * waited_s))
