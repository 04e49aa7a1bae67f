"""How the process of the switch is tuned, so that a tick of Python comes on time.

The tick shares the interpreter lock with the asyncio loop and the SIP thread, and the processor with everybody.
Therefore:

- the switch interval goes from 5 ms to 0.5 ms: so long may a computing thread keep the tick waiting;
- what exists by then (the imported modules) is moved out of the garbage collector's sight, and full collections are
  made when no leg is open, or for 2,000 closed legs. Each stops all threads, for 60 ms beside 150 calls. Without them
  each call leaves 160 objects in cycles (sippy's and ours), 30 kB, that nothing would free for 100,000 calls;
- where the system allows it (CAP_SYS_NICE, RLIMIT_RTPRIO) the calling thread, and every thread that it starts from then
  on, is scheduled in real time, the tick's before the others, as telephone exchanges of other makes do. Only the
  tick's thread would not do: a thread that holds the lock while it waits for a processor keeps the tick waiting too.
  Measured with 300 legs on two cores on which other work waits (load 5): ticks late by 150 ms (p99) at niceness -15,
  by 0.3 ms in real time. The kernel keeps 5 % of each core for the rest (sched_rt_runtime_us). Processes inherit it
  as well, and have to begin with `be_ordinary`.
"""

import contextlib
import gc
import os
import sys

import structlog

logger = structlog.get_logger()
_SWITCH_INTERVAL_S = 0.0005
_GC_THRESHOLDS = (20_000, 20, 50)
_COLLECT_AFTER_LEGS = 2000
_COLLECT_IDLE_AFTER_LEGS = 20
_PRIORITY = 10
_TICK_PRIORITY = 11
_NICENESS = -10


class RealTime:
    """`begin` and `end` are called on one thread; `end` puts everything back as it was."""

    def __init__(self) -> None:
        self._switch_interval_s = sys.getswitchinterval()
        self._gc_thresholds = gc.get_threshold()
        self._policy = os.SCHED_OTHER
        self._priority = 0
        self._niceness = 0
        self._legs_gone = 0

    def begin(self) -> None:
        self._switch_interval_s = sys.getswitchinterval()
        self._gc_thresholds = gc.get_threshold()
        self._policy, self._priority = os.sched_getscheduler(0), os.sched_getparam(0).sched_priority
        self._niceness = os.getpriority(os.PRIO_PROCESS, 0)
        sys.setswitchinterval(_SWITCH_INTERVAL_S)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)
        if not _schedule(os.SCHED_RR, _PRIORITY):
            self._set_niceness(min(self._niceness, _NICENESS))

    def begin_tick(self) -> None:
        """On the tick's own thread, which ends before `end`."""
        _schedule(os.SCHED_RR, _TICK_PRIORITY)

    def leg_gone(self) -> None:
        """A leg was closed; what its call leaves in cycles is garbage sooner or later."""
        self._legs_gone += 1

    def tidy(self, *, idle: bool) -> None:
        """To be called when a tick is done and the next is not due yet. idle: no leg is open."""
        if self._legs_gone >= (_COLLECT_IDLE_AFTER_LEGS if idle else _COLLECT_AFTER_LEGS):
            self._legs_gone = 0
            gc.collect()

    def end(self) -> None:
        sys.setswitchinterval(self._switch_interval_s)
        gc.unfreeze()
        gc.set_threshold(*self._gc_thresholds)
        _schedule(self._policy, self._priority)
        self._set_niceness(self._niceness)

    def _set_niceness(self, niceness: int) -> None:
        if niceness == os.getpriority(os.PRIO_PROCESS, 0):
            return
        try:
            os.setpriority(os.PRIO_PROCESS, 0, niceness)
        except OSError as error:
            logger.info("media tick runs at normal priority", why=error.strerror, remedy="grant CAP_SYS_NICE")


def be_ordinary() -> None:
    """The calling thread is scheduled as all others. For `preexec_fn`: in the child, before it becomes its program."""
    _schedule(os.SCHED_OTHER, 0)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(0, os.getpriority(os.PRIO_PROCESS, 0)))


def _schedule(policy: int, priority: int) -> bool:
    """Schedule the calling thread so; False where the system does not allow it."""
    try:
        os.sched_setscheduler(0, policy, os.sched_param(priority))
    except OSError:
        return False
    return True
