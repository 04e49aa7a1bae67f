"""The listener on the bus inside one process, with the scripted engine."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import msgspec
import numpy as np
import pytest
import structlog

import asr.listener
from asr.continued_clips import ContinuedClips
from asr.listener import Listener
from asr.metrics import UTTERANCES
from asr.recogniser import Clip, Effort, Heard, LanguageGuess, Recogniser, Samples
from asr.scripted import ScriptedRecogniser, ScriptedStreaming, by_length
from asr.settings import AsrSettings
from asr.vad import VoiceActivity
from bus.memory import MemoryBus, MemoryLog
from domain.audio import AudioChunk
from domain.call import CallEnded, EndedBy
from domain.g711 import alaw_decode
from domain.ports import Subscription
from domain.side import Side
from domain.speech import (
    Expected,
    ListenerAlive,
    LivePartial,
    OpenStream,
    SideSilent,
    SpeechHealth,
    SpeechHealthChanged,
    SpeechMessage,
    SpeechStarted,
    StreamOpened,
    UtteranceFinal,
    UtterancePartial,
)
from domain.talk import TalkChanged, TalkPhase
from domain.topic import Message, Topic
from domain.topics import (
    ASR_ALIVE,
    ASR_OPEN,
    CALL_AUDIO,
    CALL_EVENT,
    CALL_EXPECTED,
    CALL_LANGUAGE,
    CALL_PARTIAL,
    CALL_PLAYED,
    CALL_SPEECH,
)
from tests.asr.sounds import WALL_MS, LoudnessActivity, chunks, silence, tone

DEADLINE_S = 40.0
CALL = "call1"
Said = TypeVar("Said")


@dataclass
class House:
    """A listener that runs, and what it says."""

    bus: MemoryBus
    log: MemoryLog
    stopping: asyncio.Event
    task: asyncio.Future[list[None]]
    partials: list[LivePartial] = field(default_factory=list)
    alive: list[ListenerAlive] = field(default_factory=list)
    speech: list[SpeechMessage] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def hear(self) -> None:
        """Hear everything that the listener says."""
        await self.bus.subscribe(CALL_PARTIAL, (), lambda _, value: self._note(self.partials, value))
        await self.bus.subscribe(ASR_ALIVE, (), lambda _, value: self._note(self.alive, value))
        await self.log.consume(CALL_SPEECH, lambda record: self._note(self.speech, record.value), consumer="test")

    async def open(self, side: Side = Side.CALLER, first_utterance: int = 0, call_id: str = CALL) -> StreamOpened:
        question = OpenStream(call_id=call_id, side=side, first_utterance=first_utterance)
        return await self.bus.request(ASR_OPEN, (), question, timeout_s=5)

    async def say(self, sound: list[AudioChunk], call_id: str = CALL) -> None:
        for chunk in sound:
            await self.bus.publish(CALL_AUDIO, (call_id, chunk.side), chunk)

    @property
    def finals(self) -> list[UtteranceFinal]:
        return [message for message in self.speech if isinstance(message, UtteranceFinal)]

    @property
    def changes(self) -> list[SpeechHealthChanged]:
        return [message for message in self.speech if isinstance(message, SpeechHealthChanged)]

    @property
    def texts(self) -> list[str]:
        return [partial.text for partial in self.partials if isinstance(partial, UtterancePartial)]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds; the deadline fails the test."""
        async with asyncio.timeout(DEADLINE_S), self.news:
            await self.news.wait_for(holds)

    async def until_finals(self, count: int) -> list[UtteranceFinal]:
        await self.until(lambda: len(self.finals) >= count)
        return self.finals

    async def until_streams(self, *streams: str) -> None:
        """Until it is said from now on that these are open: what was said last may be older than the last stream."""
        known = len(self.alive)
        await self.until(lambda: len(self.alive) > known and self.alive[-1].streams == streams)

    async def _note(self, heard: list[Said], value: Said) -> None:
        async with self.news:
            heard.append(value)
            self.news.notify_all()


