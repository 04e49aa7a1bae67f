"""The queue role as a process of its own on a real NATS, killed with SIGKILL."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bus.connection import BusConnection, connect
from bus.server import NatsServer
from bus.settings import BusSettings
from domain.agent import AgentState, PhoneState, SetReady, SignIn
from domain.call import CallConnected, CallEnded, CallEvent, CallQueued, EndedBy, QueuedBecause
from domain.command import CallCommand, CommandReply, RingAgent
from domain.errors import BusError
from domain.queueing import QueueSnapshot, SnapshotRequest
from domain.topics import AGENT_COMMAND, CALL_COMMAND, CALL_EVENT, PHONE_STATE, QUEUE_SNAPSHOT
from tests.free_port import free_port

pytestmark = pytest.mark.slow


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Site:
    """NATS, queue processes, and this test as switch and desk."""

    def __init__(self, data_dir: Path, settings: BusSettings) -> None:
        self._data_dir = data_dir
        self._settings = settings
        self.server = NatsServer(data_dir, settings)
        self.queues: list[asyncio.subprocess.Process] = []
        self.rings: asyncio.Queue[tuple[str, RingAgent]] = asyncio.Queue()
        self._numbers: dict[str, int] = {}
        self._connection: BusConnection | None = None

    @property
    def connection(self) -> BusConnection:
        assert self._connection is not None
        return self._connection

    async def open(self) -> None:
        await self.server.start()
        self._connection = await connect(self._settings, "switch-1", self._data_dir)
        await self.connection.bus.serve(CALL_COMMAND, (), self._on_command)

    async def close(self) -> None:
        for process in self.queues:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        await self.connection.close()
        await self.server.stop()

    async def start_queue(self, number: int) -> None:
        self.queues.append(await self._hotline("run", "queue", "--number", str(number)))

    async def explain(self, call_id: str) -> str:
        """What `hotline queue explain` prints."""
        process = await self._hotline("queue", "explain", call_id, stdout=asyncio.subprocess.PIPE)
        printed, _ = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0
        return printed.decode()

    async def _hotline(self, *words: str, stdout: int | None = None) -> asyncio.subprocess.Process:
        environment = {
            **os.environ,
            "HOTLINE_SERVICE__DATA_DIR": str(self._data_dir),
            "HOTLINE_SERVICE__METRICS_BASE_PORT": "0",
            "HOTLINE_BUS__PORT": str(self._settings.port),
            "HOTLINE_QUEUE__SNAPSHOT_EVERY": "10",
        }
        command = (sys.executable, "-m", "hotline", *words)
        return await asyncio.create_subprocess_exec(*command, env=environment, cwd=self._data_dir, stdout=stdout)

    async def kill_queue(self, index: int) -> None:
        self.queues[index].kill()
        await self.queues[index].wait()

    async def _on_command(self, subject: str, command: CallCommand) -> CommandReply:
        if isinstance(command, RingAgent):
            await self.rings.put((subject.split(".")[1], command))
        return CommandReply(accepted=True)

    async def say(self, of: Callable[..., CallEvent], call_id: str, **fields: object) -> None:
        number = self._numbers.get(call_id, 0)
        self._numbers[call_id] = number + 1
        event = of(call_id=call_id, number=number, at_ms=now_ms(), switch_id="switch-1", **fields)
        await self.connection.log.append(CALL_EVENT, (call_id,), event, event_id=event.event_id)

    async def queue(self, call_id: str) -> None:
        await self.say(CallQueued, call_id, queue="default", because=QueuedBecause.SPEECH, menu_ended_at_ms=now_ms())

    async def until(self, wanted: Callable[[QueueSnapshot], bool], within_s: float = 30) -> QueueSnapshot:
        """What the leading queue says, as soon as there is one and it says what is wanted."""
        found: QueueSnapshot | BusError | None = None
        try:
            async with asyncio.timeout(within_s):
                while True:
                    try:
                        found = await self.connection.bus.request(QUEUE_SNAPSHOT, (), SnapshotRequest(), timeout_s=1)
                        if wanted(found):
                            return found
                    except BusError as error:
                        found = error
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"never came to that: {found}") from None

    async def ready(self, agent_id: str, extension: str) -> None:
        phone = PhoneState(
            extension=extension,
            registered=True,
            switch_id="switch-1",
            at_ms=now_ms(),
            expires_at_ms=now_ms() + 3_600_000,
        )
        await self.connection.log.append(PHONE_STATE, (extension,), phone, event_id=f"{extension}.{phone.at_ms}")
        bus = self.connection.bus
        await bus.request(AGENT_COMMAND, (agent_id,), SignIn(name="王", extension=extension), timeout_s=5)
        await self.until(lambda snapshot: any(a.agent_id == agent_id and a.phone_registered for a in snapshot.agents))
        reply = await bus.request(AGENT_COMMAND, (agent_id,), SetReady(), timeout_s=5)
        assert reply.accepted, reply.reason

    async def ring(self) -> tuple[str, RingAgent]:
        async with asyncio.timeout(30):
            return await self.rings.get()


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path, BusSettings(port=free_port()))
    await site.open()
    yield site
    await site.close()


async def test_killed_queue_is_followed_by_the_standby_which_knows_everyone(site: Site) -> None:
    await site.start_queue(1)
    await site.until(lambda snapshot: True)
    await site.start_queue(2)
    await site.ready("a", "1001")
    for number in range(12):
        await site.queue(f"c{number}")
    call_id, ring = await site.ring()
    assert call_id == "c0"
    before = await site.until(lambda snapshot: len(snapshot.waiting) == 12)
    await site.kill_queue(0)
    killed_s = time.monotonic()
    await site.queue("c12")
    await site.say(CallConnected, "c0", offer_id=ring.offer_id, agent_id="a", extension="1001")
    # The standby may answer before it has read what was said while nobody led.
    after = await site.until(lambda seen: [call.call_id for call in seen.waiting[11:]] == ["c12"])
    assert time.monotonic() - killed_s < 15  # 3 s of lease, and a busy machine
    assert [(call.call_id, call.since_ms) for call in after.waiting[:11]] == [
        (call.call_id, call.since_ms) for call in before.waiting[1:]
    ]
    assert after.waiting[11].call_id == "c12"
    await site.until(lambda snapshot: snapshot.agents[0].state is AgentState.TALKING)
    await site.say(CallEnded, "c0", by=EndedBy.CALLER, cause="bye")
    await site.until(lambda snapshot: snapshot.agents[0].state is AgentState.WRAP_UP)
    await site.connection.bus.request(AGENT_COMMAND, ("a",), SetReady(), timeout_s=5)
    while ring.offer_id.startswith("c0"):
        call_id, ring = await site.ring()  # the new leader may have said the old offer again
    assert call_id == "c1"
    said = await site.explain("c1")
    assert "进入队列“default”，前面有 1 位。" in said
    assert "派给坐席 王（a）：空闲最久" in said


async def test_nats_and_queue_killed_together_lose_nobody(site: Site) -> None:
    await site.start_queue(1)
    await site.until(lambda snapshot: True)
    await site.ready("a", "1001")
    await site.queue("c1")
    await site.queue("c2")
    assert (await site.ring())[0] == "c1"
    await site.until(lambda snapshot: len(snapshot.waiting) == 2)
    site.server.process.kill()
    await site.server.process.wait()
    await site.kill_queue(0)
    await site.queue("c3")  # the switch spools it
    await site.server.start()
    await site.start_queue(1)
    after = await site.until(lambda snapshot: len(snapshot.waiting) == 3)
    assert [call.call_id for call in after.waiting] == ["c1", "c2", "c3"]
    assert after.waiting[0].offered_to == "a"


async def test_a_queue_outlives_a_killed_nats(site: Site) -> None:
    await site.start_queue(1)
    await site.until(lambda snapshot: True)
    await site.ready("a", "1001")
    site.server.process.kill()
    await site.server.process.wait()
    await site.queue("c1")
    await site.server.start()
    assert (await site.ring())[0] == "c1"
    assert site.queues[0].returncode is None
