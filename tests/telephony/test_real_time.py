"""The tuning of the process is taken back whole, whatever of it the system allowed."""

import gc
import os
import sys
import threading

from telephony.real_time import RealTime


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
