from asr.job_queue import Job, JobQueue, Urgency
from asr.recogniser import Clip
from tests.asr.sounds import silence

CLIP = Clip(silence(100))


def job(stream: str, urgency: Urgency, number: int = 0, at_s: float = 0.0) -> Job:
    return Job(stream, number, urgency, CLIP, at_s)


def queue(*, limit: int = 8, workers: int = 1, batch: int = 4) -> JobQueue:
    return JobQueue(limit=limit, workers=workers, batch=batch)


def names(jobs: list[Job]) -> list[str]:
    return [f"{one.stream}{one.number}" for one in jobs]


def test_finals_go_before_foretold_before_partials() -> None:
    waiting = queue(batch=1)
    for one in [job("p", Urgency.PARTIAL), job("s", Urgency.FORETOLD), job("f", Urgency.FINAL)]:
        assert waiting.put(one) is None
    order = [names(waiting.take(partials_allowed=True)) for _ in range(4)]
    assert order == [["f0"], ["s0"], ["p0"], []]


def test_a_newer_partial_replaces_the_older_of_its_stream_and_keeps_its_place() -> None:
    waiting = queue()
    first, second, newer = job("a", Urgency.PARTIAL), job("b", Urgency.PARTIAL), job("a", Urgency.PARTIAL)
    for one in (first, second, newer):
        waiting.put(one)
    assert waiting.take(partials_allowed=True) == [newer]
    assert waiting.take(partials_allowed=True) == [second]


def test_partials_wait_while_they_are_not_allowed() -> None:
    waiting = queue()
    waiting.put(job("a", Urgency.PARTIAL))
    assert waiting.take(partials_allowed=False) == []


def test_finals_are_shared_among_the_workers_in_batches() -> None:
    waiting = queue(workers=2, batch=3)
    for number in range(5):
        waiting.put(job("a", Urgency.FINAL, number))
    taken = [names(waiting.take(partials_allowed=True)) for _ in range(3)]
    assert taken == [["a0", "a1", "a2"], ["a3"], ["a4"]]


def test_an_end_takes_the_place_of_what_was_asked_before() -> None:
    waiting = queue()
    waiting.put(job("a", Urgency.PARTIAL))
    waiting.put(job("a", Urgency.FORETOLD))
    waiting.put(job("a", Urgency.FINAL))
    assert len(waiting) == 1


def test_a_foretold_final_is_promoted_or_withdrawn() -> None:
    waiting = queue(batch=1)
    wanted = job("b", Urgency.FORETOLD)
    waiting.put(job("a", Urgency.FORETOLD))
    waiting.put(wanted)
    assert waiting.promote(wanted)
    assert not waiting.promote(job("a", Urgency.FORETOLD))
    waiting.withdraw(("a", 0))
    assert names(waiting.take(partials_allowed=True)) == ["b0"]
    assert len(waiting) == 0


def test_only_the_oldest_final_gives_way_when_there_is_no_room() -> None:
    waiting = queue(limit=2)
    for stream in "xyz":
        assert waiting.put(job(stream, Urgency.PARTIAL)) is None
    given = [waiting.put(job("a", Urgency.FINAL, number)) for number in range(3)]
    assert [one and one.number for one in given] == [None, None, 0]


def test_a_stream_that_leaves_takes_all_its_jobs_with_it() -> None:
    waiting = queue()
    waiting.put(job("a", Urgency.FINAL, 0))
    waiting.put(job("a", Urgency.FORETOLD, 1))
    waiting.put(job("b", Urgency.PARTIAL))
    waiting.put(job("c", Urgency.FINAL))
    waiting.forget("a")
    waiting.forget("b")
    assert names(waiting.take(partials_allowed=True)) == ["c0"]
    assert len(waiting) == 0


def test_the_oldest_final_tells_how_long_it_waits() -> None:
    waiting = queue()
    assert waiting.oldest_final_s(9.0) == 0.0
    waiting.put(job("a", Urgency.FINAL, 0, at_s=4.0))
    waiting.put(job("a", Urgency.FINAL, 1, at_s=6.0))
    assert waiting.oldest_final_s(9.0) == 5.0


def test_first_words_go_before_further_ones_and_need_no_permission() -> None:
    waiting = queue()
    waiting.put(job("a", Urgency.PARTIAL))
    first = Job("b", 0, Urgency.PARTIAL, CLIP, 0.0, unseen=True)
    waiting.put(first)
    assert waiting.take(partials_allowed=False) == [first]
    assert waiting.take(partials_allowed=False) == []
