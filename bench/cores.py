"""Which core the measured process has for itself, and which ones the load beside it may use."""

import contextlib
import os
from pathlib import Path

_ALLOWED = frozenset(os.sched_getaffinity(0))
"""When the bench began: it may give up cores itself later."""

_PRIORITY = 10


def measured_core() -> frozenset[int]:
    """One core of those that the bench was given."""
    return frozenset([max(_ALLOWED)])


def load_cores() -> frozenset[int]:
    """The others; the same one where there is no other."""
    return _ALLOWED - measured_core() or measured_core()


def pin(process_id: int, cores: frozenset[int]) -> None:
    """All threads that the process has; those that it starts later inherit it."""
    for task in _tasks(process_id):
        os.sched_setaffinity(task, cores)


def pin_urgent(process_id: int, cores: frozenset[int], priority: int = _PRIORITY) -> None:
    """The same, and in real time where the system allows it, as the switch does by itself: load and peers shall suffer
    no more than it from what else runs on the machine."""
    pin(process_id, cores)
    with contextlib.suppress(OSError):
        for task in _tasks(process_id):
            os.sched_setscheduler(task, os.SCHED_RR, os.sched_param(priority))


def calm_down(process_id: int) -> None:
    """Where it is, and no longer in real time."""
    for task in _tasks(process_id):
        os.sched_setscheduler(task, os.SCHED_OTHER, os.sched_param(0))


def _tasks(process_id: int) -> list[int]:
    return [int(task.name) for task in Path(f"/proc/{process_id}/task").iterdir()]
