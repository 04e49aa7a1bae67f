"""The desk as a role: starts, answers, stops; a port in use is named."""

import asyncio
import contextlib
import json
import re
import socket

import httpx
import pytest
import structlog

from bus.memory import MemoryBus, MemoryLog
from desk.settings import DeskSettings
from domain.errors import ConfigError, StorageError
from hotline.config import ServiceSettings, Settings
from hotline.desk_tls import trust
from hotline.roles.context import RoleContext
from hotline.roles.desk import run
from storage.settings import StorageSettings
from tests.free_port import free_port


def context(data_dir, port, **more) -> RoleContext:
    settings = Settings(service=ServiceSettings(data_dir=data_dir, demo=True), desk=DeskSettings(port=port), **more)
    return RoleContext(settings, MemoryBus(), MemoryLog(), "desk-1", structlog.get_logger())


@pytest.fixture(name="free_port")
def any_free_port() -> int:
    return free_port()


async def test_the_role_serves_until_it_is_told_to_stop(tmp_path, free_port):
    role = context(tmp_path, free_port)
    running = asyncio.create_task(run(role))
    base = f"http://127.0.0.1:{free_port}"
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=30) as client:
        await asyncio.sleep(0)  # it listens from its first step on, and answers when it is ready
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        passwords = json.loads((tmp_path / "demo_credentials.json").read_text())
        answer = await client.post("/api/session", json={"username": "admin", "password": passwords["admin"]})
        assert answer.status_code == 200
        assert (await client.get("/api/desk")).json()["hotline_name"].startswith("云江市12345")
        role.stopping.set()
        await asyncio.wait_for(running, 10)
        with pytest.raises(httpx.TransportError):
            await client.get("/healthz")


async def test_with_a_certificate_it_speaks_https_and_keeps_the_cookie_to_it(tmp_path, free_port):
    settings = Settings(
        service=ServiceSettings(data_dir=tmp_path, demo=True), desk=DeskSettings(port=free_port, self_signed=True)
    )
    role = RoleContext(settings, MemoryBus(), MemoryLog(), "desk-1", structlog.get_logger())
    running = asyncio.create_task(run(role))
    await asyncio.sleep(0)
    base, certificate = f"https://127.0.0.1:{free_port}", str(tmp_path / "tls" / "desk.crt")
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=30, verify=trust(certificate)) as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        passwords = json.loads((tmp_path / "demo_credentials.json").read_text())
        answer = await client.post("/api/session", json={"username": "admin", "password": passwords["admin"]})
        assert "Secure" in answer.headers["set-cookie"]
    role.stopping.set()
    await asyncio.wait_for(running, 10)


async def test_a_port_in_use_is_named(tmp_path, free_port):
    with contextlib.closing(socket.socket()) as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()
        with pytest.raises(ConfigError, match=re.escape(f"127.0.0.1:{free_port}")) as caught:
            await run(context(tmp_path, free_port))
    assert "another" in caught.value.remedy


async def test_a_database_that_is_away_is_named_before_anything_is_served(tmp_path, free_port):
    role = context(tmp_path, free_port, storage=StorageSettings(url="postgresql://u:secret@/x?host=/nowhere"))
    with pytest.raises(StorageError, match="cannot prepare the database") as caught:
        await run(role)
    assert "secret" not in str(caught.value)
