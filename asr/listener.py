"""The listener: takes streams on request, names them every second, and lets each live and die on its own."""

import asyncio
import time

import structlog

from asr.admission import Admission
from asr.final_words import Writer
from asr.job_queue import Job
from asr.live_stream import LiveStream, NowMs
from asr.metrics import HEADROOM, HEALTH, LET_GO, STREAMS
from asr.recogniser import Heard, Recogniser
from asr.scheduler import Scheduler
from asr.settings import AsrSettings
from asr.side_sound import CallSounds
from asr.stream import SpeechStream
from asr.vad import OpenDetector
from domain.audio import AudioChunk
from domain.call import CallEnded, CallEvent
from domain.errors import BusError
from domain.ports import Bus, EventLog, Record, Subscription
from domain.side import Side
from domain.speech import Expected, ListenerAlive, OpenStream, StreamOpened
from domain.stopping import set_within
from domain.talk import TalkChanged
from domain.topics import ASR_ALIVE, ASR_OPEN, CALL_AUDIO, CALL_EVENT, CALL_EXPECTED, CALL_PLAYED

_LOG = structlog.get_logger(__name__)
_ALIVE_EVERY_S = 1.0
_LAST_CHUNK_WAIT_S = 1.0
"""After CallEnded the last chunks may still be on their way."""
_LEAVE_S = 6.0

QUEUE_GROUP = "listen"