@asynccontextmanager
async def house(
    engine: Recogniser,
    *,
    settings: AsrSettings | None = None,
    capacity: int = 4,
    detector: Callable[[], VoiceActivity] = LoudnessActivity,
    now_ms: int = WALL_MS + 60_000,
    listeners: int = 1,
    bus: MemoryBus | None = None,
) -> AsyncIterator[House]:
    bus, log, stopping = bus or MemoryBus(), MemoryLog(), asyncio.Event()
    running = [
        Listener(
            listener_id=f"listen-{1 + number}",
            settings=settings or AsrSettings(),
            bus=bus,
            log=log,
            engine=engine,
            open_detector=detector,
            capacity=capacity,
            workers=2,
            now_ms=lambda: now_ms,
        ).run(stopping)
        for number in range(listeners)
    ]
    here = House(bus, log, stopping, asyncio.gather(*running))
    await here.hear()
    await here.until(lambda: len(here.alive) >= listeners)
    yield here
    stopping.set()
    async with asyncio.timeout(DEADLINE_S):
        await here.task


SENTENCE = np.concatenate([silence(500), tone(1500), silence(1000)])
ONE_TRY = AsrSettings(first_partial_ms=1000)
"""SENTENCE has one partial."""


async def test_a_sentence_becomes_started_partial_and_final() -> None:
    async with house(ScriptedRecogniser(), settings=ONE_TRY) as here:
        opened = await here.open()
        assert (opened.accepted, opened.listener_id, opened.health) == (True, "listen-1", SpeechHealth.LIVE)
        spoken = chunks(SENTENCE)
        await here.say(spoken[:18])
        await here.until(lambda: here.texts == ["1.30"])
        await here.say(spoken[18:])
        (final,) = await here.until_finals(1)
    assert isinstance(here.partials[0], SpeechStarted)
    assert final.utterance_id == here.partials[0].utterance_id == "call1-caller-0000"
    assert final.text.endswith("。")
    assert len(final.char_ms) == len(final.text)
    assert abs(final.end_ms - 2000) <= 20
    assert final.ended_at_ms == WALL_MS + final.end_ms
    assert final.recognised_at_ms == WALL_MS + 60_000
    assert final.health is SpeechHealth.LIVE


async def test_a_streaming_engine_hears_each_sample_once_and_times_its_words() -> None:
    streaming = ScriptedStreaming()
    async with house(ContinuedClips(streaming), settings=ONE_TRY) as here:
        await here.open()
        for chunk in chunks(SENTENCE):
            await here.say([chunk])
            if chunk.sequence == 17:
                await here.until(lambda: here.texts == ["你好"])
        (final,) = await here.until_finals(1)
    assert final.text == "你好我是市民。"
    assert final.char_ms[1:4] == (700, 1200, 1700)
    assert final.char_ms[0] == final.start_ms
    assert not final.times_approximate
    assert (streaming.opened, final.engine) == (1, "scripted-streaming")
    assert streaming.heard_samples == 8 * (2500 - 200)


async def test_the_first_message_says_that_we_listen() -> None:
    async with house(ScriptedRecogniser()) as here:
        await here.open()
        await here.say(chunks(SENTENCE))
        await here.until_finals(1)
        first = here.speech[0]
    assert isinstance(first, SpeechHealthChanged)
    assert first.health is SpeechHealth.LIVE


async def test_finals_come_in_order_whichever_is_ready_first() -> None:
    def slow_first(clip: Clip, effort: Effort) -> str:
        if clip.seconds > 2.0:
            second_done.wait(5)
        else:
            second_done.set()
        return by_length(clip, effort)

    second_done = threading.Event()
    sound = np.concatenate([tone(2500), silence(600), tone(600), silence(600)])
    async with house(ScriptedRecogniser(slow_first)) as here:
        await here.open()
        await here.say(chunks(sound))
        finals = await here.until_finals(2)
    assert [final.utterance_id[-4:] for final in finals] == ["0000", "0001"]
    assert finals[0].end_ms < finals[1].start_ms


async def test_words_that_were_none_are_taken_back() -> None:
    def nothing_in_the_end(_clip: Clip, effort: Effort) -> str:
        return "嗯那个" if effort is Effort.PARTIAL else ""

    async with house(ScriptedRecogniser(nothing_in_the_end)) as here:
        await here.open()
        for chunk in chunks(np.concatenate([tone(1500), silence(1000)])):
            await here.say([chunk])
            if chunk.sequence == 8:
                await here.until(lambda: here.texts == ["嗯"])
        await here.until(lambda: len(here.texts) == 2)
        assert here.finals == []
    assert here.texts == ["嗯", ""]


