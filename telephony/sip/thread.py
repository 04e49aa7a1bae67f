"""sippy's event dispatcher on a thread of its own, and what sippy says routed into our log.

sippy has one dispatcher for the whole process and expects to run where it was made; `SipThread` moves it to its own
thread at each start, and gives it another clockwork. Only one SipThread runs at a time.
"""

import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from sippy import Network_server, SipTransactionManager
from sippy.Core import EventDispatcher
from sippy.Core.EventDispatcher import ED2
from sippy.Exceptions.SipHandlingError import SipHandlingError
from sippy.Exceptions.SipParseError import SipParseError
from sippy.Time.MonoTime import MonoTime

from domain.errors import SipError
from domain.privacy import mask_text
from telephony.sip.metrics import FAULTS
from telephony.sip.turns import Turns

LONGEST_SLEEP_S = 1.0
SHORTEST_SLEEP_S = 0.0005
CALLS_BETWEEN_TIMERS = 100
START_TIMEOUT_S = 5.0
FAULTS_LOGGED_EVERY_S = 1.0

logger = structlog.get_logger()
_sippys_own_clockwork = ED2.elp
"""Kept, so that it is freed by the thread that made it."""
_running = threading.Lock()
# Importing sippy blocks this signal for elperiodic, and child processes would inherit that; Go programs need it.
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGURG})


class FaultLog:
    """Logs exceptions of sippy's thread, and what sippy would print, each at most once a second.

    A flood of bad messages must not become a flood of log.
    Nothing of a message's text is logged, since it holds numbers and names.
    """

    def __init__(self) -> None:
        self._next_s = 0.0
        self._next_note_s = 0.0
        self._unsaid = 0

    def report(self, what: str, *_: object, **__: object) -> None:
        """Has the form of sippy's dump_exception; the exception is the one being handled."""
        FAULTS.inc()
        now_s = time.monotonic()
        if now_s < self._next_s:
            self._unsaid += 1
            return
        error = sys.exc_info()[1]
        logger.warning(
            "sip message or timer failed",
            what=mask_text(what.strip()),
            error=type(error).__name__,
            detail=mask_text(str(error))[:200],
            at=_place(error),
            unsaid=self._unsaid,
        )
        self._next_s = now_s + FAULTS_LOGGED_EVERY_S
        self._unsaid = 0

    def note(self, *words: object) -> None:
        """Has the form of print, which sippy uses for complaints about the far end."""
        now_s = time.monotonic()
        if now_s >= self._next_note_s:
            self._next_note_s = now_s + FAULTS_LOGGED_EVERY_S
            logger.info("sippy says", text=mask_text(" ".join(map(str, words)))[:200])


def _place(error: BaseException | None) -> str:
    trace = error.__traceback__ if error else None
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""


fault_log = FaultLog()


def _route_sippy_output() -> None:
    for module in (EventDispatcher, SipTransactionManager, Network_server):
        module.dump_exception = fault_log.report
    for name, module in list(sys.modules.items()):
        if name.startswith("sippy."):
            module.print = fault_log.note  # type: ignore[attr-defined]


def _mend_sippy() -> None:
    """sippy 2.5 asks a parse error for its response without the argument that it needs, and so never answers 400."""

    def response_of(error: Any, request: Any = None) -> Any:
        if error.sip_response is not None or request is None:
            return error.sip_response
        return SipHandlingError.getResponse(error, request)

    SipParseError.getResponse = response_of


class Clockwork:
    """What sippy's dispatcher sleeps in, in place of elperiodic, which it has by default.

    elperiodic wakes 100 times a second, and a call that is posted while the thread works waits for the next time: up
    to 10 ms on every hop, where this takes a tenth of a millisecond. It also crashes when another thread frees it.
    Made on the thread that it is for.
    """

    def __init__(self) -> None:
        self._turns = Turns()
        self._calls: queue.SimpleQueue[tuple[Callable[..., object], tuple[object, ...]]] = queue.SimpleQueue()

    def call_from_thread(self, handler: Callable[..., object], *arguments: object) -> None:
        """From any thread; sippy's handler catches what the call raises."""
        self._calls.put((handler, arguments))

    def procrastinate(self) -> None:
        """Sleep until the next timer or call; carry out the calls that wait, a bounded number before the timers."""
        try:
            asked_s = time.monotonic()
            handler, arguments = self._calls.get(timeout=_until_next_timer_s())
            self._turns.let_others(asked_s)
            handler(*arguments)
            for _ in range(CALLS_BETWEEN_TIMERS):
                handler, arguments = self._calls.get_nowait()
                self._turns.let_others(time.monotonic())
                handler(*arguments)
        except queue.Empty:
            return


def _until_next_timer_s() -> float:
    timers = ED2.tlisteners
    if not timers:
        return LONGEST_SLEEP_S
    # sippy's clock is the raw one, which runs apart from time.monotonic().
    rest_s: float = timers[0].etime.monot - MonoTime().monot
    return min(LONGEST_SLEEP_S, max(SHORTEST_SLEEP_S, rest_s))


class SipThread:
    """Runs sippy. `post` is the only way in from other threads."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="sip", daemon=True)
        self._ready = threading.Event()
        self._stopping = False

    def start(self) -> None:
        """Start; SipError when another one runs in this process."""
        if not _running.acquire(blocking=False):
            raise SipError(
                "a SIP endpoint runs already", where="this process", remedy="stop it, or start another process"
            )
        _route_sippy_output()
        _mend_sippy()
        self._thread.start()
        if not self._ready.wait(START_TIMEOUT_S):
            raise SipError("sippy's thread does not start", where="sip thread", remedy="report it with the log")

    def post(self, function: Callable[..., object], *arguments: Any) -> None:
        """Call `function` on the thread, after what was posted before; nothing happens once it has stopped."""
        ED2.callFromThread(function, *arguments)

    def stop(self) -> None:
        """End the thread; blocks until it has ended."""
        self.post(self._break)
        self._thread.join(START_TIMEOUT_S)
        _running.release()

    def _break(self) -> None:
        self._stopping = True
        ED2.breakLoop()

    def _run(self) -> None:
        ED2.my_ident = threading.get_ident()
        ED2.elp = Clockwork()
        ED2.tlisteners = []
        ED2.twasted = 0
        self._ready.set()
        while not self._stopping:
            try:
                ED2.loop()
            except Exception:
                fault_log.report("the dispatcher was interrupted")
