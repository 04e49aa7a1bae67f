"""A thread of SIP goes before the others of the process, since a caller waits for it; and lets them have a turn.

It has little to do for each message. Under a flood it has more than it can do, and must not keep the rest from theirs.
"""

import time

from telephony.media.real_time import go_before_others

BUSY_S = 0.02
REST_S = 0.005
_WAITED_S = 0.0002
"""Whoever waited so long for work, or for the interpreter lock, has let others go already."""


class Turns:
    """Of one thread, on which it is made: it waits for work and does it. Times in s of a steady clock."""

    def __init__(self) -> None:
        go_before_others()
        self._busy_from_s = 0.0

    def let_others(self, asked_s: float) -> None:
        """Work has come that was waited for from then on: rest first, if there was no break for long."""
        now_s = time.monotonic()
        rest_s = self.rest_s(now_s - asked_s, now_s)
        if rest_s:
            time.sleep(rest_s)

    def rest_s(self, waited_s: float, now_s: float) -> float:
        """How long to rest before the work that has come after so long; 0.0 for not at all."""
        if waited_s >= _WAITED_S:
            self._busy_from_s = now_s
        elif now_s - self._busy_from_s >= BUSY_S:
            self._busy_from_s = now_s + REST_S
            return REST_S
        return 0.0
