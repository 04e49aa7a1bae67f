"""One engine process as the listener sees it: asked one thing at a time, killed when it takes too long."""

import json
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing import Pipe
from typing import IO

import psutil
import structlog

from asr.engine_wire import Failed, Load, Loaded, Reply, Wish, encoded, error_of, read_reply
from domain.errors import EngineError

_LOG = structlog.get_logger(__name__)
_LAST_LINES = 8
_LOOK_AGAIN_S = 1.0
_WORKS_S = 0.02
"""Of the processor between two looks."""
_LEVELS = frozenset({"debug", "info", "warning", "error", "critical"})


class ProcessGoneError(EngineError):
    """The process died, or was killed because it took too long, before it answered."""


@dataclass
class _Asked:
    """What is asked for now: when to look whether it hangs, and what it had had of the processor when it was asked and
    when it was looked at last (-1: never)."""

    look_at_s: float
    within_s: float
    began_cpu_s: float
    looked_cpu_s: float = -1.0


class EngineProcess:
    """Starts at once and loads when asked to. `ask` is used by one thread at a time, the rest by any.

    Start it on a thread that lives as long as it shall: the kernel ends it together with that thread.
    """

    def __init__(self) -> None:
        ours, theirs = Pipe()
        command = [sys.executable, "-m", "asr.engine_worker", str(theirs.fileno())]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        theirs.close()
        self._connection = ours
        self._asked: _Asked | None = None
        self.was_late = False
        self.memory_mib = 0.0
        self.loaded_mib = 0.0
        """What it held after its first answer; 0 before."""
        self.born_s = time.monotonic()
        self._said: deque[str] = deque(maxlen=_LAST_LINES)
        assert self._process.stdout is not None
        self._listening = threading.Thread(target=self._tell_log, args=(self._process.stdout,), daemon=True)
        self._listening.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def load(self, wish: Load, within_s: float) -> Loaded:
        """ModelError and ConfigError as the engine says; ProcessGoneError when it ends its process or is too late."""
        reply = self.ask(wish, within_s)
        if not isinstance(reply, Loaded):
            raise self._gone(f"answered {type(reply).__name__} to Load")
        return reply

    def ask(self, wish: Wish, within_s: float) -> Reply:
        """The answer. EngineError when it could not, ProcessGoneError when it is no more."""
        self._asked = _Asked(time.monotonic() + within_s, within_s, self._cpu_s())
        try:
            self._connection.send_bytes(encoded(wish))
            reply = read_reply(self._connection.recv_bytes())
        except (OSError, EOFError) as error:
            self.kill()
            raise self._gone(self._how_it_ended(within_s)) from error
        finally:
            self._asked = None
        if isinstance(reply, Failed):
            raise error_of(reply)
        return reply

    def kill_if_late(self, now_s: float) -> None:
        """To be called often: ends what hangs, so that `ask` returns.

        Late is one that sleeps at its deadline, or that has had as much of the processor as it had time; one that has
        had less because others have it is slow, and would be as slow again.
        """
        asked = self._asked
        if asked is None or now_s < asked.look_at_s or self.was_late:
            return
        cpu_s = self._cpu_s()
        works = cpu_s - asked.looked_cpu_s > _WORKS_S and cpu_s - asked.began_cpu_s < asked.within_s
        if works or asked.looked_cpu_s < 0:
            asked.look_at_s, asked.looked_cpu_s = now_s + _LOOK_AGAIN_S, cpu_s
            return
        self.was_late = True
        _LOG.error("an engine process hangs and is killed", pid=self.pid, processor_s=round(cpu_s - asked.began_cpu_s))
        self._process.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listening.join(1.0)

    def close(self, within_s: float) -> None:
        """Let it end by itself, and kill it when it does not. Not while it is asked."""
        self._connection.close()
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _cpu_s(self) -> float:
        try:
            times = psutil.Process(self.pid).cpu_times()
        except psutil.Error:
            return 0.0
        return times.user + times.system

    def _how_it_ended(self, within_s: float) -> str:
        if self.was_late:
            return f"did not answer in {within_s:.0f} s and was killed"
        status = self._process.returncode
        return f"ended by signal {-status}" if status < 0 else f"ended with status {status}"

    def _gone(self, how: str) -> ProcessGoneError:
        said = [line for line in self._said if line]
        words = f": {said[-1][:300]}" if said else ""
        return ProcessGoneError(f"the engine's process {how}{words}", where=f"process {self.pid}", remedy="see the log")

    def _tell_log(self, output: IO[str]) -> None:
        """What the process logs, in our log; what its libraries print, too."""
        with output:
            for line in output:
                if not _say(line.strip(), self.pid):
                    self._said.append(line.strip())


def _say(line: str, pid: int) -> bool:
    """Whether it was a line of our own log; what else is printed may tell why the process ends."""
    try:
        fields = json.loads(line)
    except ValueError:
        fields = None
    if isinstance(fields, dict) and fields.get("level") in _LEVELS and isinstance(fields.get("event"), str):
        level, event = fields.pop("level"), fields.pop("event")
        getattr(_LOG, level)(event, engine_process=pid, **{str(name): value for name, value in fields.items()})
        return True
    if line:
        _LOG.info("an engine process says", engine_process=pid, line=line)
    return False
