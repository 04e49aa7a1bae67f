"""We as a server, asked by a plain websockets client as vosk-server's own test.py asks, and by our remote engine."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

import asr.guest
from asr.continued_clips import ContinuedClips
from asr.guest_server import guest_server
from asr.recogniser import Clip, Effort, Recogniser, Samples
from asr.remote import Remote
from asr.scripted import ScriptedRecogniser, ScriptedStreaming, by_length
from asr.settings import AsrSettings
from domain.errors import ConfigError
from tests.asr.sounds import LoudnessActivity, silence, tone

DEADLINE_S = 20.0
SOUND = np.concatenate([silence(500), tone(1500), silence(900), tone(700), silence(300)])


@asynccontextmanager
async def served(engine: Recogniser | None = None, settings: AsrSettings | None = None) -> AsyncIterator[str]:
    chosen = settings or AsrSettings(serve_port=0)
    async with guest_server(chosen, engine or ScriptedRecogniser(), LoudnessActivity) as (host, port):
        yield f"ws://{host}:{port}"


async def asked_as_the_reference_client_asks(url: str, sound: Samples, rate_hz: int = 8000) -> list[dict[str, object]]:
    """config, pieces of 0.2 s with one answer each, eof with one answer, then the server closes."""
    answers = []
    async with asyncio.timeout(DEADLINE_S), connect(url) as websocket:
        await websocket.send(f'{{ "config" : {{ "sample_rate" : {rate_hz} }} }}')
        size = int(rate_hz * 0.2)
        for at in range(0, len(sound), size):
            await websocket.send(sound[at : at + size].astype("<i2").tobytes())
            answers.append(json.loads(await websocket.recv()))
        await websocket.send('{"eof" : 1}')
        answers.append(json.loads(await websocket.recv()))
        with pytest.raises(ConnectionClosed):
            await websocket.recv()
    return answers


@pytest.mark.parametrize(("rate_hz", "said"), [(8000, "2.30 s。1.30 s。"), (16000, "2.32 s。1.30 s。")])
async def test_the_reference_client_gets_an_answer_for_each_message_and_all_words(rate_hz: int, said: str) -> None:
    async with served() as url:
        sound = SOUND if rate_hz == 8000 else np.repeat(SOUND, 2)
        answers = await asked_as_the_reference_client_asks(url, sound, rate_hz)
    assert all(("partial" in answer) != ("text" in answer) for answer in answers)
    assert "text" in answers[-1]
    text = "".join(str(answer.get("text", "")) for answer in answers)
    assert text == said
    words = [word for answer in answers for word in answer.get("result", [])]  # type: ignore[attr-defined]
    assert [word["word"] for word in words] == [character for character in said if character.isalnum()]
    assert all(word["start"] <= word["end"] and 0 <= word["conf"] <= 1 for word in words)
    assert 0.4 <= words[0]["start"] <= 0.6
    assert 2.8 <= words[4]["start"] <= 3.0


async def test_partials_come_while_somebody_speaks() -> None:
    async with served() as url, asyncio.timeout(DEADLINE_S), connect(url) as websocket:
        await websocket.send(tone(1400).astype("<i2").tobytes())
        partial = json.loads(await websocket.recv())
        while partial == {"partial": ""}:
            await asyncio.sleep(0.01)
            await websocket.send(tone(10).astype("<i2").tobytes())  # silence would end it before a slow engine answers
            partial = json.loads(await websocket.recv())
        assert partial["partial"].endswith(" s")


async def test_without_words_there_are_none() -> None:
    async with served() as url, asyncio.timeout(DEADLINE_S), connect(url) as websocket:
        await websocket.send('{"config": {"sample_rate": 8000, "words": false}}')
        await _said(websocket, tone(700))
        await websocket.send('{"eof": 1}')
        assert json.loads(await websocket.recv()) == {"text": "0.70 s。"}


async def test_our_own_remote_engine_is_served() -> None:
    async with served(ContinuedClips(ScriptedStreaming())) as url:
        engine = ContinuedClips(Remote(url))
        clip = Clip(tone(1500))
        heard = await asyncio.to_thread(engine.recognise, [clip], Effort.FINAL)
    assert heard[0].text == "你好我是。"
    assert [word.text for word in heard[0].words] == ["你好", "我是"]


async def test_a_guests_menu_reaches_the_engine() -> None:
    async with (
        served(ContinuedClips(ScriptedStreaming())) as url,
        asyncio.timeout(DEADLINE_S),
        connect(url) as websocket,
    ):
        await websocket.send(json.dumps({"config": {"sample_rate": 8000, "phrase_list": ["投诉", "咨询"]}}))
        await _said(websocket, tone(1500))
        await websocket.send('{"eof" : 1}')
        assert json.loads(await websocket.recv())["text"] == "投诉咨询。"


async def test_an_end_without_a_stream_is_answered() -> None:
    async with served() as url, asyncio.timeout(DEADLINE_S), connect(url) as websocket:
        await websocket.send('{"eof" : 1}')
        assert json.loads(await websocket.recv()) == {"text": ""}


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ('{"config": {"sample_rate": 44100}}', "44100 samples a second: send 8000 or 16000"),
        ("hello", "not a request of this protocol"),
        ("{}", "neither config nor eof"),
        (b"\x00\x01\x02", "3 bytes are no 16-bit samples"),
    ],
)
async def test_what_is_not_of_the_protocol_is_refused_in_words(message: str | bytes, said: str) -> None:
    async with served() as url, asyncio.timeout(DEADLINE_S), connect(url) as websocket:
        await websocket.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1003
    assert said in closed.value.rcvd.reason


async def test_one_guest_too_many_is_told_so_and_a_place_becomes_free() -> None:
    async with served(settings=AsrSettings(serve_port=0, serve_guests=1)) as url, asyncio.timeout(DEADLINE_S):
        async with connect(url) as first:
            await first.send(silence(100).tobytes())
            await first.recv()
            async with connect(url) as second:
                with pytest.raises(ConnectionClosed, match="all 1 places are taken"):
                    await second.recv()
        answers: list[object] = []
        while not answers:
            try:
                answers = list(await asked_as_the_reference_client_asks(url, tone(600)))
            except ConnectionClosed:
                await asyncio.sleep(0.02)


async def test_a_guest_who_leaves_without_an_end_takes_nobody_with_them() -> None:
    async with served() as url:
        async with connect(url) as websocket:
            await websocket.send(tone(1400).astype("<i2").tobytes())
        answers = await asked_as_the_reference_client_asks(url, SOUND)
    assert "".join(str(answer.get("text", "")) for answer in answers)


async def test_an_engine_that_hangs_does_not_hang_the_guest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asr.guest, "_LAST_WORDS_S", 0.3)
    engine = ScriptedRecogniser()
    engine.hold()
    async with served(engine) as url:
        answers = await asked_as_the_reference_client_asks(url, tone(900))
        assert answers[-1] == {"text": ""}
        engine.release()


async def test_words_that_the_engine_fails_on_are_left_out_and_the_rest_told() -> None:
    def fails_on_long(clip: Clip, effort: Effort) -> str:
        if clip.seconds > 2.0:
            raise RuntimeError("the engine broke")
        return by_length(clip, effort)

    async with served(ScriptedRecogniser(fails_on_long)) as url:
        answers = await asked_as_the_reference_client_asks(url, SOUND)
    assert "".join(str(answer.get("text", "")) for answer in answers) == "1.30 s。"


async def test_a_port_that_is_taken_is_refused_in_words() -> None:
    async with served() as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(ConfigError, match=r"serve_port: guests cannot be served"):
            async with served(settings=AsrSettings(serve_port=port)):
                pass


async def _said(websocket: ClientConnection, sound: Samples) -> None:
    await websocket.send(sound.astype("<i2").tobytes())
    await websocket.recv()