async def test_a_stream_ends_with_its_last_chunk_and_the_last_words_are_told() -> None:
    async with house(ScriptedRecogniser()) as here:
        await here.open()
        await here.until_streams(f"{CALL}.caller")
        await here.say(chunks(tone(1200), last=True))
        (final,) = await here.until_finals(1)
        await here.until_streams()
    assert final.text == "1.20 s。"
    assert not {change.health for change in here.changes} & {SpeechHealth.OFF, SpeechHealth.AFTER_CALL}


async def test_a_stream_ends_with_its_call() -> None:
    async with house(ScriptedRecogniser()) as here:
        await here.open()
        await here.open(Side.AGENT)
        await here.open(call_id="call2")
        await here.say(chunks(tone(1200)))
        ended = CallEnded(call_id=CALL, number=9, at_ms=0, switch_id="switch-1", by=EndedBy.CALLER, cause="bye")
        await here.log.append(CALL_EVENT, (CALL,), ended, event_id=ended.event_id)
        finals = await here.until_finals(1)
        await here.until_streams("call2.caller")
    assert [(final.call_id, final.side) for final in finals] == [(CALL, Side.CALLER)]


async def test_a_stream_without_sound_is_closed_and_the_desk_is_told() -> None:
    async with house(ScriptedRecogniser(), settings=AsrSettings(stream_timeout_s=0.05)) as here:
        await here.open()
        await here.until(lambda: len(here.changes) == 2)
        await here.until_streams()
    assert here.changes[-1].health is SpeechHealth.OFF
    assert "no sound" in here.changes[-1].reason


async def test_what_is_open_is_named_and_what_is_too_much_is_refused() -> None:
    async with house(ScriptedRecogniser(), capacity=2) as here:
        await here.open()
        assert (await here.open()).accepted
        await here.open(Side.AGENT)
        refused = await here.open(call_id="call2")
        assert not refused.accepted
        assert "2 streams" in refused.reason
        await here.until_streams("call1.caller", "call1.agent")
    assert here.alive[-1].headroom == 0


async def test_a_stream_that_is_refused_again_and_again_is_logged_once() -> None:
    with structlog.testing.capture_logs() as said:
        async with house(ScriptedRecogniser(), capacity=0) as here:
            for call in ("call1", "call1", "call2", "call1"):
                assert not (await here.open(call_id=call)).accepted
    assert [line["call_id"] for line in said if line["event"] == "stream refused"] == ["call1", "call2"]


class BreakingBus(MemoryBus):
    """Fails once, with a defect of its own, at the sound that a stream listens to."""

    breaks = True

    async def subscribe(self, topic: Topic[Message], *words: Any, **more: Any) -> Subscription:
        if self.breaks and topic.pattern == CALL_AUDIO.pattern:
            self.breaks = False
            raise RuntimeError("the bus broke")
        return await super().subscribe(topic, *words, **more)


async def test_a_stream_that_cannot_be_opened_is_refused_and_takes_no_place() -> None:
    bus = BreakingBus()
    with structlog.testing.capture_logs() as said:
        async with house(ScriptedRecogniser(), capacity=1, bus=bus) as here:
            refused = await here.open()
            assert not refused.accepted
            assert "the bus broke" in refused.reason
            await here.until_streams()
            assert here.alive[-1].headroom == 1
            assert not bus._hearing.of(CALL_EXPECTED.subject(CALL, Side.CALLER))
            assert (await here.open(Side.AGENT)).accepted
    assert [line["side"] for line in said if line["event"] == "stream refused"] == [Side.CALLER]


async def test_a_stream_whose_detector_cannot_be_opened_is_refused() -> None:
    def fail() -> VoiceActivity:
        raise RuntimeError("the detector broke")

    async with house(ScriptedRecogniser(), detector=fail) as here:
        refused = await here.open()
    assert not refused.accepted
    assert "the detector broke" in refused.reason