class Listener:
    """One process's ears. capacity: streams at most; workers: threads of the engine."""

    def __init__(
        self,
        *,
        listener_id: str,
        settings: AsrSettings,
        bus: Bus,
        log: EventLog,
        engine: Recogniser,
        open_detector: OpenDetector,
        capacity: int,
        workers: int,
        now_ms: NowMs,
        writer: Writer | None = None,
    ) -> None:
        self._id = listener_id
        self._settings = settings
        self._bus = bus
        self._log = log
        self._engine = engine
        self._open_detector = open_detector
        self._admission = Admission(capacity)
        self._workers = workers
        self._now_ms = now_ms
        self._writer = writer or Writer()
        self._streams: dict[str, LiveStream] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ending_s: dict[str, float] = {}
        self._refused: set[str] = set()
        self._stopping = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Listen until `stopping`; then finish what is being said and leave within seconds."""
        loop = asyncio.get_running_loop()

        def on_done(job: Job, heard: Heard | None) -> None:
            if not loop.is_closed():  # an engine that hung past our leaving has nobody to tell
                loop.call_soon_threadsafe(self._answer, job, heard)

        self._scheduler = Scheduler(self._engine, on_done, workers=self._workers, batch=self._settings.batch)
        subscriptions = [
            await self._log.consume(CALL_EVENT, self._on_call_event, consumer=f"listen-{self._id}", from_now=True),
            await self._bus.serve(ASR_OPEN, (), self._on_open, group=QUEUE_GROUP),
        ]
        try:
            while not stopping.is_set():
                await self._tick()
                await set_within(stopping, _ALIVE_EVERY_S)
        finally:
            self._stopping = True
            await self._leave(subscriptions)

    async def _on_open(self, _subject: str, question: OpenStream) -> StreamOpened:
        name = f"{question.call_id}.{question.side}"
        if name not in self._streams:
            if reason := self._refusal():
                return self._refuse(question, reason)
            try:
                stream = self._streams[name] = self._new_stream(question)
                stream.expect(question.expected)
                subscriptions = await self._subscribe(stream)
            except Exception as error:
                self._streams.pop(name, None)
                known = isinstance(error, BusError)
                return self._refuse(question, str(error) if known else f"a fault: {error!r}", traceback=not known)
            self._refused.discard(name)
            self._tasks[name] = asyncio.create_task(self._live(stream, subscriptions), name=f"listen {name}")
            STREAMS.set(len(self._streams))
            self._admission.took(time.monotonic())
            _LOG.info("stream opened", call_id=question.call_id, side=question.side, streams=len(self._streams))
        return StreamOpened(accepted=True, listener_id=self._id, health=self._scheduler.health)

    def _refuse(self, question: OpenStream, reason: str, *, traceback: bool = False) -> StreamOpened:
        name = f"{question.call_id}.{question.side}"
        if name not in self._refused:  # the switch asks again twice a second
            self._refused.add(name)
            side = question.side
            _LOG.warning("stream refused", call_id=question.call_id, side=side, reason=reason, exc_info=traceback)
        return StreamOpened(accepted=False, listener_id=self._id, reason=reason)

    def _refusal(self) -> str:
        if self._stopping:
            return "the listener is leaving"
        return self._admission.refusal(len(self._streams), self._scheduler.health, time.monotonic())

    def _new_stream(self, question: OpenStream) -> LiveStream:
        first, continues = question.first_utterance, self._engine.continues
        speech = SpeechStream(self._settings, self._open_detector(), first_utterance=first, continues=continues)
        return LiveStream(
            question.call_id,
            question.side,
            speech,
            first_utterance=first,
            engine_name=self._engine.name,
            foretells=not continues,
            bus=self._bus,
            log=self._log,
            scheduler=self._scheduler,
            writer=self._writer,
            now_ms=self._now_ms,
            sounds=self._sounds_of(question.call_id),
        )

    def _sounds_of(self, call_id: str) -> CallSounds:
        """What both sides sound like, which the streams of one call share."""
        return next((one.sounds for one in self._streams.values() if one.call_id == call_id), CallSounds())

    async def _subscribe(self, stream: LiveStream) -> list[Subscription]:
        async def on_chunk(_subject: str, chunk: AudioChunk) -> None:
            stream.hear(chunk)

        async def on_other_chunk(_subject: str, chunk: AudioChunk) -> None:
            if f"{stream.call_id}.{other}" not in self._streams:
                stream.sounds.keep(other, chunk)

        async def on_played(_subject: str, chunk: AudioChunk) -> None:
            stream.sounds.keep_played(stream.side, chunk)

        async def on_expected(_subject: str, expected: Expected) -> None:
            stream.expect(expected)

        keys = (stream.call_id, stream.side)
        other = next(side for side in Side if side is not stream.side)
        expecting = await self._bus.subscribe(CALL_EXPECTED, keys, on_expected)
        opened = [expecting]
        try:
            opened.append(await self._bus.subscribe(CALL_PLAYED, keys, on_played))
            # Another listener may write that side down: its sound tells crosstalk all the same.
            opened.append(await self._bus.subscribe(CALL_AUDIO, (stream.call_id, other), on_other_chunk))
            opened.append(await self._bus.subscribe(CALL_AUDIO, keys, on_chunk))
        except Exception:
            for subscription in opened:
                await subscription.close()
            raise
        return opened

    async def _live(self, stream: LiveStream, subscriptions: list[Subscription]) -> None:
        try:
            await stream.run()
        finally:
            self._streams.pop(stream.name, None)
            self._tasks.pop(stream.name, None)
            self._ending_s.pop(stream.name, None)
            STREAMS.set(len(self._streams))
            for subscription in subscriptions:
                await subscription.close()
            _LOG.info("stream closed", call_id=stream.call_id, side=stream.side, streams=len(self._streams))

    def _answer(self, job: Job, heard: Heard | None) -> None:
        stream = self._streams.get(job.stream)
        if stream is not None:
            stream.answer(job, heard)

    async def _on_call_event(self, record: Record[CallEvent]) -> None:
        event = record.value
        if isinstance(event, CallEnded):
            self._refused -= {f"{event.call_id}.{side}" for side in Side}
        for stream in list(self._streams.values()):
            if stream.call_id == event.call_id:
                if isinstance(event, TalkChanged):
                    stream.talk_is(event.phase)
                elif isinstance(event, CallEnded):
                    self._ending_s.setdefault(stream.name, time.monotonic() + _LAST_CHUNK_WAIT_S)

    async def _tick(self) -> None:
        now_s = time.monotonic()
        for stream in list(self._streams.values()):
            if now_s >= self._ending_s.get(stream.name, now_s + 1):
                stream.close("")
            elif now_s - stream.last_chunk_s > self._settings.stream_timeout_s:
                stream.close(f"no sound came for {self._settings.stream_timeout_s:.0f} s")
            else:
                stream.look_at_health()
        if self._scheduler.too_much:
            self._let_go(now_s)
        await self._say_alive()

    def _let_go(self, now_s: float) -> None:
        """Leave one stream to its recording, so that the others are heard in time."""
        name = self._admission.let_go({name: stream.side for name, stream in self._streams.items()}, now_s)
        if name is not None:
            stream = self._streams[name]
            stream.let_go()
            LET_GO.inc()
            _LOG.warning("stream let go: too busy", call_id=stream.call_id, side=stream.side)

    async def _say_alive(self) -> None:
        health = self._scheduler.health
        headroom = 0 if self._stopping else self._admission.headroom(len(self._streams), health)
        HEALTH.state(health.value)
        HEADROOM.set(headroom)
        alive = ListenerAlive(
            listener_id=self._id,
            at_ms=self._now_ms(),
            streams=tuple(self._streams),
            headroom=headroom,
            health=health,
        )
        await self._bus.publish(ASR_ALIVE, (), alive)

    async def _leave(self, subscriptions: list[Subscription]) -> None:
        for subscription in subscriptions:
            await subscription.close()
        for stream in list(self._streams.values()):
            stream.close("the listener stops")
        tasks = list(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_LEAVE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._say_alive()
        await asyncio.to_thread(self._scheduler.close, 1.0)
