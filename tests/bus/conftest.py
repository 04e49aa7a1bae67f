"""Real nats-servers and connections to them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bus.connection import BusConnection, connect
from bus.server import NatsServer
from bus.settings import BusSettings
from tests.free_port import free_port


@pytest.fixture
def settings() -> BusSettings:
    return BusSettings(port=free_port(), connect_timeout_s=10)


@pytest.fixture
async def server(tmp_path: Path, settings: BusSettings) -> AsyncIterator[NatsServer]:
    server = NatsServer(tmp_path, settings)
    await server.start()
    yield server
    await server.stop()


Connect = Callable[[str], Awaitable[BusConnection]]


@pytest.fixture
async def connected(server: NatsServer, settings: BusSettings, tmp_path: Path) -> AsyncIterator[Connect]:
    """Connects a role by its id; closed at the end."""
    open_now: list[BusConnection] = []

    async def open_connection(role_id: str) -> BusConnection:
        connection = await connect(settings, role_id, tmp_path)
        open_now.append(connection)
        return connection

    yield open_connection
    for connection in open_now:
        await connection.close()