async def test_numbers_go_on_when_a_stream_is_taken_over() -> None:
    async with house(ScriptedRecogniser()) as here:
        await here.open(first_utterance=12)
        await here.say(chunks(SENTENCE, from_ms=90_000))
        (final,) = await here.until_finals(1)
    assert final.utterance_id == "call1-caller-0012"
    assert abs(final.start_ms - 90_500) <= 20


class _Explosive:
    """A detector that fails on the third chunk of a loud stream."""

    frame_samples = 800

    def __init__(self) -> None:
        self._seen = 0

    def voiced(self, frame: Samples) -> bool:
        self._seen += bool(np.abs(frame.astype(np.int32)).max() > 20_000)
        if self._seen == 3:
            raise RuntimeError("the detector broke")
        return bool(np.abs(frame.astype(np.int32)).max() > 1000)


async def test_a_stream_that_crashes_takes_no_other_with_it() -> None:
    async with house(ScriptedRecogniser(), detector=_Explosive) as here:
        await here.open()
        await here.open(Side.AGENT)
        await here.say(chunks(tone(1000, level=0.9)))
        await here.say(chunks(SENTENCE, side=Side.AGENT))
        (final,) = await here.until_finals(1)
        assert final.side is Side.AGENT
        health = {message.side: message.health for message in here.speech}
        assert health == {Side.CALLER: SpeechHealth.AFTER_CALL, Side.AGENT: SpeechHealth.LIVE}
        assert (await here.open()).accepted


def fails_on_long(clip: Clip, effort: Effort) -> str:
    if clip.seconds > 2.0:
        raise RuntimeError("the engine broke")
    return by_length(clip, effort)


async def test_words_that_the_engine_fails_on_are_owned_up_and_the_next_ones_told() -> None:
    sound = np.concatenate([silence(1000), tone(2500), silence(600), tone(600), silence(600)])
    async with house(ScriptedRecogniser(fails_on_long), now_ms=WALL_MS) as here:
        await here.open()
        await here.say(chunks(sound))
        finals = await here.until_finals(1)
        changes = list(here.changes)
    (lost,) = [place for place, change in enumerate(changes) if change.health is SpeechHealth.AFTER_CALL]
    since_ms = changes[lost].at_ms
    assert abs(since_ms - (WALL_MS + 1000)) <= 20, "the recording is transcribed from where the lost words began"
    assert [final.utterance_id[-4:] for final in finals] == ["0001"]
    assert changes[lost + 1].health is not SpeechHealth.OFF


async def test_stopping_tells_the_last_words_and_leaves_in_time() -> None:
    async with house(ScriptedRecogniser()) as here:
        await here.open()
        await here.say(chunks(tone(1200)))
        await here.until(lambda: bool(here.partials))
        here.stopping.set()
        async with asyncio.timeout(DEADLINE_S):
            await here.task
        assert len(here.finals) == 1, "who had to be left behind has not told them"
    assert here.alive[-1].streams == ()


async def test_stopping_does_not_wait_for_an_engine_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asr.listener, "_LEAVE_S", 0.3)
    engine = ScriptedRecogniser()
    engine.hold()
    async with house(engine) as here:
        await here.open()
        await here.say(chunks(SENTENCE))
        await here.until(lambda: bool(engine.calls))
        here.stopping.set()
        async with asyncio.timeout(DEADLINE_S):
            await here.task
        await here.until(lambda: (here.alive[-1].streams, here.alive[-1].headroom) == ((), 0))
        assert here.changes[-1].health is SpeechHealth.OFF
        assert here.finals == []
        engine.release()


async def test_four_streams_at_once_lose_and_repeat_nothing() -> None:
    async with house(ScriptedRecogniser(), capacity=8) as here:
        sound = np.concatenate([part for _ in range(10) for part in (tone(700), silence(700))])
        for number in range(4):
            await here.open(call_id=f"call{number}")
        for number in range(4):
            await here.say(chunks(sound, last=True), call_id=f"call{number}")
        finals = await here.until_finals(40)
    for number in range(4):
        mine = [final.utterance_id for final in finals if final.call_id == f"call{number}"]
        assert mine == [f"call{number}-caller-{place:04d}" for place in range(10)]


