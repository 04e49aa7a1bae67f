"""What waits for recognition, and in which order it goes. Pure: the caller locks.

Finals first, oldest first; then finals that are foretold (their voice may come back); then partials, of which a stream
has one, the newest. When there is no room, partials go first, then what is foretold, and the oldest final last of all.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass
from enum import IntEnum

from asr.recogniser import Clip, Effort


class Urgency(IntEnum):
    FINAL = 0
    FORETOLD = 1
    PARTIAL = 2


JobKey = tuple[str, int]
"""Stream and number of the utterance."""


@dataclass(frozen=True, eq=False)
class Job:
    """stream: "<call_id>.<side>"; asked_at_s: monotonic time of the wish; unseen: no word of the
    utterance is shown yet."""

    stream: str
    number: int
    urgency: Urgency
    clip: Clip
    asked_at_s: float
    unseen: bool = False

    @property
    def key(self) -> JobKey:
        return self.stream, self.number

    @property
    def effort(self) -> Effort:
        return Effort.PARTIAL if self.urgency is Urgency.PARTIAL else Effort.FINAL


class JobQueue:
    """Bounded. limit: the finals that may wait; as many foretold ones and partials may wait besides."""

    def __init__(self, *, limit: int, workers: int, batch: int) -> None:
        self._limit = limit
        self._workers = workers
        self._batch = batch
        self._finals: OrderedDict[JobKey, Job] = OrderedDict()
        self._foretold: OrderedDict[JobKey, Job] = OrderedDict()
        self._partials: OrderedDict[str, Job] = OrderedDict()

    def __len__(self) -> int:
        return len(self._finals) + len(self._foretold) + len(self._partials)

    def put(self, job: Job) -> Job | None:
        """Let it wait. Returns a final that had to give way, if any; partials and foretold jobs give way unsaid."""
        if job.urgency is Urgency.PARTIAL:
            place = self._partials
            if job.stream in place or len(place) < self._limit:
                place[job.stream] = job
            return None
        self._partials.pop(job.stream, None)
        if job.urgency is Urgency.FORETOLD:
            if len(self._foretold) < self._limit:
                self._foretold[job.key] = job
            return None
        self._foretold.pop(job.key, None)
        self._finals[job.key] = job
        return self._finals.popitem(last=False)[1] if len(self._finals) > self._limit else None

    def promote(self, job: Job) -> bool:
        """A foretold job that waits is wanted for certain; False when it does not wait here."""
        if self._foretold.get(job.key) is not job:
            return False
        self._finals[job.key] = self._foretold.pop(job.key)
        return True

    def withdraw(self, key: JobKey) -> None:
        """The foretold job is not wanted any more; harmless when it is gone."""
        self._foretold.pop(key, None)

    def forget(self, stream: str) -> None:
        """The stream is gone with all that waits for it."""
        self._partials.pop(stream, None)
        for place in (self._foretold, self._finals):
            for key in [key for key in place if key[0] == stream]:
                del place[key]

    def shed(self) -> None:
        """Drop partials and foretold jobs: there is no time for them."""
        self._partials.clear()
        self._foretold.clear()

    @property
    def fullness(self) -> float:
        """0..1: how much of the room for finals is taken."""
        return len(self._finals) / self._limit

    def oldest_final_s(self, now_s: float) -> float:
        """How long the oldest final has waited, 0 without any."""
        return max((now_s - job.asked_at_s for job in self._finals.values()), default=0.0)

    def take(self, *, partials_allowed: bool) -> list[Job]:
        """The jobs that one worker does next, of one effort; [] when there is nothing for it.

        partials_allowed: also those of utterances of which words are shown; the first words may always come.
        """
        if self._finals:
            share = min(self._batch, math.ceil(len(self._finals) / self._workers))
            return [self._finals.popitem(last=False)[1] for _ in range(share)]
        if self._foretold:
            return [self._foretold.popitem(last=False)[1]]
        unseen = next((stream for stream, job in self._partials.items() if job.unseen), None)
        if unseen is not None:
            return [self._partials.pop(unseen)]
        if self._partials and partials_allowed:
            return [self._partials.popitem(last=False)[1]]
        return []
