"""Child processes that are kept alive: restarted with a growing pause, stopped politely."""

import asyncio
import ctypes
import os
import signal
import sys
import time
from dataclasses import dataclass, field

import structlog

from hotline.role_process import EXIT_REFUSED

logger = structlog.get_logger()
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 15.0
STEADY_AFTER_S = 30.0
"""A child that ran for so long counts as well: its next death is met by the shortest pause again."""

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Runs in the child before exec: when the supervisor is killed outright, the kernel ends the child too (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def pause_after(deaths: int) -> float:
    """Seconds to wait before the next start: 0.5, 1, 2, 4 … 15."""
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (deaths - 1))


@dataclass
class Child:
    """One process by its command; `keep` runs it until `stop`. refused: it has ended with EXIT_REFUSED."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    niceness: int = 0
    refused: asyncio.Event = field(default_factory=asyncio.Event)
    _process: asyncio.subprocess.Process | None = None
    _stopping: bool = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def keep(self) -> None:
        """Start it, and again whenever it dies."""
        deaths = 0
        while not self._stopping:
            started = time.monotonic()
            status = await self._run_once()
            if self._stopping:
                return
            if status == EXIT_REFUSED:
                self.refused.set()
            deaths = 1 if time.monotonic() - started > STEADY_AFTER_S else deaths + 1
            pause_s = LONGEST_PAUSE_S if status == EXIT_REFUSED else pause_after(deaths)
            logger.warning("process died", process=self.name, status=status, restart_in_s=pause_s)
            await asyncio.sleep(pause_s)

    async def _run_once(self) -> int:
        def prepare() -> None:
            die_with_parent()
            os.nice(self.niceness)

        self._process = await asyncio.create_subprocess_exec(
            *self.command,
            env=os.environ | self.environment,
            preexec_fn=prepare,
            start_new_session=True,  # Ctrl-C goes to the supervisor alone, which then ends the roles in order
        )
        logger.info("process started", process=self.name, pid=self._process.pid)
        return await self._process.wait()

    def retire(self) -> None:
        """Do not start it again."""
        self._stopping = True

    async def stop(self, grace_s: float) -> None:
        """SIGTERM, and SIGKILL when the grace is over."""
        self.retire()
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), grace_s)
        except TimeoutError:
            logger.warning("process did not stop in time and is killed", process=self.name, grace_s=grace_s)
            process.kill()
            await process.wait()
