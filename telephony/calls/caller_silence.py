"""Lets a caller go whose sound never comes, or stopped, after a while: the BYE may be lost."""

import asyncio
from collections.abc import Callable

from telephony.calls.party import Back, Silent


class CallerSilence:
    """let_go: called with the cause when there was no sound for limit_s."""

    def __init__(self, limit_s: float, let_go: Callable[[str], None]) -> None:
        self._limit_s = limit_s
        self._let_go = let_go
        self._timer: asyncio.TimerHandle | None = None

    def follow(self, event: Silent | Back) -> None:
        """The caller's telephone has sent nothing for so long already, or sends again, also when it is muted."""
        if isinstance(event, Back):
            self.forget()
        elif self._timer is None:
            cause = f"no sound from the caller for {self._limit_s:.0f} s"
            wait_s = max(0.0, self._limit_s - event.seconds)
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._let_go, cause)

    def forget(self) -> None:
        """No more counting: sound comes again, or the call is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
