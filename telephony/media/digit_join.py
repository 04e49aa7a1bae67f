"""One key, told in several ways, is one key, pure.

A gateway may send a key as a telephone-event, leave its tones in the sound, and send an INFO besides. A report joins a
key that another way told shortly before, unless its own way has told that one already: two presses of 5 are two reports
in each way, and stay two presses.
"""

from collections import deque
from dataclasses import dataclass, field

from domain.call import DigitSource

JOINED_WITHIN_MS = {DigitSource.RFC4733: 700, DigitSource.INBAND: 700, DigitSource.INFO: 2000}
"""How late after the first report a way may be; INFO often comes when the key is released."""


_MOST_REMEMBERED = 64


@dataclass
class _Press:
    digit: str
    at_ms: int
    told_by: set[DigitSource] = field(default_factory=set)


class DigitJoin:
    """Of one call's side. Times in ms on any clock that does not go back."""

    def __init__(self) -> None:
        self._recent: deque[_Press] = deque(maxlen=_MOST_REMEMBERED)

    def is_new(self, digit: str, source: DigitSource, now_ms: int) -> bool:
        """Whether this report is a key of its own."""
        while self._recent and now_ms - self._recent[0].at_ms > max(JOINED_WITHIN_MS.values()):
            self._recent.popleft()
        for press in self._recent:
            in_time = now_ms - press.at_ms <= JOINED_WITHIN_MS[source]
            if press.digit == digit and in_time and source not in press.told_by:
                press.told_by.add(source)
                return False
        self._recent.append(_Press(digit, now_ms, {source}))
        return True
