"""Two listeners on a real NATS, and kill -9 of the one that listens, in the middle of a sentence."""

import asyncio
import contextlib
import os
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rapidfuzz.fuzz import partial_ratio

from asr.scoring import folded
from bus.connection import BusConnection, connect
from bus.server import NatsServer
from domain.audio import BYTES_PER_CHUNK, CHUNK_MS, AudioChunk
from domain.g711 import ALAW_SILENCE
from domain.ports import Record
from domain.side import Side
from domain.speech import (
    ListenerAlive,
    LivePartial,
    SpeechHealth,
    SpeechHealthChanged,
    SpeechMessage,
    SpeechStarted,
    UtteranceFinal,
)
from domain.topics import ASR_ALIVE, CALL_AUDIO, CALL_PARTIAL, CALL_SPEECH
from hotline.config import load_settings
from recordings.unheard import unheard_spans
from telephony.calls.listening import Listening
from tests.asr.sounds import real_recordings
from tests.free_port import free_port

DEADLINE_S = 120.0
CALL = "call1"
PAUSE = bytes([ALAW_SILENCE]) * 12_000


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class Switchboard:
    """What a switch does for one side of a call, and what it hears of the listeners."""

    connection: BusConnection
    listening: Listening
    processes: dict[str, Process]
    finals: list[UtteranceFinal] = field(default_factory=list)
    changes: list[SpeechHealthChanged] = field(default_factory=list)
    alive: dict[str, tuple[str, ...]] = field(default_factory=dict)
    both: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when both listeners have said that they live."""
    started: int = 0
    killed: str = ""
    answered_ms: int = 0
    media_ms: int = 0

    async def hear(self) -> None:
        await self.connection.bus.subscribe(ASR_ALIVE, (), self._on_alive)
        await self.connection.bus.subscribe(CALL_PARTIAL, (CALL,), self._on_partial)
        await self.connection.log.consume(CALL_SPEECH, self._on_speech, consumer="switchboard")

    @property
    def listener(self) -> str:
        """Who names our stream, "" for nobody."""
        return next((name for name, streams in self.alive.items() if f"{CALL}.{Side.CALLER}" in streams), "")

    async def say(self, alaw: bytes) -> None:
        """In real time."""
        for at in range(0, len(alaw), BYTES_PER_CHUNK):
            piece = alaw[at : at + BYTES_PER_CHUNK].ljust(BYTES_PER_CHUNK, bytes([ALAW_SILENCE]))
            await asyncio.sleep(max(0.0, (self.answered_ms + self.media_ms + CHUNK_MS - wall_ms()) / 1000))
            number = self.media_ms // CHUNK_MS
            chunk = AudioChunk(Side.CALLER, number, self.media_ms, wall_ms(), piece, last=False)
            await self.connection.bus.publish(CALL_AUDIO, (CALL, Side.CALLER), chunk)
            self.media_ms += CHUNK_MS

    async def be_silent_until(self, holds: Callable[[], object]) -> None:
        while not holds():
            await self.say(PAUSE[:BYTES_PER_CHUNK])

    async def _on_alive(self, _subject: str, alive: ListenerAlive) -> None:
        if alive.listener_id == self.killed:  # on its way when it died
            return
        self.alive[alive.listener_id] = alive.streams
        if len(self.alive) == len(self.processes):
            self.both.set()

    async def _on_partial(self, _subject: str, partial: LivePartial) -> None:
        if isinstance(partial, SpeechStarted):
            self.started += 1
        self._count_on(partial.utterance_id)

    async def _on_speech(self, record: Record[SpeechMessage]) -> None:
        if isinstance(record.value, SpeechHealthChanged):
            self.changes.append(record.value)
        else:
            self.finals.append(record.value)
            self._count_on(record.value.utterance_id)

    def _count_on(self, utterance_id: str) -> None:
        self.listening.said(CALL, Side.CALLER, int(utterance_id.rpartition("-")[2]))


@pytest.fixture
async def switchboard(tmp_path: Path) -> AsyncIterator[Switchboard]:
    own = {
        "HOTLINE_SERVICE__DATA_DIR": str(tmp_path),
        "HOTLINE_SERVICE__METRICS_BASE_PORT": "0",
        "HOTLINE_BUS__PORT": str(free_port()),
        "HOTLINE_ASR__WORKERS": "1",
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")} | own
    settings = load_settings(None, environment)
    server = NatsServer(tmp_path, settings.bus)
    await server.start()
    connection = await connect(settings.bus, "switch-1", tmp_path)
    command = [sys.executable, "-m", "hotline", "run", "listen", "--number"]
    processes = {
        f"listen-{number}": await asyncio.create_subprocess_exec(*command, str(number), env=environment)
        for number in (1, 2)
    }
    here = Switchboard(connection, Listening(connection.bus, connection.log, wall_ms), processes)
    keeping = asyncio.create_task(here.listening.run())
    try:
        async with asyncio.timeout(DEADLINE_S):
            await here.hear()
            await here.both.wait()
        yield here
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        for process in processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        await asyncio.gather(*(process.wait() for process in processes.values()))
        await connection.close()
        await server.stop()


@pytest.mark.slow
async def test_the_other_listener_goes_on_and_nothing_is_said_twice(switchboard: Switchboard) -> None:
    here = switchboard
    first, second, third = sorted(real_recordings(24), key=lambda recording: len(recording.alaw))[8:11]
    async with asyncio.timeout(DEADLINE_S):
        here.answered_ms = wall_ms()
        here.listening.begin(CALL, Side.CALLER)
        await here.be_silent_until(lambda: here.listener)
        await here.say(first.alaw + PAUSE)
        await here.be_silent_until(lambda: here.finals)
        killed, cut_ms = here.listener, here.media_ms
        begun = here.started
        await here.say(second.alaw[:12_000])
        await here.be_silent_until(lambda: here.started > begun)
        here.processes[killed].kill()
        here.killed = killed
        del here.alive[killed]
        await here.say(second.alaw[12_000:])
        await here.be_silent_until(lambda: here.listener)
        said = len(here.finals)
        await here.say(PAUSE + third.alaw)
        await here.be_silent_until(lambda: partial_ratio(folded(third.transcript), _words(here.finals[said:])) > 50)
    assert here.listener not in ("", killed)
    names = [final.utterance_id for final in here.finals]
    assert len(set(names)) == len(names)
    assert all(one.end_ms <= other.start_ms for one, other in zip(here.finals, here.finals[1:], strict=False))
    assert SpeechHealth.AFTER_CALL in {change.health for change in here.changes}
    spans = unheard_spans(
        [*here.changes, *here.finals],
        answered_at_ms=here.answered_ms,
        side_began_ms={Side.CALLER: 0},
        duration_ms=here.media_ms,
    )
    assert any(span.start_ms <= cut_ms + 1000 and span.end_ms >= cut_ms + 1500 for span in spans), spans


def _words(finals: list[UtteranceFinal]) -> str:
    return folded("".join(final.text for final in finals))
