"""NATS dies (kill -9) and comes back on the same store: nothing is lost, nothing is heard twice."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bus.connection import BusConnection, connect
from bus.metrics import DROPPED
from bus.server import NatsServer
from bus.settings import BusSettings
from domain.command import AnnouncePosition
from domain.errors import BusError
from domain.ports import Record
from domain.side import Side
from domain.speech import SpeechHealth, SpeechHealthChanged, SpeechMessage, SpeechStarted
from domain.topics import CALL_COMMAND, CALL_PARTIAL, CALL_SPEECH

pytestmark = pytest.mark.slow
Connect = Callable[[str], Awaitable[BusConnection]]


class Reader:
    """Notes the numbers that it hears."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self._news = asyncio.Event()

    async def hear(self, record: Record[SpeechMessage]) -> None:
        assert isinstance(record.value, SpeechHealthChanged)
        self.numbers.append(record.value.at_ms)
        self._news.set()

    async def until(self, last: int) -> list[int]:
        async with asyncio.timeout(30):
            while last not in self.numbers:
                self._news.clear()
                await self._news.wait()
        return self.numbers


async def say(connection: BusConnection, number: int) -> None:
    message = SpeechHealthChanged(call_id="c1", side=Side.CALLER, health=SpeechHealth.LIVE, reason="", at_ms=number)
    await connection.log.append(CALL_SPEECH, ("c1",), message, event_id=f"c1.{number}")


async def kill(server: NatsServer) -> None:
    server.process.kill()
    await server.process.wait()


async def until_up(connection: BusConnection, up: bool) -> None:
    async with asyncio.timeout(20):
        while connection.up is not up:  # noqa: ASYNC110  the client has no event for it
            await asyncio.sleep(0.01)


async def test_a_reader_and_a_writer_outlive_a_killed_server(server: NatsServer, connected: Connect) -> None:
    writer, listener = await connected("switch-1"), await connected("assist-1")
    reader = Reader()
    await listener.log.consume(CALL_SPEECH, reader.hear, consumer="assist")
    number = 0
    for _ in range(2):
        for _ in range(40):
            await say(writer, number)
            number += 1
        await kill(server)
        for _ in range(20):
            async with asyncio.timeout(20):
                await say(writer, number)
            number += 1
        await server.start()
    await say(writer, number)
    assert await reader.until(number) == list(range(number + 1))


async def test_events_wait_on_disk_for_the_next_life_of_the_role(
    server: NatsServer, settings: BusSettings, connected: Connect, tmp_path: Path
) -> None:
    writer = await connect(settings, "switch-1", tmp_path)
    await kill(server)
    await until_up(writer, False)
    for number in range(3):
        await say(writer, number)
    await writer.close()
    await server.start()
    writer = await connected("switch-1")
    await say(writer, 3)
    reader = Reader()
    await writer.log.consume(CALL_SPEECH, reader.hear, consumer="assist")
    assert await reader.until(3) == [0, 1, 2, 3]
    async with asyncio.timeout(20):
        while (tmp_path / "spool" / "switch-1.jsonl").stat().st_size:  # noqa: ASYNC110  a file says nothing
            await asyncio.sleep(0.01)


async def test_an_outage_leaves_no_thread_behind(server: NatsServer, connected: Connect) -> None:
    connection = await connected("switch-1")
    reader = Reader()
    await connection.log.consume(CALL_SPEECH, reader.hear, consumer="assist")
    before = set(threading.enumerate())
    await kill(server)
    await until_up(connection, False)
    for first in range(0, 40, 10):
        await asyncio.gather(*(say(connection, number) for number in range(first, first + 10)))
    await server.start()
    await reader.until(39)
    more = {thread.name for thread in set(threading.enumerate()) - before}
    assert {name for name in more if not name.startswith("asyncio-waitpid")} == set()


async def test_without_nats_words_are_dropped_and_counted_and_questions_fail_at_once(
    server: NatsServer, connected: Connect
) -> None:
    connection = await connected("switch-1")
    await kill(server)
    await until_up(connection, False)
    before = DROPPED.labels("away")._value.get()
    started = SpeechStarted(call_id="c1", side=Side.CALLER, utterance_id="u", start_ms=0)
    await connection.bus.publish(CALL_PARTIAL, ("c1",), started)
    assert DROPPED.labels("away")._value.get() == before + 1
    with pytest.raises(BusError, match="the bus is away"):
        await connection.bus.request(CALL_COMMAND, ("c1",), AnnouncePosition(before=0), timeout_s=60)


async def test_subscriptions_are_there_again_after_the_server(server: NatsServer, connected: Connect) -> None:
    connection = await connected("switch-1")
    heard = asyncio.Event()

    async def hear(_: str, message: object) -> None:
        heard.set()

    await connection.bus.subscribe(CALL_PARTIAL, (), hear)
    await kill(server)
    await server.start()
    await until_up(connection, True)
    started = SpeechStarted(call_id="c1", side=Side.CALLER, utterance_id="u", start_ms=0)
    await connection.bus.publish(CALL_PARTIAL, ("c1",), started)
    async with asyncio.timeout(10):
        await heard.wait()


async def test_a_server_that_hangs_takes_subscriptions_up_when_it_goes_on(
    server: NatsServer, connected: Connect
) -> None:
    connection = await connected("switch-1")
    heard = asyncio.Event()

    async def hear(_: str, message: object) -> None:
        heard.set()

    server.process.send_signal(signal.SIGSTOP)
    try:
        await connection.bus.subscribe(CALL_PARTIAL, (), hear)
    finally:
        server.process.send_signal(signal.SIGCONT)
    started = SpeechStarted(call_id="c1", side=Side.CALLER, utterance_id="u", start_ms=0)
    await connection.bus.publish(CALL_PARTIAL, ("c1",), started)
    async with asyncio.timeout(10):
        await heard.wait()


async def test_a_lease_is_lost_with_the_server_and_can_be_had_again(server: NatsServer, connected: Connect) -> None:
    connection = await connected("queue-1")
    lease = await connection.leases.acquire("queue")
    await kill(server)
    async with asyncio.timeout(20):
        await lease.lost.wait()
    await lease.release()
    await server.start()
    async with asyncio.timeout(20):
        again = await connection.leases.acquire("queue")
    await again.release()


async def test_the_lease_of_a_dead_holder_passes_on_within_its_life(
    server: NatsServer, settings: BusSettings, connected: Connect, tmp_path: Path
) -> None:
    dying = await connect(settings, "queue-1", tmp_path)
    standby = await connected("queue-2")
    lease = await dying.leases.acquire("queue")
    await dying.close()
    async with asyncio.timeout(6):
        next_lease = await standby.leases.acquire("queue")
    assert lease.lost.is_set()  # the old holder knew before
    await next_lease.release()
    await lease.release()