async def test_with_far_too_much_to_do_the_latest_agents_side_is_left_to_the_recording() -> None:
    engine = ScriptedRecogniser()
    engine.hold()
    sound = np.concatenate([part for _ in range(20) for part in (tone(700), silence(700))])
    async with house(engine, capacity=8, now_ms=WALL_MS) as here:
        for call_id, side in (("call1", Side.CALLER), ("call1", Side.AGENT), ("call2", Side.CALLER)):
            await here.open(side, call_id=call_id)
        for call_id, side in (("call1", Side.CALLER), ("call1", Side.AGENT), ("call2", Side.CALLER)):
            await here.say(chunks(sound, side=side), call_id=call_id)
        await here.until(lambda: SpeechHealth.AFTER_CALL in [change.health for change in here.changes])
        while (refused := await here.open(Side.AGENT)).accepted:  # noqa: ASYNC110  it leaves after that was told
            await asyncio.sleep(0.01)
        engine.release()
        finals = await here.until_finals(40)
        let_go = [change.side for change in here.changes if change.health is SpeechHealth.AFTER_CALL]
    assert Side.AGENT in let_go
    assert "too busy" in refused.reason
    assert {final.side for final in finals} == {Side.CALLER}


@pytest.mark.slow
async def test_the_desk_is_told_that_partials_stop_and_that_they_are_back() -> None:
    engine = ScriptedRecogniser()
    engine.hold()
    async with house(engine) as here:
        await here.open()
        await here.open(Side.AGENT)
        await here.say(chunks(SENTENCE))
        await here.until(lambda: SpeechHealth.FINALS_ONLY in [change.health for change in here.changes])
        engine.release()
        await here.until_finals(1)
        await here.until(lambda: here.changes[-1].health is SpeechHealth.SLOWER)
    told = [change.health for change in here.changes if change.side is Side.AGENT]
    steps = [SpeechHealth.LIVE, SpeechHealth.SLOWER, SpeechHealth.FINALS_ONLY]
    down, up = told[: told.index(SpeechHealth.FINALS_ONLY)], told[told.index(SpeechHealth.FINALS_ONLY) :]
    assert set(down) <= set(steps)
    assert up[1] is SpeechHealth.SLOWER


async def test_what_a_menu_expects_goes_with_each_clip_until_it_is_over() -> None:
    def script(clip: Clip, effort: Effort) -> str:
        return f"只有{'或'.join(clip.phrases)}" if clip.phrases else f"也许{'或'.join(clip.hints)}"

    async with house(ScriptedRecogniser(script)) as here:
        menu = Expected(phrases=("投诉", "咨询"), only=True)
        question = OpenStream(call_id=CALL, side=Side.CALLER, expected=menu)
        await here.bus.request(ASR_OPEN, (), question, timeout_s=5)
        sound = chunks(np.concatenate([SENTENCE, SENTENCE, SENTENCE]))
        texts = []
        for number, expected in enumerate((menu, Expected(phrases=("人工",)), Expected())):
            await here.bus.publish(CALL_EXPECTED, (CALL, Side.CALLER), expected)
            await here.say(sound[number * 30 : number * 30 + 30])
            texts.append((await here.until_finals(number + 1))[-1].text)
    assert texts == ["只有投诉或咨询", "也许人工", "也许"]


class English(ScriptedRecogniser):
    """Hears English wherever it is asked for the language."""

    def recognise(self, clips: Sequence[Clip], effort: Effort) -> list[Heard]:
        guess = LanguageGuess((("en", 0.9), ("zh", 0.02)))
        answers = zip(super().recognise(clips, effort), clips, strict=True)
        return [replace(heard, language=guess if clip.asks_language else None) for heard, clip in answers]


async def test_a_caller_who_speaks_english_is_told_of_once() -> None:
    async with house(English()) as here:
        await here.open()
        await here.open(Side.AGENT)
        for side in (Side.CALLER, Side.AGENT):
            await here.say(chunks(np.concatenate([SENTENCE] * 4), side=side))
        finals = await here.until_finals(8)
        told = await here.log.replay(CALL_LANGUAGE, (CALL,))
    callers = sorted((final for final in finals if final.side is Side.CALLER), key=lambda final: final.start_ms)
    assert [final.language for final in callers] == ["", "en", "en", "en"]
    assert {final.language for final in finals if final.side is Side.AGENT} == {""}
    (heard,) = [record.value for record in told]
    assert (heard.language, heard.side, heard.utterance_id) == ("en", Side.CALLER, callers[1].utterance_id)


