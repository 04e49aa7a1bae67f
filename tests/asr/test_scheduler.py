import threading
import time

from asr.job_queue import Job, Urgency
from asr.recogniser import Clip, Effort, Heard
from asr.scheduler import Scheduler
from asr.scripted import ScriptedRecogniser
from tests.asr.sounds import tone

DEADLINE_S = 10.0


class Answers:
    """What came back, in order."""

    def __init__(self) -> None:
        self.got: list[tuple[str, int, Urgency, bool]] = []
        self._came = threading.Semaphore(0)

    def take(self, job: Job, heard: Heard | None) -> None:
        self.got.append((job.stream, job.number, job.urgency, heard is not None))
        self._came.release()

    def wait(self, count: int) -> None:
        for _ in range(count):
            assert self._came.acquire(timeout=DEADLINE_S)


def job(stream: str, urgency: Urgency, number: int = 0, at_s: float | None = None) -> Job:
    return Job(stream, number, urgency, Clip(tone(300)), time.monotonic() if at_s is None else at_s)


def test_what_waits_goes_by_urgency_and_finals_go_together() -> None:
    engine, answers = ScriptedRecogniser(), Answers()
    scheduler = Scheduler(engine, answers.take, workers=1, batch=4)
    engine.hold()
    scheduler.submit(job("first", Urgency.FINAL))
    assert engine.wait_for_call(DEADLINE_S)
    for one in [
        job("a", Urgency.PARTIAL),
        job("b", Urgency.FORETOLD),
        job("c", Urgency.FINAL),
        job("d", Urgency.FINAL),
        job("a", Urgency.PARTIAL),
    ]:
        scheduler.submit(one)
    engine.release()
    answers.wait(5)
    assert [stream for stream, *_ in answers.got] == ["first", "c", "d", "b", "a"]
    assert engine.calls == [(Effort.FINAL, 1), (Effort.FINAL, 2), (Effort.FINAL, 1), (Effort.PARTIAL, 1)]
    assert scheduler.close(DEADLINE_S)


def test_a_partial_leaves_a_worker_free_for_finals() -> None:
    engine, answers = ScriptedRecogniser(), Answers()
    scheduler = Scheduler(engine, answers.take, workers=2, batch=4)
    engine.hold()
    scheduler.submit(job("a", Urgency.PARTIAL))
    scheduler.submit(job("b", Urgency.PARTIAL))
    assert engine.wait_for_call(DEADLINE_S)
    scheduler.submit(job("c", Urgency.FINAL))
    assert engine.wait_for_call(DEADLINE_S)
    assert [effort for effort, _ in engine.calls] == [Effort.PARTIAL, Effort.FINAL]
    engine.release()
    answers.wait(3)
    scheduler.close(DEADLINE_S)


def test_a_running_foretold_job_can_be_promised() -> None:
    engine, answers = ScriptedRecogniser(), Answers()
    scheduler = Scheduler(engine, answers.take, workers=1, batch=4)
    engine.hold()
    foretold = job("a", Urgency.FORETOLD)
    scheduler.submit(foretold)
    assert engine.wait_for_call(DEADLINE_S)
    assert scheduler.promote(foretold)
    assert not scheduler.promote(job("a", Urgency.FORETOLD))
    engine.release()
    answers.wait(1)
    scheduler.close(DEADLINE_S)


def test_when_finals_wait_too_long_partials_are_dropped_and_the_health_says_so() -> None:
    engine, answers = ScriptedRecogniser(), Answers()
    scheduler = Scheduler(engine, answers.take, workers=1, batch=1)
    engine.hold()
    scheduler.submit(job("busy", Urgency.FINAL))
    assert engine.wait_for_call(DEADLINE_S)
    assert scheduler.health == "live"
    scheduler.submit(job("a", Urgency.PARTIAL))
    scheduler.submit(job("late", Urgency.FINAL, at_s=time.monotonic() - 1.5))
    assert scheduler.health == "finals_only"
    assert not scheduler.too_much
    scheduler.submit(job("b", Urgency.FORETOLD))
    engine.release()
    answers.wait(2)
    assert scheduler.close(DEADLINE_S)
    assert [stream for stream, *_ in answers.got] == ["busy", "late"]


def test_after_closing_a_final_is_answered_as_lost() -> None:
    answers = Answers()
    scheduler = Scheduler(ScriptedRecogniser(), answers.take, workers=2, batch=4)
    assert scheduler.close(DEADLINE_S)
    scheduler.submit(job("a", Urgency.FINAL))
    scheduler.submit(job("a", Urgency.PARTIAL))
    assert answers.got == [("a", 0, Urgency.FINAL, False)]


def test_closing_finishes_the_finals_that_wait() -> None:
    engine, answers = ScriptedRecogniser(), Answers()
    scheduler = Scheduler(engine, answers.take, workers=1, batch=2)
    engine.hold()
    for number in range(5):
        scheduler.submit(job("a", Urgency.FINAL, number))
    closed: list[bool] = []
    closing = threading.Thread(target=lambda: closed.append(scheduler.close(DEADLINE_S)))
    closing.start()
    engine.release()
    closing.join(DEADLINE_S)
    assert closed == [True]
    assert [number for _, number, *_ in answers.got] == [0, 1, 2, 3, 4]
