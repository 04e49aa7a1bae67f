"""Which core the measured process has for itself, and which ones the load beside it may use."""

import os
from pathlib import Path


def measured_core() -> frozenset[int]:
    """One core of those that this process may use."""
    return frozenset([max(os.sched_getaffinity(0))])


def load_cores() -> frozenset[int]:
    """The others; the same one where there is no other."""
    return frozenset(os.sched_getaffinity(0)) - measured_core() or measured_core()


def pin(process_id: int, cores: frozenset[int]) -> None:
    """All threads that the process has; those that it starts later inherit it."""
    for task in Path(f"/proc/{process_id}/task").iterdir():
        os.sched_setaffinity(int(task.name), cores)
