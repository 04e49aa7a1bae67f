"""Child processes, real ones: restarted when they die, ended politely, and by force when they will not."""

import asyncio
import sys

import psutil
import pytest

from hotline import children
from hotline.children import Child, pause_after
from hotline.role_process import EXIT_REFUSED


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


async def pid_of(child: Child, other_than: int | None = None) -> int:
    """The pid, once the process runs."""
    async with asyncio.timeout(20):
        while True:
            if child.pid is not None and child.pid != other_than:
                return child.pid
            await asyncio.sleep(0)


def test_the_pause_grows_to_a_bound() -> None:
    assert [pause_after(deaths) for deaths in range(1, 8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]


async def test_a_killed_process_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "FIRST_PAUSE_S", 0.0)
    child = Child("sleeper", python("import time; time.sleep(60)"))
    keeper = asyncio.create_task(child.keep())
    first = await pid_of(child)
    psutil.Process(first).kill()
    second = await pid_of(child, other_than=first)
    await child.stop(5)
    await keeper
    assert first != second
    assert not psutil.pid_exists(second)


async def test_a_process_that_will_not_stop_is_killed() -> None:
    code = "import signal, sys, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    child = Child("deaf", python(code))
    keeper = asyncio.create_task(child.keep())
    pid = await pid_of(child)
    await child.stop(0.5)
    await keeper
    assert not psutil.pid_exists(pid)


async def test_a_refusal_is_told_apart_from_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "FIRST_PAUSE_S", 0.0)
    monkeypatch.setattr(children, "LONGEST_PAUSE_S", 0.0)
    refusing = Child("refusing", python(f"raise SystemExit({EXIT_REFUSED})"))
    crashing = Child("crashing", python("raise SystemExit(1)"))
    keepers = [asyncio.create_task(child.keep()) for child in (refusing, crashing)]
    await asyncio.wait_for(refusing.refused.wait(), 20)
    assert not crashing.refused.is_set()
    for child in (refusing, crashing):
        await child.stop(5)
    await asyncio.gather(*keepers)
