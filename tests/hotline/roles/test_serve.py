"""`hotline run listen --serve ws` as a process of its own, with vosk chosen in the settings, asked from outside."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from asr.continued_clips import ContinuedClips
from asr.recogniser import Clip, Effort, Samples
from asr.remote import Remote
from bus.server import NatsServer
from bus.settings import BusSettings
from tests.asr.korean import spoken_korean, vosk_folder
from tests.free_port import free_port

DEADLINE_S = 120.0


@asynccontextmanager
async def listening(folder: Path, model: Path) -> AsyncIterator[str]:
    """The address at which the process serves, once it does."""
    bus, port = BusSettings(port=free_port(), connect_timeout_s=10), free_port()
    server = NatsServer(folder, bus)
    await server.start()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    environment |= {
        "HOTLINE_SERVICE__DATA_DIR": str(folder),
        "HOTLINE_SERVICE__METRICS_BASE_PORT": "0",
        "HOTLINE_BUS__PORT": str(bus.port),
        "HOTLINE_ASR__ENGINE": "vosk",
        "HOTLINE_ASR__MODEL": str(model),
        "HOTLINE_ASR__SERVE_PORT": str(port),
    }
    command = [sys.executable, "-m", "hotline", "run", "listen", "--serve", "ws"]
    with (folder / "listen.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=log, stderr=log)
        try:
            await _open(port, process)
            yield f"ws://127.0.0.1:{port}"
        finally:
            if process.returncode is None:
                process.terminate()
            async with asyncio.timeout(30):
                status = await process.wait()
            await server.stop()
            assert status == 0


async def _open(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.2)
                continue
            writer.close()
            return


async def asked(url: str, sound: Samples) -> list[dict[str, Any]]:
    """As the reference client asks: each piece is answered before the next."""
    answers = []
    async with asyncio.timeout(DEADLINE_S), connect(url) as websocket:
        await websocket.send('{ "config" : { "sample_rate" : 8000 } }')
        for at in range(0, len(sound), 1600):
            await websocket.send(sound[at : at + 1600].astype("<i2").tobytes())
            answers.append(json.loads(await websocket.recv()))
        await websocket.send('{"eof" : 1}')
        answers.append(json.loads(await websocket.recv()))
    return answers


@pytest.mark.slow
async def test_a_listener_with_vosk_serves_strangers_and_our_own_remote_engine(tmp_path: Path) -> None:
    sound = spoken_korean(tmp_path)
    async with listening(tmp_path, vosk_folder(tmp_path / "model", quick=True)) as url:
        answers = await asked(url, sound)
        words = [word for answer in answers for word in answer.get("result", [])]
        engine = ContinuedClips(Remote(url, timeout_s=30))
        heard = await asyncio.to_thread(engine.recognise, [Clip(sound)], Effort.FINAL)
    assert words
    assert "".join(answer.get("text", "") for answer in answers).endswith("。")
    assert heard[0].text
    assert [word.text for word in heard[0].words] == [word["word"] for word in words]
