"""How long before it is played each packet comes, pure: what a jitter buffer may give up of its delay.

Times in samples. `note` for each packet; `close` after each while, which tells the least of that while. A stream needs
a quarter of a frame more than its packets are spread, so that one may come as late again after the latest so far. A
spread is forgotten slowly: what came late once in a minute comes again. How late our own ticks are does not count: it
only leaves more time.
"""

from domain.g711 import BYTES_PER_FRAME

_LEAST_NEEDED = BYTES_PER_FRAME // 4
_MOST_NEEDED = BYTES_PER_FRAME
"""Where a whole frame is not enough, packets have come too late and the jitter buffer has a longer target."""
_FORGOTTEN_IN_A_WHILE = 1
_NONE_CAME = 1 << 30


class SpareTime:
    """Of one stream. spread: samples between the earliest and the latest, of late."""

    __slots__ = ("_least", "_most", "spread")

    def __init__(self) -> None:
        self.spread = 0
        self._least = _NONE_CAME
        self._most = -_NONE_CAME

    @property
    def needed(self) -> int:
        """The least that a packet of this stream should have to spare."""
        return min(_LEAST_NEEDED + self.spread, _MOST_NEEDED)

    def note(self, samples: int) -> None:
        """A packet came so long before it is played; negative: too late."""
        if not self._least <= samples <= self._most:
            self._least, self._most = min(self._least, samples), max(self._most, samples)

    def shift(self, samples: int) -> None:
        """All is played so much later than it would have been."""
        if self._most >= self._least:
            self._least += samples
            self._most += samples

    def close(self) -> int | None:
        """The least since the last time; None when nothing came."""
        least, spread = self._least, self._most - self._least
        self._least, self._most = _NONE_CAME, -_NONE_CAME
        if spread < 0:
            return None
        self.spread = min(max(spread, self.spread - _FORGOTTEN_IN_A_WHILE), _MOST_NEEDED)
        return least

    def forget(self) -> None:
        """Another beginning: what came so far had other times."""
        self._least, self._most = _NONE_CAME, -_NONE_CAME
