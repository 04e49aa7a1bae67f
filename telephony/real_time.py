"""How the process of the switch is tuned, so that a tick of Python comes on time.

The tick shares the interpreter lock with the asyncio loop and the SIP thread. Therefore:

- the switch interval goes from 5 ms to 0.5 ms: so long may a computing thread keep the tick waiting;
- what exists by then (the imported modules) is moved out of the garbage collector's sight, and full collections become
  rarer: one of them stops all threads for tens of ms;
- where the system allows it (CAP_SYS_NICE) the calling thread, and every thread that it starts from then on, goes
  before the processes that compute (recognition, inspection). Only the tick's thread would not do: a thread that
  holds the lock while it waits for a processor keeps the tick waiting too.
"""

import gc
import os
import sys

import structlog

logger = structlog.get_logger()
_SWITCH_INTERVAL_S = 0.0005
_GC_THRESHOLDS = (20_000, 20, 50)
_NICENESS = -10


class RealTime:
    """`begin` and `end` are called on one thread; `end` puts everything back as it was."""

    def __init__(self) -> None:
        self._switch_interval_s = sys.getswitchinterval()
        self._gc_thresholds = gc.get_threshold()
        self._niceness = 0

    def begin(self) -> None:
        self._switch_interval_s = sys.getswitchinterval()
        self._gc_thresholds = gc.get_threshold()
        self._niceness = os.getpriority(os.PRIO_PROCESS, 0)
        sys.setswitchinterval(_SWITCH_INTERVAL_S)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)
        self._set_niceness(min(self._niceness, _NICENESS))

    def end(self) -> None:
        sys.setswitchinterval(self._switch_interval_s)
        gc.unfreeze()
        gc.set_threshold(*self._gc_thresholds)
        self._set_niceness(self._niceness)

    def _set_niceness(self, niceness: int) -> None:
        if niceness == os.getpriority(os.PRIO_PROCESS, 0):
            return
        try:
            os.setpriority(os.PRIO_PROCESS, 0, niceness)
        except OSError as error:
            logger.info("media tick runs at normal priority", why=error.strerror, remedy="grant CAP_SYS_NICE")
