"""Which source a leg's RTP may come from: symmetric RTP (RFC 4961) with a latch, pure.

The first source after `connect` is taken and kept; a source that fits the SDP better may still replace it, a stranger
may not. When the source has been silent for long, the next one is taken (a phone that moved without a re-INVITE).
"""

from enum import IntEnum

Address = tuple[str, int]
RELEASE_AFTER_MS = 5000


class Fit(IntEnum):
    """How well a source fits what the SDP said."""

    NONE = 0
    ANY = 1
    SAME_HOST = 2
    EXACT = 3


class SourceLatch:
    """Times in ms on any monotonic clock. heard_ms: when `source` was last heard.

    destination: where to send: back to the source once it is known, until then where the SDP says.
    """

    __slots__ = ("_expected", "_fit", "destination", "heard_ms", "source")

    def __init__(self) -> None:
        self.source: Address | None = None
        self.destination: Address | None = None
        self._expected: Address | None = None
        self._fit = Fit.NONE
        self.heard_ms = 0

    def expect(self, expected: Address) -> None:
        """The SDP says that sound comes from there (a new offer or answer); the latch opens unless it fits already."""
        if expected == self._expected and self.source is not None:
            return
        self._expected = expected
        if self.source == expected:
            self._fit = Fit.EXACT
        else:
            self.source, self.destination = None, expected
            self._fit = Fit.NONE

    def admits(self, source: Address, now_ms: int) -> bool:
        """Whether a packet from `source` is the far end's; remembers it."""
        if source == self.source:
            self.heard_ms = now_ms
            return True
        if self._expected is None:
            return False
        fit = self._fit_of(source)
        if self.source is None or fit > self._fit or now_ms - self.heard_ms >= RELEASE_AFTER_MS:
            self.source = self.destination = source
            self._fit, self.heard_ms = fit, now_ms
            return True
        return False

    def _fit_of(self, source: Address) -> Fit:
        if source == self._expected:
            return Fit.EXACT
        if self._expected is not None and source[0] == self._expected[0]:
            return Fit.SAME_HOST
        return Fit.ANY
