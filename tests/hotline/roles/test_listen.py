"""The role with the real engine, real recorded people and the bus inside one process."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import structlog

from asr.scoring import character_error_rate
from asr.scripted import ScriptedStreaming
from asr.settings import AsrSettings
from bus.memory import MemoryBus, MemoryLog
from domain.audio import BYTES_PER_CHUNK, CHUNK_MS, AudioChunk
from domain.errors import ModelError
from domain.g711 import ALAW_SILENCE
from domain.ports import Record
from domain.side import Side
from domain.speech import ListenerAlive, OpenStream, SpeechHealth, SpeechMessage, UtteranceFinal
from domain.topics import ASR_ALIVE, ASR_OPEN, CALL_AUDIO, CALL_SPEECH
from hotline.config import ServiceSettings, Settings
from hotline.roles import listen
from hotline.roles.context import RoleContext
from tests.asr.korean import spoken_korean
from tests.asr.reference_server import reference_server
from tests.asr.sounds import chunks, real_recordings, silence
from tests.free_port import free_port

DEADLINE_S = 120.0
PAUSE = bytes([ALAW_SILENCE]) * 8000


def context_in(folder: Path, asr: AsrSettings | None = None) -> RoleContext:
    settings = Settings(service=ServiceSettings(data_dir=folder), asr=asr or AsrSettings())
    return RoleContext(
        settings=settings,
        bus=MemoryBus(),
        log=MemoryLog(),
        role_id="listen-1",
        logger=structlog.get_logger(),
    )


@pytest.mark.slow
async def test_people_on_the_telephone_are_written_down(tmp_path: Path) -> None:
    recordings = real_recordings(6)
    context = context_in(tmp_path)
    heard: list[UtteranceFinal] = []
    alive, closed = asyncio.Event(), asyncio.Event()

    async def on_alive(_subject: str, message: ListenerAlive) -> None:
        alive.set()
        if heard and not message.streams:
            closed.set()

    async def on_speech(record: Record[SpeechMessage]) -> None:
        if isinstance(record.value, UtteranceFinal):
            heard.append(record.value)

    await context.bus.subscribe(ASR_ALIVE, (), on_alive)
    await context.log.consume(CALL_SPEECH, on_speech, consumer="test")
    async with asyncio.timeout(DEADLINE_S):
        running = asyncio.create_task(listen.run(context))
        await alive.wait()
        question = OpenStream(call_id="c", side=Side.CALLER)
        assert (await context.bus.request(ASR_OPEN, (), question, timeout_s=5)).accepted
        sound = PAUSE + b"".join(recording.alaw + PAUSE for recording in recordings)
        pieces = [sound[at : at + BYTES_PER_CHUNK] for at in range(0, len(sound), BYTES_PER_CHUNK)]
        for number, alaw in enumerate(pieces):
            media_ms = number * CHUNK_MS
            chunk = AudioChunk(Side.CALLER, number, media_ms, media_ms, alaw, last=number == len(pieces) - 1)
            await context.bus.publish(CALL_AUDIO, ("c", Side.CALLER), chunk)
        await closed.wait()
        context.stopping.set()
        await running
    said = "".join(recording.transcript for recording in recordings)
    assert character_error_rate([(said, "".join(final.text for final in heard))]) < 0.35
    assert [final.start_ms for final in heard] == sorted(final.start_ms for final in heard)


@pytest.mark.slow
async def test_a_remote_engine_that_is_away_at_the_start_is_used_once_it_is_there(tmp_path: Path) -> None:
    port = free_port()
    asr = AsrSettings(engine="remote", remote_url=f"ws://127.0.0.1:{port}", voice_activity="webrtc")
    context, heard, alive = context_in(tmp_path, asr), asyncio.Queue[SpeechMessage](), asyncio.Event()

    async def on_alive(_subject: str, _message: ListenerAlive) -> None:
        alive.set()

    async def on_speech(record: Record[SpeechMessage]) -> None:
        heard.put_nowait(record.value)

    async def say(call_id: str) -> None:
        ask = OpenStream(call_id=call_id, side=Side.CALLER)
        # What waited for the engine in vain was too busy a time: the switch asks until there is room, and so do we.
        while True:
            reply = await context.bus.request(ASR_OPEN, (), ask, timeout_s=5)
            if reply.accepted:
                break
            await asyncio.sleep(0.2)
        for chunk in chunks(np.concatenate([spoken, silence(1000)])):
            await context.bus.publish(CALL_AUDIO, (call_id, Side.CALLER), chunk)

    async def until(seen: Callable[[SpeechMessage], bool]) -> SpeechMessage:
        while not seen(message := await heard.get()):
            pass
        return message

    spoken = spoken_korean(tmp_path)
    await context.bus.subscribe(ASR_ALIVE, (), on_alive)
    await context.log.consume(CALL_SPEECH, on_speech, consumer="test")
    async with asyncio.timeout(DEADLINE_S):
        running = asyncio.create_task(listen.run(context))
        await alive.wait()
        await say("early")
        await until(lambda message: message.health is SpeechHealth.AFTER_CALL)
        with reference_server(ScriptedStreaming(), port=port):
            await say("late")
            final = await until(lambda message: isinstance(message, UtteranceFinal) and message.call_id == "late")
        context.stopping.set()
        await running
    assert isinstance(final, UtteranceFinal)
    assert final.text.startswith("你好")
    assert final.engine == f"remote 127.0.0.1:{port}"


async def test_models_that_cannot_be_joined_end_the_role_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(ModelError, match="what to do"):
        await listen.run(context_in(tmp_path))
