"""The 20 ms tick: absolute deadlines that never drift, and how late each one began, pure.

A tick that comes late is made up for at once, so that no sound is lost and no clock drifts; after a longer stall (the
machine slept, a debugger) the rest is skipped, and whoever keeps media time must count the skipped ticks as silence.
"""

import msgspec

TICK_MS = 20
TICK_NS = TICK_MS * 1_000_000
MOST_MADE_UP = 25
_BUCKET_NS = 100_000
_BUCKETS = 2000


class DueTicks(msgspec.Struct, frozen=True):
    """run: ticks to do now, one after another; skipped: ticks before them that are given up."""

    run: int
    skipped: int
    late_ns: int


class Metronome:
    """Says when the next tick is due. Times in ns of one monotonic clock."""

    def __init__(self, start_ns: int) -> None:
        self._next_ns = start_ns + TICK_NS
        self.lateness = Lateness()

    def wait_ns(self, now_ns: int) -> int:
        """How long to sleep; 0 when a tick is due."""
        return max(0, self._next_ns - now_ns)

    def take(self, now_ns: int) -> DueTicks:
        """The ticks that are due at `now_ns`, which are then done."""
        late_ns = now_ns - self._next_ns
        if late_ns < 0:
            return DueTicks(0, 0, 0)
        due = 1 + late_ns // TICK_NS
        self._next_ns += due * TICK_NS
        self.lateness.add(late_ns)
        run = min(due, MOST_MADE_UP)
        return DueTicks(run, due - run, late_ns)

    def late_ns(self, now_ns: int, left: int) -> int:
        """How late it is for a tick of those just taken. left: this one and the ones after it."""
        return now_ns - self._next_ns + left * TICK_NS


class Lateness:
    """A histogram of how late ticks began, in steps of 0.1 ms up to 200 ms."""

    def __init__(self) -> None:
        self.count = 0
        self.max_ns = 0
        self._buckets = [0] * (_BUCKETS + 1)

    def add(self, late_ns: int) -> None:
        self.count += 1
        self.max_ns = max(self.max_ns, late_ns)
        self._buckets[min(late_ns // _BUCKET_NS, _BUCKETS)] += 1

    def clear(self) -> None:
        """Count anew from here (after a warm-up)."""
        self.count = self.max_ns = 0
        self._buckets = [0] * (_BUCKETS + 1)

    def quantile_ms(self, quantile: float) -> float:
        """The lateness that this share of the ticks did not exceed; 0 before the first tick."""
        if self.count == 0:
            return 0.0
        wanted = quantile * self.count
        passed = 0
        for bucket, number in enumerate(self._buckets[:-1]):
            passed += number
            if passed >= wanted:
                return min((bucket + 1) * _BUCKET_NS, self.max_ns) / 1e6
        return self.max_ns / 1e6
