"""How often somebody may try to sign in: after some failures each further one costs a longer wait. Pure."""

from collections import OrderedDict
from dataclasses import dataclass

FREE_FAILURES = 5
FREE_FAILURES_OF_SOURCE = 20
FIRST_WAIT_MS = 1000
LONGEST_WAIT_MS = 5 * 60 * 1000
FORGOTTEN_AFTER_MS = 60 * 60 * 1000
_KEPT = 10_000


@dataclass
class _Failures:
    count: int
    last_ms: int


class LoginLimit:
    """Counts failures by user name and by source address; an address may be a whole office behind one gateway."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def wait_ms(self, username: str, source: str, now_ms: int) -> int:
        """How long until the next try is allowed; 0: now."""
        return max(
            self._wait_of(f"user {username}", FREE_FAILURES, now_ms),
            self._wait_of(f"source {source}", FREE_FAILURES_OF_SOURCE, now_ms),
        )

    def failed(self, username: str, source: str, now_ms: int) -> None:
        for key in (f"user {username}", f"source {source}"):
            known = self._failures.pop(key, None)
            count = known.count if known and now_ms - known.last_ms < FORGOTTEN_AFTER_MS else 0
            self._failures[key] = _Failures(count + 1, now_ms)
        while len(self._failures) > _KEPT:
            self._failures.popitem(last=False)

    def succeeded(self, username: str) -> None:
        """The user is known again. The source keeps its count: who knows one password may still guess at others."""
        self._failures.pop(f"user {username}", None)

    def _wait_of(self, key: str, free: int, now_ms: int) -> int:
        known = self._failures.get(key)
        if known is None or known.count < free:
            return 0
        wait_ms = min(LONGEST_WAIT_MS, FIRST_WAIT_MS << min(known.count - free, 20))
        return max(0, known.last_ms + wait_ms - now_ms)
