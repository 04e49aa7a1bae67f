"""How the process of the switch is tuned, so that a tick of Python comes on time.

The tick shares the interpreter lock with the asyncio loop and the SIP thread, and the processor with everybody.
Therefore:

- the switch interval goes from 5 ms to 0.5 ms: so long may a computing thread keep the tick waiting;
- what exists by then (the imported modules) is moved out of the garbage collector's sight, and full collections are
  made when no leg is open, or for 200 closed legs. Without them each leg leaves 290 objects in cycles (the call's parts
  know each other) that nothing would free. Each stops all threads: 20 ms for 300 open legs and 1 µs for each object
  that it frees, so few at a time. (For 2,000 legs, beside 1,300 calls that SIP's timers remembered whole: 1.3 s.) What
  is young is looked at after a tick, a little at a time (0.4 ms): left to itself, the collector takes 5 to 17 ms of
  whichever thread makes the next object, which for one INVITE in 40 was one that it waited for;
- where the system allows it (CAP_SYS_NICE, RLIMIT_RTPRIO) every thread of the process, also one that is started from
  then on, is scheduled in real time, as telephone exchanges of other makes do: the tick's before the others, and those
  of SIP, which carry an INVITE to its answer, between the two; on one core they would wait until the others have
  nothing to do, since threads of one priority do not interrupt each other. Only the tick's thread in real time would
  not do: one that holds the lock while it waits for a processor keeps the tick waiting too, as the one that writes
  recordings did when it was left out.
  Measured with 300 legs on two cores on which other work waits (load 5): ticks late by 150 ms (p99) at niceness -15,
  by 0.3 ms in real time. The kernel keeps 5 % of each core for the rest (sched_rt_runtime_us). Processes inherit it
  as well, and have to begin with `be_ordinary`.
"""

import contextlib
import gc
import os
import sys
import threading
from pathlib import Path

import msgspec
import structlog

logger = structlog.get_logger()
_SWITCH_INTERVAL_S = 0.0005
_GC_THRESHOLDS = (100_000, 20, 50)
_YOUNG_AT_ONCE = 1500
_COLLECT_AFTER_LEGS = 200
_COLLECT_IDLE_AFTER_LEGS = 20
_PRIORITY = 10
_BEFORE_OTHERS = 11
_TICK_PRIORITY = 12
_NICENESS = -10


class _Urgency(msgspec.Struct, frozen=True):
    """How one thread is scheduled."""

    policy: int
    priority: int
    niceness: int


class RealTime:
    """`begin` and `end` are called on one thread; `end` puts everything back as it was."""

    def __init__(self) -> None:
        self._switch_interval_s = sys.getswitchinterval()
        self._gc_thresholds = gc.get_threshold()
        self._before: dict[int, _Urgency] = {}
        self._legs_gone = 0

    def begin(self) -> None:
        self._switch_interval_s = sys.getswitchinterval()
        self._gc_thresholds = gc.get_threshold()
        self._before = {thread: urgency for thread in _threads() if (urgency := _urgency(thread)) is not None}
        sys.setswitchinterval(_SWITCH_INTERVAL_S)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)
        if not all([_schedule(os.SCHED_RR, _PRIORITY, thread) for thread in self._before]):
            for thread, before in self._before.items():
                _set_niceness(min(before.niceness, _NICENESS), thread)

    def begin_tick(self) -> None:
        """On the tick's own thread, which ends before `end`."""
        _schedule(os.SCHED_RR, _TICK_PRIORITY, 0)

    def leg_gone(self) -> None:
        """A leg was closed; what its call leaves in cycles is garbage sooner or later."""
        self._legs_gone += 1

    def tidy(self, *, idle: bool) -> None:
        """To be called when a tick is done and the next is not due yet. idle: no leg is open."""
        if self._legs_gone >= (_COLLECT_IDLE_AFTER_LEGS if idle else _COLLECT_AFTER_LEGS):
            self._legs_gone = 0
            gc.collect()
        elif gc.get_count()[0] >= _YOUNG_AT_ONCE:
            gc.collect(0)

    def end(self) -> None:
        sys.setswitchinterval(self._switch_interval_s)
        gc.unfreeze()
        gc.set_threshold(*self._gc_thresholds)
        own = self._before[threading.get_native_id()]
        for thread in _threads():
            before = self._before.get(thread, own)
            _schedule(before.policy, before.priority, thread)
            _set_niceness(before.niceness, thread)


def go_before_others() -> None:
    """The calling thread, where this process is in real time: it waits for the tick only. For little work."""
    if os.sched_getscheduler(0) == os.SCHED_RR:
        _schedule(os.SCHED_RR, _BEFORE_OTHERS, 0)


def be_ordinary() -> None:
    """The calling thread is scheduled as all others. For `preexec_fn`: in the child, before it becomes its program."""
    _schedule(os.SCHED_OTHER, 0, 0)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(0, os.getpriority(os.PRIO_PROCESS, 0)))


def _threads() -> list[int]:
    """All of this process, also those that no Python started; where the system does not list them, the calling one."""
    try:
        return [int(task.name) for task in Path("/proc/self/task").iterdir()]
    except OSError:
        return [threading.get_native_id()]


def _urgency(thread: int) -> _Urgency | None:
    """None of one that has just ended."""
    try:
        priority = os.sched_getparam(thread).sched_priority
        return _Urgency(os.sched_getscheduler(thread), priority, os.getpriority(os.PRIO_PROCESS, thread))
    except ProcessLookupError:
        return None


def _schedule(policy: int, priority: int, thread: int) -> bool:
    """Schedule the thread so (0: the calling one); False where the system does not allow it."""
    try:
        os.sched_setscheduler(thread, policy, os.sched_param(priority))
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return True


def _set_niceness(niceness: int, thread: int) -> None:
    try:
        if niceness != os.getpriority(os.PRIO_PROCESS, thread):
            os.setpriority(os.PRIO_PROCESS, thread, niceness)
    except ProcessLookupError:
        return
    except OSError as error:
        logger.info("media tick runs at normal priority", why=error.strerror, remedy="grant CAP_SYS_NICE")
