"""What is no speech, what comes broken, and what never ends: an answer or a typed error, and never a hang."""

import asyncio
import hashlib
from pathlib import Path

import msgspec
import numpy as np
import pytest
import structlog

import asr.guest_server
import asr.live_stream
import models
from asr.engine import load_engine, load_rescorer
from asr.offline import transcribe
from asr.recogniser import Clip, Effort, Samples
from asr.scripted import ScriptedRecogniser
from asr.settings import AsrSettings
from asr.silence import SilenceBegan
from asr.stream import SpeechStream
from asr.vad import WebrtcActivity
from asr.whisper import Whisper
from domain.audio import AudioChunk
from domain.errors import ModelError
from domain.side import Side
from domain.speech import SpeechHealth
from models.published_model import RECORD, FetchedFile
from tests.asr.bad_sounds import bad_sounds
from tests.asr.in_time import streams_of_any_sound_end
from tests.asr.sounds import WALL_MS, LoudnessActivity, chunks, silence, tone
from tests.asr.test_guest_server import served
from tests.asr.test_listener import SENTENCE, house

DEADLINE_S = 20.0


@pytest.fixture(scope="module")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Whisper:
    return Whisper(models.whisper_base(tmp_path_factory.mktemp("models")))


@pytest.mark.slow
@pytest.mark.parametrize("sound", bad_sounds().values(), ids=list(bad_sounds()))
def test_the_embedded_engine_hears_no_words_where_there_are_none(whisper: Whisper, sound: Samples) -> None:
    assert whisper.recognise([Clip(sound)], Effort.FINAL)[0].text == ""


async def test_streams_of_anything_end_and_are_heard_all_the_while() -> None:
    here = await streams_of_any_sound_end(ScriptedRecogniser())
    assert {change.health for change in here.changes if change.call_id in bad_sounds()} == {SpeechHealth.LIVE}


@pytest.mark.slow
def test_an_hour_of_silence_wakes_nobody() -> None:
    stream = SpeechStream(AsrSettings(), WebrtcActivity())
    quiet = chunks(silence(10_000))
    alaw = b"".join(chunk.alaw for chunk in quiet)
    said = [
        event
        for number in range(360)
        for event in stream.hear(AudioChunk(Side.CALLER, number, number * 10_000, WALL_MS, alaw))
    ]
    assert said == [SilenceBegan(0, spoke=False)]
    assert len(stream._alaw) < 20_000


async def test_an_end_without_a_stream_closes_it_and_says_nothing() -> None:
    async with house(ScriptedRecogniser()) as here:
        await here.open()
        await here.say([AudioChunk(Side.CALLER, 0, 0, WALL_MS, b"", last=True)])
        await here.until_streams()
        assert here.finals == []
        assert (await here.open()).accepted


async def test_a_stream_that_stops_without_an_end_is_told_and_its_words_are_kept() -> None:
    async with house(ScriptedRecogniser(), settings=AsrSettings(stream_timeout_s=0.3)) as here:
        await here.open()
        await here.say(chunks(tone(1200)))
        await here.until_finals(1)
        await here.until_streams()
    assert [change.health for change in here.changes] == [SpeechHealth.LIVE, SpeechHealth.OFF]


async def test_an_engine_that_hangs_on_the_last_words_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asr.live_stream, "_DRAIN_S", 0.2)
    engine = ScriptedRecogniser()
    engine.hold()
    async with house(engine) as here:
        await here.open()
        await here.say(chunks(tone(1200), last=True))
        async with asyncio.timeout(DEADLINE_S):  # held as it is, the engine would be waited for without end
            await here.until(lambda: SpeechHealth.AFTER_CALL in [change.health for change in here.changes])
            await here.until_streams()
        engine.release()
        assert (await here.open()).accepted
    assert here.finals == []


async def test_chunks_of_the_wrong_size_are_refused_and_the_stream_goes_on() -> None:
    async with house(ScriptedRecogniser()) as here:
        await here.open()
        await here.say([AudioChunk(Side.CALLER, 0, 0, WALL_MS, bytes(200_000))])
        await here.say(chunks(SENTENCE))
        assert len(await here.until_finals(1)) == 1


async def test_a_guest_who_falls_silent_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    from websockets.asyncio.client import connect
    from websockets.exceptions import ConnectionClosed

    async with served() as url, asyncio.timeout(DEADLINE_S), connect(url) as websocket:
        await websocket.send(tone(700).astype("<i2").tobytes())
        await websocket.recv()
        monkeypatch.setattr(asr.guest_server, "_IDLE_S", 0.2)  # from the next message on
        await websocket.send(tone(700).astype("<i2").tobytes())
        await websocket.recv()
        with pytest.raises(ConnectionClosed, match="nothing came"):
            await websocket.recv()


def test_two_identical_channels_are_one_speaker() -> None:
    sound = np.concatenate([silence(500), tone(1500), silence(800)])
    said = transcribe(np.stack([sound, sound], axis=1), 8000, ScriptedRecogniser(), LoudnessActivity)
    assert [one.side for one in said] == [Side.CALLER]


async def test_two_identical_sides_are_both_written_down() -> None:
    """Nobody can tell who spoke: nothing is left out."""
    async with house(ScriptedRecogniser()) as here:
        for side in Side:
            await here.open(side)
        for both in zip(*(chunks(SENTENCE, side=side, last=True) for side in Side), strict=True):
            await here.say(list(both))
        await here.until_streams()
        finals = await here.until_finals(2)
    assert {final.side for final in finals} == set(Side)
    assert len({(final.start_ms, final.end_ms) for final in finals}) == 1


@pytest.mark.parametrize("wrong", ["missing", "damaged", "cut short"])
@pytest.mark.parametrize(
    ("engine", "model", "file"),
    [
        ("whisper", "whisper-small", "model.bin"),
        ("vosk", "vosk-model-small-cn-0.22", "am/final.mdl"),
        ("sherpa-onnx", "sense-voice-small", "tokens.txt"),
    ],
)
def test_a_fetched_model_that_is_not_what_came_is_refused_at_the_start(
    tmp_path: Path, engine: str, model: str, file: str, wrong: str
) -> None:
    came, is_there = b"weights", {"missing": None, "damaged": b"Weights", "cut short": b"weight"}[wrong]
    path = tmp_path / model / file
    path.parent.mkdir(parents=True)
    record = [FetchedFile(file=file, size=len(came), sha256=hashlib.sha256(came).hexdigest())]
    (tmp_path / model / RECORD).write_bytes(msgspec.json.encode(record))
    if is_there is not None:
        path.write_bytes(is_there)
    settings = AsrSettings.model_validate({"engine": engine, "model": model})
    with pytest.raises(ModelError, match=rf"{file} .*missing, or not what was fetched.*hotline models fetch {model}"):
        load_engine(settings, tmp_path, 1)


def test_without_its_language_model_the_engine_hears_all_the_same_and_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "libime-words").mkdir()
    (tmp_path / "libime-words" / "zh_CN.lm").write_bytes(b"damaged")
    with structlog.testing.capture_logs() as said:
        assert load_rescorer(AsrSettings(), tmp_path) is None
    assert ["hotline models" in line["error"] for line in said] == [True]
