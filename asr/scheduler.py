"""The threads on which the engine works. What goes first is JobQueue's business."""

import threading
import time
from collections.abc import Callable

import structlog

from asr.degradation import BOUNDS, Degree, degraded
from asr.job_queue import Job, JobKey, JobQueue, Urgency
from asr.metrics import ENGINE_S
from asr.recogniser import Heard, Recogniser
from domain.speech import SpeechHealth

_LOG = structlog.get_logger(__name__)
_WAITING_FINALS = 64
_USUAL_S, _USUAL_SHARE = 0.7, 0.2
"""What a final takes on an idle processor: so long, and such a share of its sound; more counts as waiting."""

_SHOWS_PARTIALS = frozenset({SpeechHealth.LIVE, SpeechHealth.SLOWER})

OnDone = Callable[[Job, Heard | None], None]
"""Called on a worker's thread with what was heard; None: it could not be recognised, or had to give way."""


class Scheduler:
    """workers threads around one engine. Every method may be called from any thread and returns at once but `close`."""

    def __init__(self, engine: Recogniser, on_done: OnDone, *, workers: int, batch: int) -> None:
        self._engine = engine
        self._on_done = on_done
        self._queue = JobQueue(limit=_WAITING_FINALS, workers=workers, batch=batch)
        self._degree = Degree()
        self._changed = threading.Condition()
        self._running: set[Job] = set()
        self._partials_at_once = max(1, workers - 1)
        self._closing = False
        self._threads = [
            threading.Thread(target=self._work, name=f"asr-{number}", daemon=True) for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> None:
        """Let the job be done in its turn; after `close`, and while there is no time, partials are dropped."""
        with self._changed:
            if self._closing or (job.urgency is not Urgency.FINAL and self._observe(0.0) not in _SHOWS_PARTIALS):
                given_way = job if job.urgency is Urgency.FINAL else None
            else:
                given_way = self._queue.put(job)
            self._changed.notify()
        if given_way is not None:
            self._on_done(given_way, None)

    def promote(self, job: Job) -> bool:
        """Whether this foretold job waits or runs, so that its answer will come; it goes among the finals now."""
        with self._changed:
            return self._queue.promote(job) or job in self._running

    def withdraw(self, key: JobKey) -> None:
        """The foretold job is not wanted any more; if it runs its answer comes all the same."""
        with self._changed:
            self._queue.withdraw(key)

    def forget(self, stream: str) -> None:
        """Drop all that waits for a stream: nobody wants its answers any more."""
        with self._changed:
            self._queue.forget(stream)

    @property
    def health(self) -> SpeechHealth:
        """LIVE to AFTER_CALL, by how long finals wait and how many do."""
        with self._changed:
            return self._observe(0.0)

    @property
    def too_much(self) -> bool:
        """Whether finals wait for so long at this moment that a stream has to go."""
        with self._changed:
            self._observe(0.0)
            return self._degree.too_much

    def close(self, deadline_s: float) -> bool:
        """Finish the finals that wait, then end the threads. Whether all of that was done within `deadline_s`."""
        end = time.monotonic() + deadline_s
        with self._changed:
            self._closing = True
            self._queue.shed()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _observe(self, waited_s: float) -> SpeechHealth:
        now_s = time.monotonic()
        running = [
            now_s - job.asked_at_s - _usual_s(job) for job in self._running if job.urgency is not Urgency.PARTIAL
        ]
        # One recognition that takes for ever is no reason to let go of streams: only what waits for a worker is.
        slowest_s = min(max(running, default=0.0), BOUNDS[SpeechHealth.AFTER_CALL].wait_s)
        longest_s = max(waited_s, self._queue.oldest_final_s(now_s), slowest_s)
        self._degree = degraded(self._degree, longest_s, self._queue.fullness, now_s)
        if self._degree.health not in _SHOWS_PARTIALS:
            self._queue.shed()
        return self._degree.health

    def _work(self) -> None:
        while jobs := self._next():
            started = time.perf_counter()
            answers = self._recognise(jobs)
            ENGINE_S.labels(jobs[0].urgency.name.lower()).inc(time.perf_counter() - started)
            for job, heard in zip(jobs, answers, strict=True):
                self._on_done(job, heard)
            with self._changed:
                self._running.difference_update(jobs)
                if jobs[0].urgency is not Urgency.PARTIAL:
                    self._observe(time.monotonic() - jobs[0].asked_at_s - max(map(_usual_s, jobs)))
                self._changed.notify_all()

    def _next(self) -> list[Job]:
        """The next jobs, [] when the scheduler closes and nothing is left."""
        with self._changed:
            while True:
                partials = sum(job.urgency is Urgency.PARTIAL for job in self._running)
                jobs = self._queue.take(partials_allowed=partials < self._partials_at_once)
                if jobs or self._closing:
                    break
                self._changed.wait()
            now_s = time.monotonic()
            for job in jobs:
                if job.urgency is Urgency.FINAL:
                    self._observe(now_s - job.asked_at_s)
            self._running.update(jobs)
            return jobs

    def _recognise(self, jobs: list[Job]) -> list[Heard | None]:
        """Together; one by one when that fails, so that one clip takes no other with it."""
        try:
            return list(self._engine.recognise([job.clip for job in jobs], jobs[0].effort))
        except Exception:
            _LOG.exception("recognition failed", engine=self._engine.name, clips=len(jobs))
        if len(jobs) == 1:
            return [None]
        return [answer for job in jobs for answer in self._recognise([job])]


def _usual_s(job: Job) -> float:
    return _USUAL_S + _USUAL_SHARE * job.clip.seconds
