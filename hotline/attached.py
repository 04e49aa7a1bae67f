"""A running service to prove things on: the one that is up on this data directory, or one started for the purpose."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.errors import HotlineError
from hotline.children import die_with_parent
from hotline.config import Settings
from hotline.running import RunningService, find_service

START_WITHIN_S = 180.0
STOP_WITHIN_S = 30.0
LOOK_EVERY_S = 0.2


@asynccontextmanager
async def attached_service(settings: Settings) -> AsyncIterator[RunningService]:
    """The demo service of this data directory; one that was started here is stopped at the end."""
    found = find_service(settings.service.data_dir)
    if found is not None:
        yield found
        return
    log = settings.service.data_dir / "demo-service.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hotline", "up", "--demo", stdout=output, stderr=output, preexec_fn=die_with_parent
        )
    try:
        yield await _wait(settings, process, str(log))
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), STOP_WITHIN_S)


async def _wait(settings: Settings, process: asyncio.subprocess.Process, log: str) -> RunningService:
    for _ in range(round(START_WITHIN_S / LOOK_EVERY_S)):
        found = find_service(settings.service.data_dir)
        if found is not None:
            return found
        if process.returncode is not None:
            raise HotlineError(f"the service ended with status {process.returncode}", where=log, remedy="see its end")
        await asyncio.sleep(LOOK_EVERY_S)
    raise HotlineError(f"the service is not up after {START_WITHIN_S:.0f} s", where=log, remedy="see its end")
