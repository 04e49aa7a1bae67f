"""A service of a bench's own: a fresh data directory, free ports, and the roles that the bench asks for.

Models, prompts and demo speech are linked from the project's own data directory, so that nothing is rendered again.
"""

import asyncio
import os
import random
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bus.server import NatsServer
from domain.errors import HotlineError
from hotline.children import die_with_parent
from hotline.config import Settings, load_settings
from hotline.roles import Role
from hotline.running import RunningService, find_service

REPO = Path(__file__).parents[1]
_LINKED = ("models", "prompts", "demo_speech")
_STOP_WITHIN_S = 30.0
_UP_WITHIN_S = 180.0
_LOOK_EVERY_S = 0.2
_PORTS = 9


@contextmanager
def trial_place(**more: str) -> Iterator[tuple[Settings, dict[str, str]]]:
    """Settings with a data directory and ports of their own, and the environment that gives a child the same.

    more: HOTLINE_ variables without the prefix, on top.
    """
    with TemporaryDirectory(prefix="hotline-bench-", ignore_cleanup_errors=True) as folder:
        data_dir = Path(folder) / "var"
        data_dir.mkdir()
        for name in _LINKED:
            source = REPO / "var" / name
            source.mkdir(parents=True, exist_ok=True)
            (data_dir / name).symlink_to(source, target_is_directory=True)
        first = free_ports(_PORTS)
        own = {
            "SERVICE__DATA_DIR": str(data_dir),
            "SERVICE__SIP_CONF": str(data_dir / "sip.conf"),
            "SERVICE__METRICS_BASE_PORT": str(first),
            "TELEPHONY__SIP_PORT": str(first + 5),
            "TELEPHONY__RTP_PORT_FIRST": "0",
            "TELEPHONY__READ_LOCATION": "false",
            "DESK__PORT": str(first + 6),
            "BUS__PORT": str(first + 7),
            "SERVICE__DEMO_EMERGENCY_PORT": str(first + 8),
        } | more
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
        environment |= {f"HOTLINE_{name}": value for name, value in own.items()}
        yield load_settings(None, environment), environment


@asynccontextmanager
async def trial_roles(
    settings: Settings, environment: Mapping[str, str], roles: tuple[Role, ...]
) -> AsyncIterator[Mapping[Role, int]]:
    """NATS and one process for each of `roles`, with its id; HotlineError when one has ended while they were used."""
    log = settings.service.data_dir / "roles.log"
    await _render_first_prompts(environment)
    server = NatsServer(settings.service.data_dir, settings.bus)
    await server.start()
    processes: dict[Role, asyncio.subprocess.Process] = {}
    try:
        with log.open("ab") as output:
            for role in roles:
                processes[role] = await _start(["run", role.value], environment, output.fileno())
        yield {role: process.pid for role, process in processes.items()}
        ended = [role for role, process in processes.items() if process.returncode is not None]
        if ended:
            raise HotlineError(f"the role {ended[0]} has ended", where=str(log), remedy=log.read_text()[-2000:])
    finally:
        for process in reversed(processes.values()):
            await _stop(process)
        await server.stop()


@asynccontextmanager
async def trial_service(settings: Settings, environment: Mapping[str, str]) -> AsyncIterator[RunningService]:
    """The whole of it, with the demo's accounts: `hotline up --demo`."""
    log = settings.service.data_dir / "service.log"
    with log.open("ab") as output:
        process = await _start(["up", "--demo"], environment, output.fileno())
    try:
        async with asyncio.timeout(_UP_WITHIN_S):
            while (found := find_service(settings.service.data_dir)) is None:
                if process.returncode is not None:
                    raise HotlineError("the service does not start", where=str(log), remedy=log.read_text()[-2000:])
                await asyncio.sleep(_LOOK_EVERY_S)
        yield found
    finally:
        await _stop(process)


async def _render_first_prompts(environment: Mapping[str, str]) -> None:
    render = await _start(["prompts", "render", "--first", "2"], environment, sys.stderr.fileno())
    if await render.wait():
        raise HotlineError("the prompts cannot be rendered", remedy="do what the message above says")


async def _start(words: list[str], environment: Mapping[str, str], output: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "hotline",
        *words,
        env=environment,
        stdout=output,
        stderr=output,
        preexec_fn=die_with_parent,
    )


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def free_ports(count: int) -> int:
    """The first of so many ports in a row that are free for UDP and TCP, below the kernel's own."""
    while True:
        first = random.randrange(10_300, 19_000)
        if all(_is_free(first + i, kind) for i in range(count) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)):
            return first


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with closing(socket.socket(socket.AF_INET, kind)) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
