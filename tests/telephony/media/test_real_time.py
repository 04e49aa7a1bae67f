"""The tuning of the process is taken back whole, whatever of it the system allowed."""

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from telephony.media.real_time import RealTime, be_ordinary


def tuning() -> tuple[object, ...]:
    """Of this process and of the calling thread."""
    schedule = os.sched_getscheduler(0), os.sched_getparam(0).sched_priority, os.getpriority(os.PRIO_PROCESS, 0)
    return sys.getswitchinterval(), gc.get_threshold(), *schedule


def test_everything_is_put_back_as_it_was() -> None:
    real_time, before = RealTime(), tuning()
    real_time.begin()
    during = tuning()
    tick = threading.Thread(target=real_time.begin_tick)
    tick.start()
    tick.join()
    real_time.end()
    assert during[:2] != before[:2]
    assert tuning() == before


def test_threads_that_are_there_already_and_later_ones_are_as_urgent_and_are_put_back() -> None:
    stop = threading.Event()
    real_time = RealTime()

    def start() -> int:
        thread = threading.Thread(target=stop.wait, daemon=True)
        thread.start()
        assert thread.native_id is not None
        return thread.native_id

    earlier = start()
    before = os.sched_getscheduler(earlier), os.getpriority(os.PRIO_PROCESS, earlier)
    real_time.begin()
    later = start()
    during = [(os.sched_getscheduler(one), os.getpriority(os.PRIO_PROCESS, one)) for one in (0, earlier, later)]
    real_time.end()
    after = [(os.sched_getscheduler(one), os.getpriority(os.PRIO_PROCESS, one)) for one in (earlier, later)]
    stop.set()
    assert len(set(during)) == 1
    assert after == [before, before]


def test_what_is_started_need_not_be_in_real_time() -> None:
    real_time, niceness = RealTime(), os.getpriority(os.PRIO_PROCESS, 0)
    real_time.begin()
    try:
        asked = "import os; print(os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0))"
        told = subprocess.run([sys.executable, "-c", asked], preexec_fn=be_ordinary, stdout=subprocess.PIPE, check=True)
    finally:
        real_time.end()
    assert told.stdout.split() == [b"%d" % os.SCHED_OTHER, b"%d" % max(0, niceness)]


class Cycle:
    """Garbage that only the collector frees."""

    def __init__(self, freed: list[int]) -> None:
        self.itself = self
        self._freed = freed

    def __del__(self) -> None:
        self._freed.append(1)


@pytest.fixture
def collector_off() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("collector_off")
def test_what_is_young_is_collected_after_a_tick_a_little_at_a_time() -> None:
    gc.collect(0)
    freed: list[int] = []
    real_time = RealTime()
    Cycle(freed)
    real_time.tidy(idle=False)
    assert freed == []
    kept = [[] for _ in range(2000)]
    real_time.tidy(idle=False)
    assert freed == [1]
    assert len(kept) == 2000


@pytest.mark.usefixtures("collector_off")
@pytest.mark.parametrize(("legs", "idle"), [(20, True), (200, False)])
def test_what_closed_legs_left_is_collected_when_nobody_talks_and_at_last_anyhow(legs: int, idle: bool) -> None:
    freed: list[int] = []
    real_time = RealTime()
    old = Cycle(freed)
    gc.collect()
    del old
    for _ in range(legs - 1):
        real_time.leg_gone()
    real_time.tidy(idle=idle)
    assert freed == []
    real_time.leg_gone()
    real_time.tidy(idle=idle)
    assert freed == [1]