async def test_a_long_silence_is_told_and_counts_anew_when_the_talk_changes() -> None:
    settings = AsrSettings(long_silence_s=5)
    async with house(ScriptedRecogniser(), settings=settings) as here:
        await here.open()

        def told() -> list[tuple[int, int | None]]:
            return [(each.since_ms, each.until_ms) for each in here.partials if isinstance(each, SideSilent)]

        await here.say(chunks(silence(6000)))
        await here.until(lambda: told() == [(0, None)])
        held = TalkChanged(call_id=CALL, number=1, at_ms=1, switch_id="s", phase=TalkPhase.HELD)
        await here.log.append(CALL_EVENT, (CALL,), held, event_id=held.event_id)
        await here.until(lambda: len(told()) == 2)
        assert told()[1] == (0, 6000 // 20 * 20)
        await here.say(chunks(silence(4000), from_ms=6000))
        watched = msgspec.structs.replace(held, number=2, leader_id="leader")
        await here.log.append(CALL_EVENT, (CALL,), watched, event_id=watched.event_id)
        ticks = len(here.alive)
        await here.until(lambda: len(here.alive) > ticks)
        assert len(told()) == 2
        await here.say(chunks(silence(1500), from_ms=10_000))
        await here.until(lambda: told()[2:] == [(6000, None)])


def voice_and_echo(delay_ms: int = 60) -> tuple[list[AudioChunk], list[AudioChunk]]:
    """A sentence of the agent's, and what comes back of it on the caller's side."""
    rng = np.random.default_rng(2)
    said = np.concatenate([silence(500), rng.normal(0, 9000, 16_000).clip(-30_000, 30_000), silence(1500)])
    back = np.concatenate([silence(delay_ms), said])[: len(said)] / 5
    return chunks(said.astype(np.int16), side=Side.AGENT), chunks(back.astype(np.int16))


class LateNothing(ScriptedRecogniser):
    """Finals have no words, and wait until they may say so."""

    def __init__(self) -> None:
        super().__init__()
        self.may = threading.Event()

    def recognise(self, clips: Sequence[Clip], effort: Effort) -> list[Heard]:
        if effort is Effort.PARTIAL:
            return super().recognise(clips, effort)
        self.may.wait(DEADLINE_S)
        return [Heard("", 0.0, 0.0) for _ in clips]


async def test_words_that_were_none_are_taken_back_when_the_next_has_begun() -> None:
    engine = LateNothing()
    async with house(engine, settings=ONE_TRY) as here:
        await here.open()
        spoken = chunks(np.concatenate([SENTENCE, SENTENCE]))
        await here.say(spoken[:18])
        await here.until(lambda: len(here.texts) == 1)
        await here.say(spoken[18:44])
        await here.until(lambda: len([each for each in here.partials if isinstance(each, SpeechStarted)]) == 2)
        engine.may.set()
        await here.until(lambda: "" in here.texts)
    first, *_ = [each for each in here.partials if isinstance(each, UtterancePartial)]
    (taken,) = [each for each in here.partials if isinstance(each, UtterancePartial) and each.text == ""][:1]
    assert taken.utterance_id == first.utterance_id == "call1-caller-0000"


def left_out() -> float:
    return float(UTTERANCES.labels("crosstalk")._value.get())


async def test_the_agents_voice_that_comes_back_from_the_callers_telephone_is_not_the_callers() -> None:
    before = left_out()
    async with house(ScriptedRecogniser()) as here:
        await here.open()
        await here.open(Side.AGENT)
        agent, back = voice_and_echo()
        for both in zip(agent, back, strict=True):
            await here.say(list(both))
        await here.until(lambda: left_out() > before)
        (final,) = await here.until_finals(1)
        shown = {partial.side for partial in here.partials if isinstance(partial, UtterancePartial)}
        assert Side.CALLER not in shown
        await here.say(chunks(SENTENCE, from_ms=10_000))
        await here.until_finals(2)
    assert final.side is Side.AGENT
    assert left_out() == before + 1
    assert here.finals[1].utterance_id == "call1-caller-0001"


async def test_it_is_not_when_another_listener_writes_the_agent_down() -> None:
    before = left_out()
    async with house(ScriptedRecogniser(), listeners=2) as here:
        opened = [await here.open(), await here.open(Side.AGENT)]
        assert {reply.listener_id for reply in opened} == {"listen-1", "listen-2"}
        agent, back = voice_and_echo()
        for both in zip(agent, back, strict=True):
            await here.say(list(both))
        await here.until(lambda: left_out() > before)
        await here.until_finals(1)
        await here.say(chunks(SENTENCE, from_ms=10_000))
        await here.until_finals(2)
    assert [final.side for final in here.finals] == [Side.AGENT, Side.CALLER]
    assert left_out() == before + 1


async def play(here: House, sound: list[AudioChunk]) -> None:
    """This is a prompt to the caller."""
    for chunk in sound:
        await here.bus.publish(CALL_PLAYED, (CALL, Side.CALLER), msgspec.structs.replace(chunk, side=Side.CALLER))


async def test_our_own_prompt_that_comes_back_is_no_utterance_and_no_beginning_of_one() -> None:
    before = left_out()
    async with house(ScriptedRecogniser()) as here:
        await here.open()
        prompt, back = voice_and_echo()
        for both in zip(prompt, back, strict=True):
            await play(here, [both[0]])
            await here.say([both[1]])
        await here.until(lambda: left_out() > before)
        assert here.partials == []
        await here.say(chunks(SENTENCE, from_ms=10_000))
        await here.until_finals(1)
    assert isinstance(here.partials[0], SpeechStarted)
    assert left_out() == before + 1


@pytest.mark.parametrize("level", [20_000, 1200], ids=["louder than the prompt", "as quiet as its echo"])
async def test_who_speaks_into_a_prompt_is_heard_before_it_is_over(level: int) -> None:
    async with house(ScriptedRecogniser()) as here:
        await here.open()
        prompt, back = voice_and_echo()
        own = np.random.default_rng(9).normal(0, level, 8000)
        mixed = np.concatenate([np.zeros(6000), own, np.zeros(18_000)])[: len(back) * 800]
        both = [alaw_decode(chunk.alaw).reshape(-1) for chunk in back]
        said = np.clip(np.concatenate(both) + mixed[: 800 * len(back)], -32_000, 32_000).astype(np.int16)
        for number, pair in enumerate(zip(prompt, chunks(said), strict=True)):
            await play(here, [pair[0]])
            await here.say([pair[1]])
            if number == 16:
                await here.until(lambda: any(isinstance(told, SpeechStarted) for told in here.partials))
        (final,) = await here.until_finals(1)
    assert final.side is Side.CALLER


async def test_a_short_word_over_a_prompt_is_told_with_its_beginning() -> None:
    async with house(ScriptedRecogniser()) as here:
        await here.open()
        prompt, _ = voice_and_echo()
        said = np.concatenate([silence(1000), tone(300, level=0.05), silence(1700)])
        for pair in zip(prompt, chunks(said), strict=False):
            await play(here, [pair[0]])
            await here.say([pair[1]])
        await here.until_finals(1)
    assert isinstance(here.partials[0], SpeechStarted)


async def test_words_that_were_shown_of_crosstalk_are_taken_back() -> None:
    async with house(ScriptedRecogniser()) as here:
        await here.open()
        await here.open(Side.AGENT)
        agent, back = voice_and_echo()
        await here.say(back[:20])
        await here.until(lambda: here.texts != [])
        await here.say(agent)
        await here.until_finals(1)
        await here.say(back[20:])
        await here.until(lambda: here.texts[-1] == "")
    assert [final.side for final in here.finals] == [Side.AGENT]


async def test_where_the_other_side_is_not_heard_here_the_utterance_stays() -> None:
    async with house(ScriptedRecogniser()) as here:
        await here.open()
        await here.say(voice_and_echo()[1])
        (final,) = await here.until_finals(1)
    assert final.side is Side.CALLER
