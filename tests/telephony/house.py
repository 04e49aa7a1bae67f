"""A whole switch on fakes of its ports, and what its users would see of it."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from bus.memory import MemoryBus, MemoryLog
from domain.call import CallEvent, QueuedBecause
from domain.command import CallCommand, CancelRing, CommandReply, RingAgent
from domain.errors import NoResponderError
from domain.topics import CALL_COMMAND, CALL_EVENT
from telephony.calls.audio_post import AudioPost
from telephony.calls.directory_file import SAMPLE, load_directory
from telephony.calls.listening import Listening
from telephony.calls.seats import Seats
from telephony.calls.switch import Switch
from telephony.calls.switch_parts import SwitchParts
from telephony.ports import CallControls, InboundCall
from telephony.settings import TelephonySettings
from tests.telephony.fake_ports import (
    FakeEndpoint,
    FakeLeg,
    FakePlane,
    FakePrompts,
    FakeRecorder,
    RecordedScript,
    describe,
)

CALL = InboundCall(
    caller_number="13812345678",
    called_number="12345",
    trunk="city",
    sip_call_id="x",
    arrived_at_ms=1000,
    media=describe(4000),
)
RING = RingAgent(offer_id="o1", agent_id="8001", extension="8001", timeout_s=15)


class House:
    """A switch on fakes, and what its users would see. answers: the scripts take calls as they arrive."""

    def __init__(self, folder: Path) -> None:
        self.bus = bus = MemoryBus()
        self.log = log = MemoryLog(bus=bus)
        self.endpoint = FakeEndpoint()
        self.plane = FakePlane()
        self.scripts: list[RecordedScript] = []
        self.recorders: list[FakeRecorder] = []
        self.folder = folder
        self.answers = True
        self.recording: set[str] = set()
        self.switch = Switch(max_calls=1000)
        self.listening = Listening(bus, log, self.now_ms)
        self.switch.parts = SwitchParts(
            switch_id="switch-1",
            endpoint=self.endpoint,
            plane=self.plane,
            bus=bus,
            log=log,
            listening=self.listening,
            post=AudioPost(bus),
            prompts=FakePrompts("没有录好"),
            music=b"music",
            journal_dir=folder,
            describe=describe,
            open_recorder=self._recorder,
            open_script=self._script,
            now_ms=self.now_ms,
            silent_limit_s=60,
            seats=Seats(bus, log, load_directory(SAMPLE), frozenset({"8001", "8002"})),
            feature_codes=TelephonySettings().feature_codes(),
        )

    def _recorder(self, call_id: str) -> FakeRecorder:
        recorder = FakeRecorder(call_id, self.recording)
        self.recorders.append(recorder)
        return recorder

    def _script(self, controls: CallControls, waiting_in: str) -> RecordedScript:
        script = RecordedScript(controls, waiting_in, answers=self.answers)
        self.scripts.append(script)
        return script

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def arrive(self, call: InboundCall = CALL) -> FakeLeg:
        leg = FakeLeg()
        leg.events = self.switch.on_call(call, leg)
        return leg

    async def events(self) -> list[CallEvent]:
        return [record.value for record in await self.log.replay(CALL_EVENT, ())]

    async def command(self, command: CallCommand) -> CommandReply:
        [arrived] = {event.call_id for event in await self.events()}
        return await self.bus.request(CALL_COMMAND, (arrived,), command, timeout_s=20)

    async def until(self, ready: Callable[[], bool]) -> None:
        """Let the loop turn until it is so."""
        for _ in range(100_000):
            if ready():
                return
            await asyncio.sleep(0)
        raise AssertionError("it did not come to pass")

    async def served(self) -> None:
        """Wait until the call takes commands and its events so far are kept."""
        for _ in range(100_000):
            try:
                await self.command(CancelRing(offer_id="none"))
            except (NoResponderError, ValueError):
                await asyncio.sleep(0)
            else:
                return
        raise AssertionError("the call takes no commands")

    async def settled(self) -> None:
        """Let the journals append what they have."""
        for _ in range(50):
            await asyncio.sleep(0)

    async def closed(self) -> None:
        """Wait until every call is put away."""
        async with asyncio.timeout(60):
            await asyncio.gather(*self.switch.tasks)


async def waiting(house: House) -> FakeLeg:
    leg = house.arrive()
    house.scripts[0].controls.enqueue("default", QueuedBecause.KEY, 0)
    await house.served()
    return leg


def kinds(events: list[CallEvent]) -> list[str]:
    return [type(event).__name__ for event in events]
