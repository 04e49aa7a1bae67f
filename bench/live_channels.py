"""Live channels in real time: chunks of 100 ms through a bus in this process to a real listener, finals timed.

Two channels are the two sides of a call, which speak by turns: each somewhat more than 0.4 of the time.
"""

import asyncio
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np

from asr.listener import Listener
from asr.recogniser import Recogniser
from asr.scoring import character_error_rate
from asr.settings import AsrSettings
from asr.vad import OpenDetector
from bench.recordings import Sentence
from bench.shown_words import ShownWords
from bus.memory import MemoryBus, MemoryLog
from domain.audio import BYTES_PER_CHUNK, CHUNK_MS, AudioChunk
from domain.g711 import ALAW_SILENCE
from domain.ports import Record
from domain.side import Side
from domain.speech import (
    ListenerAlive,
    LivePartial,
    OpenStream,
    SpeechHealth,
    SpeechMessage,
    UtteranceFinal,
    UtterancePartial,
)
from domain.topics import ASR_ALIVE, ASR_OPEN, CALL_AUDIO, CALL_PARTIAL, CALL_SPEECH

_TAIL_S = 3.0
_PAUSES_S = (0.3, 1.0)
_LINE_NOISE = bytes([ALAW_SILENCE, ALAW_SILENCE ^ 0x80])


@dataclass
class LiveResult:
    """latencies_s: end of the voice to final text, each final; pairs: (said, written) of each channel; worse: how often
    a channel's health was told to be other than live; began_ms: wall clock (Unix, ms) of media time 0.
    """

    latencies_s: list[float] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    partials: int = 0
    worse: Counter[str] = field(default_factory=Counter)
    talk_share: float = 0.0
    shown: ShownWords = field(default_factory=ShownWords)
    began_ms: int = 0
    _written: defaultdict[str, str] = field(default_factory=lambda: defaultdict(str))

    @property
    def error_rate(self) -> float:
        return character_error_rate(self.pairs)

    async def take_speech(self, record: Record[SpeechMessage]) -> None:
        said = record.value
        if isinstance(said, UtteranceFinal):
            self.latencies_s.append((_now_ms() - said.ended_at_ms) / 1000)
            self._written[said.call_id] += said.as_said()
            self.shown.end(said)
        elif said.health is not SpeechHealth.LIVE:
            self.worse[said.health] += 1

    async def take_partial(self, _subject: str, partial: LivePartial) -> None:
        if isinstance(partial, UtterancePartial):
            self.partials += 1
            self.shown.show(partial, self.began_ms, _now_ms())

    def compare(self, words: Sequence[str]) -> None:
        """words: what was said on each channel."""
        self.pairs = [(said, self._written[str(channel)]) for channel, said in enumerate(words)]


@dataclass
class _Channel:
    """What one side of a call sounds like, and says."""

    sound: bytes = b""
    words: str = ""
    spoken_s: float = 0.0

    def speak(self, sentence: Sentence) -> None:
        self.sound += sentence.alaw
        self.words += sentence.transcript
        self.spoken_s += sentence.seconds


def _call(spoken: list[Sentence], seconds: float, rng: np.random.Generator) -> tuple[_Channel, _Channel]:
    """Two sides that speak by turns, over line noise, and then are silent."""
    limit = int((seconds - _TAIL_S) * 8000)
    sides, turn = (_Channel(), _Channel()), 0
    places = itertools.cycle(rng.permutation(len(spoken)))
    pause_s = rng.uniform(0.2, 4.0)
    while len(sides[turn].sound) + pause_s * 8000 + len((sentence := spoken[next(places)]).alaw) <= limit:
        for side in sides:
            side.sound += _noise(pause_s, rng)
        sides[turn].speak(sentence)
        sides[1 - turn].sound += _noise(sentence.seconds, rng)[: len(sentence.alaw)]
        turn, pause_s = 1 - turn, rng.uniform(*_PAUSES_S)
    for side in sides:
        side.sound += _noise(seconds - len(side.sound) / 8000, rng)
    return sides


def _noise(seconds: float, rng: np.random.Generator) -> bytes:
    return bytes(np.frombuffer(_LINE_NOISE, np.uint8)[rng.integers(0, 2, int(seconds * 8000))])


async def live(
    spoken: list[Sentence],
    engine: Recogniser,
    open_detector: OpenDetector,
    settings: AsrSettings,
    *,
    channels: int,
    seconds: float,
    workers: int,
) -> LiveResult:
    """Let `channels` sides of calls be heard for `seconds` of real time."""
    rng = np.random.default_rng(7)
    heard = [side for _ in range((channels + 1) // 2) for side in _call(spoken, seconds, rng)][:channels]
    bus, log, result = MemoryBus(), MemoryLog(), LiveResult()
    listener = Listener(
        listener_id="bench",
        settings=settings,
        bus=bus,
        log=log,
        engine=engine,
        open_detector=open_detector,
        capacity=channels,
        workers=workers,
        now_ms=_now_ms,
    )
    subscriptions = [
        await log.consume(CALL_SPEECH, result.take_speech, consumer="bench"),
        await bus.subscribe(CALL_PARTIAL, (), result.take_partial),
    ]
    async with _serving(listener, bus):
        for number in range(channels):
            await bus.request(ASR_OPEN, (), OpenStream(call_id=str(number), side=Side.CALLER), timeout_s=10)
        result.began_ms = _now_ms()
        await _play(bus, [channel.sound for channel in heard])
    for subscription in subscriptions:
        await subscription.close()
    result.compare([channel.words for channel in heard])
    result.talk_share = sum(channel.spoken_s for channel in heard) / seconds / channels
    return result


@asynccontextmanager
async def _serving(listener: Listener, bus: MemoryBus) -> AsyncIterator[None]:
    """While it listens; afterwards it has told all that was said."""
    alive, stopping = asyncio.Event(), asyncio.Event()

    async def on_alive(_subject: str, _alive: ListenerAlive) -> None:
        alive.set()

    subscription = await bus.subscribe(ASR_ALIVE, (), on_alive)
    running = asyncio.create_task(listener.run(stopping))
    await alive.wait()
    yield
    stopping.set()
    await running
    await subscription.close()


async def _play(bus: MemoryBus, sounds: list[bytes]) -> None:
    """A chunk of each channel every 100 ms, at absolute times, as the switch does."""
    started = time.monotonic()
    count = max(len(sound) for sound in sounds) // BYTES_PER_CHUNK
    for number in range(count):
        await asyncio.sleep(max(0.0, started + (number + 1) * CHUNK_MS / 1000 - time.monotonic()))
        for channel, sound in enumerate(sounds):
            alaw = sound[number * BYTES_PER_CHUNK : (number + 1) * BYTES_PER_CHUNK]
            chunk = AudioChunk(Side.CALLER, number, number * CHUNK_MS, _now_ms(), alaw, last=number == count - 1)
            await bus.publish(CALL_AUDIO, (str(channel), Side.CALLER), chunk)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
