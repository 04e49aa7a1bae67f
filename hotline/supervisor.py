"""`hotline up`: NATS and the six roles on this machine, kept alive, stopped in order."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog
from rich.console import Console

from bus.connection import connect
from bus.server import NatsServer
from domain.errors import HotlineError
from hotline.children import Child, pause_after
from hotline.config import Settings
from hotline.demo_accounts import demo_account_lines
from hotline.desk_tls import find_tls
from hotline.directory import has_robots
from hotline.logs import configure_logs
from hotline.prompts import open_flow, open_prompt_cache
from hotline.queue_rules import rules_of
from hotline.readiness import readiness_checks
from hotline.roles import Role
from hotline.running import DataDirectoryLock
from hotline.sip_accounts import load_accounts
from hotline.start_checks import check_start

READY_WITHIN_S = 90.0
ROLE_GRACE_S = 8.0
OPENING_PROMPTS = 2
HOTLINE = [sys.executable, "-m", "hotline"]
logger = structlog.get_logger()


async def supervise(settings: Settings) -> int:
    """Run until SIGINT or SIGTERM; the exit status. HotlineError when something refuses to start."""
    configure_logs("up", form=settings.service.log_format, level=settings.service.log_level)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    with DataDirectoryLock(settings.service.data_dir) as lock:
        load_accounts(settings)  # a broken sip.conf is refused now, with its line, not by a role that keeps dying
        rules_of(settings)  # and so are the queue's lists and calendar
        check_start(settings)
        await _render_opening(settings, console)
        async with _nats(settings), _roles(settings) as children:
            if await _wait_until_ready(settings, children, stopping, console):
                web = f"{settings.desk.scheme}://{settings.desk.host}:{settings.desk.port}"
                sip = f"{settings.telephony.sip_address}:{settings.telephony.sip_port}"
                tls = find_tls(settings.desk, settings.service.data_dir)
                lock.announce(sip, web, str(tls.certificate.resolve()) if tls else "")
                _greet(settings, console, sip, web)
                await stopping.wait()
            console.print("\n[bold]stopping[/]: calls are ended, then the roles, then NATS")
    console.print("stopped")
    return os.EX_OK


async def _render_opening(settings: Settings, console: Console) -> None:
    """What the first caller hears must have its sound before the line opens; the rest is rendered meanwhile."""
    if open_prompt_cache(settings).missing(open_flow(settings).prompts()[:OPENING_PROMPTS]):
        console.print("rendering the first prompts (once, some seconds)")
        render = await asyncio.create_subprocess_exec(*HOTLINE, "prompts", "render", "--first", str(OPENING_PROMPTS))
        if await render.wait():
            raise HotlineError("the prompts cannot be rendered", remedy="do what the message above says")


@asynccontextmanager
async def _nats(settings: Settings) -> AsyncIterator[None]:
    """The embedded NATS, started again when it dies; nothing when an external one is configured."""
    if settings.bus.url:
        yield
        return
    server = NatsServer(settings.service.data_dir, settings.bus)
    process = await server.start()

    async def keep() -> None:
        nonlocal process
        deaths = 0
        while True:
            await process.wait()
            deaths += 1
            logger.error("NATS died", status=process.returncode, restart_in_s=pause_after(deaths))
            await asyncio.sleep(pause_after(deaths))
            try:
                process = await server.start()
            except HotlineError as error:
                logger.error("NATS does not start", reason=str(error))

    keeper = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeper.cancel()
        await server.stop()


@asynccontextmanager
async def _roles(settings: Settings) -> AsyncIterator[list[Child]]:
    """One process for each role, one at low priority that renders missing prompts, and the demo's robots."""
    children = [Child(role.value, [*HOTLINE, "run", role.value]) for role in Role]
    robots = [Child("emergency robots", [*HOTLINE, "emergency-robots"])] if has_robots(settings) else []
    prompts = await asyncio.create_subprocess_exec(*HOTLINE, "prompts", "render", preexec_fn=lambda: os.nice(15))
    keepers = [asyncio.create_task(child.keep()) for child in (*children, *robots)]
    try:
        yield children
    finally:
        if prompts.returncode is None:
            prompts.terminate()
        for child in (*children, *robots):
            child.retire()
        # The switch goes first: it says goodbye to the callers while the others still listen and write.
        for child in (*reversed(children), *robots):
            await child.stop(ROLE_GRACE_S)
        for keeper in keepers:
            keeper.cancel()
        await prompts.wait()


async def _wait_until_ready(
    settings: Settings, children: list[Child], stopping: asyncio.Event, console: Console
) -> bool:
    """Say of each role when it answers. False when we are told to stop meanwhile; HotlineError when one refuses."""
    connection = await connect(settings.bus, "up-1", settings.service.data_dir)
    started = time.monotonic()

    async def ready(role: Role, check: Callable[[], Awaitable[None]]) -> None:
        await check()
        console.print(f"  [green]✓[/] {role.value:<8} ready after {time.monotonic() - started:.1f} s")

    checks = readiness_checks(settings, connection.bus)
    all_ready: asyncio.Future[Any] = asyncio.gather(*(ready(role, check) for role, check in checks.items()))
    others: list[asyncio.Task[Any]] = [asyncio.create_task(child.refused.wait(), name=child.name) for child in children]
    others.append(asyncio.create_task(stopping.wait(), name="stop"))
    watched: list[asyncio.Future[Any]] = [all_ready, *others]
    try:
        done, _ = await asyncio.wait(watched, timeout=READY_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for future in watched:
            future.cancel()
        await asyncio.wait(watched)
        if not all_ready.cancelled():
            all_ready.exception()  # looked at, or asyncio reports it with a stack trace when somebody refuses to start
        await connection.close()
    if all_ready in done:
        all_ready.result()
        return True
    refused = [task.get_name() for task in others if task in done and task.get_name() != "stop"]
    if refused:
        raise HotlineError(f"the role {refused[0]} refuses to start", remedy="do what its message above says")
    if not done:
        raise HotlineError(
            f"not everything answers after {READY_WITHIN_S:.0f} s", remedy="see the messages above, or `hotline doctor`"
        )
    return False


def _greet(settings: Settings, console: Console, sip: str, web: str) -> None:
    console.print(f"\n[bold green]12345 is open.[/]  call  sip:12345@{sip}   ·   agents' page  {web}/desk")
    if settings.service.demo:
        console.print("\n[bold]demo accounts[/] (generated for this data directory)")
        for line in demo_account_lines(settings):
            console.print(f"  {line}")
    console.print("\nCtrl-C ends it.\n")
