"""A whole desk for tests: real SQLite, the bus in memory, a clock that stands still until it is moved."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from bus.memory import MemoryBus, MemoryLog
from desk.app import create_app
from desk.desk import Desk
from desk.services import DeskServices
from desk.settings import DeskSettings
from domain.call import (
    AgentOffered,
    CallAnswered,
    CallArrived,
    CallConnected,
    CallEnded,
    CallEvent,
    CallQueued,
    EndedBy,
    OfferEnded,
    QueuedBecause,
    RecordingFinished,
)
from domain.evidence import Evidence
from domain.ids import new_id, utterance_id
from domain.side import Side
from domain.speech import SpeechHealth, UtteranceFinal
from domain.target import OfferOutcome
from domain.ticket import DraftField, DraftUpdated, FieldName
from domain.topic import Topic
from domain.topics import CALL_EVENT
from storage import audit, users
from storage.database import Database
from storage.migration import upgrade
from storage.users import User, UserRole

if TYPE_CHECKING:
    from tests.desk.desk_stage import Stage

PASSWORD = "correct horse battery"
_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
"""Cheaper than the real ones: signing in is not what most tests are about."""

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
            while stream.heard.get("desk", 0) < stream.last:  # noqa: ASYNC110  the log says nothing when it is heard
                await asyncio.sleep(0.005)

        await asyncio.wait_for(heard(), 10)

    async def happen(self, *events: CallEvent) -> None:
        for event in events:
            await self.log.append(CALL_EVENT, (event.call_id,), event, event_id=event.event_id)
        await self.caught_up(CALL_EVENT)

    async def say(self, topic: Topic[Any], call_id: str, *messages: Any) -> None:
        for message in messages:
            await self.log.append(topic, (call_id,), message, event_id=uuid4().hex)
        await self.caught_up(topic)

    async def audited(self) -> list[str]:
        """Actions, oldest first."""
        async with self.database.read() as tx:
            return [entry.action for entry in reversed(await audit.newest(tx, limit=100))]

    async def signed_in(self, username: str) -> httpx.AsyncClient:
        client = self.client()
        answer = await client.post("/api/session", json={"username": username, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return client


@asynccontextmanager
async def open_house(
    pattern: Path, folder: Path, *, people: bool = True, settings: DeskSettings | None = None
) -> AsyncIterator[House]:
    shutil.copy(pattern, folder / "hotline.sqlite")
    database = Database(f"sqlite:///{folder / 'hotline.sqlite'}")
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


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and nothing in them."""
    file = tmp_path_factory.mktemp("pattern") / "hotline.sqlite"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def opened(pattern: Path, tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[House]]:
    """Opens a house of the test's own wishes."""
    return partial(open_house, pattern=pattern, folder=tmp_path)


@pytest.fixture
async def house(pattern: Path, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(pattern, tmp_path) as opened:
        yield opened


@pytest.fixture
async def stage(opened: Callable[..., AbstractAsyncContextManager[House]]) -> AsyncIterator["Stage"]:
    """The agent 8001 before a desk of its own, in Chromium."""
    from tests.desk.desk_stage import before_the_desk  # stands on this file

    async with before_the_desk(opened) as stage:
        yield stage


class CallStory:
    """One call's events, in the order in which a switch says them."""

    def __init__(self, call_id: str, now_ms: int, *, agent_id: str = "8001") -> None:
        base: dict[str, Any] = {"call_id": call_id, "switch_id": "switch-1"}
        offer = {"offer_id": "offer-1", "agent_id": agent_id, "extension": agent_id}
        self.call_id = call_id
        self.events: list[CallEvent] = [
            CallArrived(
                **base,
                number=0,
                at_ms=now_ms - 20_000,
                caller_number="13812345678",
                called_number="12345",
                trunk="demo",
            ),
            CallAnswered(**base, number=1, at_ms=now_ms - 19_990),
            CallQueued(
                **base,
                number=2,
                at_ms=now_ms - 15_000,
                queue="default",
                because=QueuedBecause.KEY,
                menu_ended_at_ms=now_ms - 15_500,
            ),
            AgentOffered(**base, number=3, at_ms=now_ms - 14_900, **offer),
            OfferEnded(
                **base,
                number=4,
                at_ms=now_ms - 11_100,
                offer_id="offer-1",
                agent_id=agent_id,
                outcome=OfferOutcome.ANSWERED,
            ),
            CallConnected(**base, number=5, at_ms=now_ms - 11_000, **offer),
            CallEnded(**base, number=6, at_ms=now_ms - 1_000, by=EndedBy.CALLER, cause="bye"),
            RecordingFinished(
                **base, number=7, at_ms=now_ms - 900, path=f"{call_id}.wav", duration_ms=18_990, sha256="0" * 64
            ),
        ]

    @property
    def ringing(self) -> list[CallEvent]:
        return self.events[:4]

    @property
    def talking(self) -> list[CallEvent]:
        return self.events[:6]

    def final(self, number: int, text: str, *, side: Side = Side.CALLER) -> UtteranceFinal:
        return UtteranceFinal(
            call_id=self.call_id,
            side=side,
            utterance_id=utterance_id(self.call_id, side.value, number),
            start_ms=number * 2000,
            end_ms=number * 2000 + 1500,
            text=text,
            char_ms=tuple(range(len(text))),
            confidence=0.9,
            engine="test",
            health=SpeechHealth.LIVE,
            ended_at_ms=NOW_MS,
            recognised_at_ms=NOW_MS,
        )

    def draft(self, version: int, **values: str) -> DraftUpdated:
        said = utterance_id(self.call_id, "caller", 0)
        evidence = (Evidence(utterance_id=said, chars=(0, 2), ms=(0, 200), quote="工地", rule="test"),)
        return DraftUpdated(
            call_id=self.call_id,
            version=version,
            at_ms=NOW_MS,
            after_utterance=said,
            final_at_ms=NOW_MS,
            fields=tuple(
                DraftField(name=FieldName(name), value=value, confidence=0.8, evidence=evidence)
                for name, value in values.items()
            ),
        )


@pytest.fixture
def story() -> CallStory:
    return CallStory("call1", NOW_MS)
