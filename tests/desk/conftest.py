"""A whole desk for tests: real SQLite, the bus in memory, a clock that stands still until it is moved."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bus.memory import MemoryBus, MemoryLog
from desk.app import create_app
from desk.desk import Desk
from desk.password import hash_password
from desk.services import DeskServices
from desk.settings import DeskSettings
from domain.ids import new_id
from domain.topic import Topic
from storage import users
from storage.database import Database
from storage.migration import upgrade
from storage.users import User, UserRole

PASSWORD = "correct horse battery"
_HASH = hash_password(PASSWORD)
NOW_MS = 1_795_400_000_000


@dataclass
class Clock:
    now_ms: int = NOW_MS

    def __call__(self) -> int:
        return self.now_ms


@dataclass
class House:
    app: FastAPI
    desk: Desk
    database: Database
    bus: MemoryBus
    log: MemoryLog
    clock: Clock
    recordings_dir: Path
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://desk.test")
        self.clients.append(client)
        return client

    async def caught_up(self, topic: Topic[Any]) -> None:
        """Until the desk has stored all that was said on `topic`."""
        stream = self.log._stream(topic)

        async def heard() -> None:
            while stream.heard.get("desk", 0) < stream.last:
                await asyncio.sleep(0.005)  # the log has no other way to be asked

        await asyncio.wait_for(heard(), 10)

    async def signed_in(self, username: str) -> httpx.AsyncClient:
        client = self.client()
        answer = await client.post("/api/session", json={"username": username, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return client


@asynccontextmanager
async def open_house(
    folder: Path, *, people: bool = True, settings: DeskSettings | None = None
) -> AsyncIterator[House]:
    url = f"sqlite:///{folder / 'hotline.sqlite'}"
    upgrade(url)
    database = Database(url)
    clock = Clock()
    if people:
        await add_people(database)
    bus, log = MemoryBus(), MemoryLog()
    services = DeskServices(
        database=database,
        bus=bus,
        log=log,
        recordings_dir=folder / "recordings",
        settings=settings or DeskSettings(static_dir=folder / "static"),
        now_ms=clock,
    )
    app = create_app(services)
    house = House(app, app.state.desk, database, bus, log, clock, services.recordings_dir)
    async with app.router.lifespan_context(app):
        try:
            yield house
        finally:
            for client in house.clients:
                await client.aclose()
    await database.close()


async def add_people(database: Database) -> None:
    async with database.write() as tx:
        for name, role in (
            ("8001", UserRole.AGENT),
            ("8002", UserRole.AGENT),
            ("leader", UserRole.LEADER),
            ("qa", UserRole.QA),
            ("admin", UserRole.ADMIN),
        ):
            number = name if role is UserRole.AGENT else ""
            user = User(
                id=new_id(NOW_MS),
                username=name,
                display_name=f"name of {name}",
                role=role,
                agent_id=number,
                extension=number,
            )
            assert await users.add(tx, user, _HASH, NOW_MS)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened
