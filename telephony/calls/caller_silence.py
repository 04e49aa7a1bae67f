"""Lets a caller go whose sound never comes, or stopped, after a while: the BYE may be lost."""

import asyncio
from collections.abc import Callable

from domain.g711 import ALAW_SILENCE


class CallerSilence:
    """let_go: called with the cause when there was no sound for limit_s."""

    def __init__(self, limit_s: float, let_go: Callable[[str], None]) -> None:
        self._limit_s = limit_s
        self._let_go = let_go
        self._timer: asyncio.TimerHandle | None = None

    def silent(self, seconds: float) -> None:
        """There has been no sound for so long already."""
        if self._timer is None:
            cause = f"no sound from the caller for {self._limit_s:.0f} s"
            wait_s = max(0.0, self._limit_s - seconds)
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._let_go, cause)

    def hear(self, alaw: bytes) -> None:
        """A chunk of the caller's leg, which is silence where nothing came."""
        if self._timer is not None and alaw.count(ALAW_SILENCE) < len(alaw):
            self.forget()

    def forget(self) -> None:
        """There is sound again, or the call is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
