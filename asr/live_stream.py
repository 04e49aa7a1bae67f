"""One stream's actor: its chunks and its recognised utterances come in, what is said about them goes out, in order."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable
from dataclasses import replace

import structlog

from asr.final_words import Writer
from asr.finals import Finals, Speaker, began_at_ms
from asr.held_start import HeldStart
from asr.job_queue import Job, Urgency
from asr.metrics import LATENCY_S, LOST_S, UTTERANCES
from asr.partials import Partials
from asr.recogniser import CROSSTALK, Clip, Heard
from asr.scheduler import Scheduler
from asr.side_sound import CallSounds
from asr.silence import side_silent
from asr.spoken_language import LanguageEvidence, language_heard
from asr.stream import Ended, SoFar, SpeechStream, Started, StreamEvent, WentOn
from asr.stream_item import Close, Item, Note
from asr.told_health import ToldHealth
from domain.audio import AudioChunk
from domain.errors import AudioError
from domain.ports import Bus, EventLog
from domain.side import Side
from domain.speech import Expected, LivePartial, SpeechHealth
from domain.talk import TalkPhase
from domain.topics import CALL_LANGUAGE, CALL_PARTIAL, CALL_SPEECH

_LOG = structlog.get_logger(__name__)
_INBOX_CHUNKS = 600
_DRAIN_S = 8.0
_LOOKED_AT_MS = 4000
"""Of what is being said so much is looked at for crosstalk."""

_STREAMS = itertools.count()
"""A stream that is opened again has other sound under the same numbers."""

NowMs = Callable[[], int]


class LiveStream:
    """Listens to one side of one call until `run` returns, which it does on the last chunk or after `close`.

    foretells: whether the final is recognised in a pause already; engines that go on with what they heard need not.
    """

    def __init__(
        self,
        call_id: str,
        side: Side,
        speech: SpeechStream,
        *,
        first_utterance: int,
        engine_name: str,
        foretells: bool,
        bus: Bus,
        log: EventLog,
        scheduler: Scheduler,
        writer: Writer,
        now_ms: NowMs,
        sounds: CallSounds,
    ) -> None:
        self.call_id = call_id
        self.side = side
        self.name = f"{call_id}.{side}"
        self.last_chunk_s = time.monotonic()
        self.sounds = sounds
        self._speech = speech
        self._speaker = Speaker(call_id, side, engine_name, writer)
        self._foretells = foretells
        self._expected = Expected()
        self._once = next(_STREAMS)
        self._bus = bus
        self._log = log
        self._scheduler = scheduler
        self._now_ms = now_ms
        self._inbox: asyncio.Queue[Item] = asyncio.Queue()
        self._health = ToldHealth(call_id, side, log, now_ms)
        self._partials = Partials(call_id, side)
        self._start = HeldStart(sounds, side)
        self._foretold: Job | None = None
        self._foretold_heard: Heard | None = None
        self._finals = Finals(first_utterance)
        self._language = LanguageEvidence()
        self._phase: TalkPhase | None = None
        self._closing = False

    def hear(self, chunk: AudioChunk) -> None:
        """A chunk came; when far too many wait it is dropped, which the stream takes for silence."""
        self.last_chunk_s = time.monotonic()
        if self._inbox.qsize() < _INBOX_CHUNKS or chunk.last:
            self._inbox.put_nowait(chunk)

    def answer(self, job: Job, heard: Heard | None) -> None:
        """The engine has done one of this stream's jobs (None: it could not)."""
        self._inbox.put_nowait((job, heard))

    def expect(self, expected: Expected) -> None:
        """A menu waits for this, from the next recognition on."""
        self._expected = expected

    def talk_is(self, phase: TalkPhase) -> None:
        """The call is in this phase; in a new one everybody's silence counts from its beginning."""
        if phase is not self._phase:
            self._phase = phase
            self._inbox.put_nowait(Note.TALK_CHANGED)

    def look_at_health(self) -> None:
        """Tell the desk when the health has changed since it was told, also while nobody speaks."""
        if self._health.differs(self._scheduler.health):
            self._inbox.put_nowait(Note.LOOK_AT_HEALTH)

    def close(self, reason: str) -> None:
        """End what is being said, wait for its words, leave. A reason is told to the desk as the health OFF."""
        self._inbox.put_nowait(Close(reason))

    def let_go(self) -> None:
        """Leave at once: what was not told yet is transcribed after the call, and so is all that follows."""
        self._inbox.put_nowait(Note.LET_GO)

    async def run(self) -> None:
        """Until everything that was said is told; never raises but when cancelled."""
        try:
            await self._health.tell(self._scheduler.health, "listening")
            while not self._closing:
                await self._take(await self._inbox.get())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_DRAIN_S):
                    while self._finals:
                        await self._take(await self._inbox.get())
            if self._finals:
                await self._health.tell(SpeechHealth.AFTER_CALL, "the last words were not recognised in time")
        except Exception:
            _LOG.exception("stream failed", call_id=self.call_id, side=self.side)
            await self._health.tell(SpeechHealth.AFTER_CALL, "the listener failed on this stream")
        finally:
            self._scheduler.forget(self.name)
            LOST_S.inc(self._speech.lost_ms / 1000)

    async def _take(self, item: Item) -> None:
        if isinstance(item, AudioChunk):
            await self._take_chunk(item)
        elif item is Note.LOOK_AT_HEALTH:
            await self._tell_load()
        elif item is Note.TALK_CHANGED:
            await self._happen(self._speech.start_silence_anew())
        elif item is Note.LET_GO:
            await self._leave_to_recording()
        elif isinstance(item, Close):
            await self._happen(self._speech.finish())
            self._closing = True
            if item.reason:
                await self._health.tell(SpeechHealth.OFF, item.reason)
        else:
            await self._take_answer(*item)

    async def _leave_to_recording(self) -> None:
        since_ms = self._finals.since_ms
        self._closing = True
        self._finals.drop()
        await self._health.tell(SpeechHealth.AFTER_CALL, "recognition is too busy for this stream", since_ms)

    async def _take_chunk(self, chunk: AudioChunk) -> None:
        if self._closing:
            return
        self._speech.slower = self._scheduler.health is SpeechHealth.SLOWER
        try:
            events = self._speech.hear(chunk)
            self.sounds.keep(self.side, chunk)
        except AudioError as error:
            _LOG.warning("chunk refused", call_id=self.call_id, side=self.side, error=str(error))
            return
        await self._happen(events)
        await self._show(await self._start.look(chunk.media_ms))
        self._closing = chunk.last

    async def _happen(self, events: list[StreamEvent]) -> None:
        for event in events:
            if isinstance(event, Started):
                await self._show(self._start.begins(self._partials.started(event)))
            elif isinstance(event, SoFar):
                await self._recognise_so_far(event)
            elif isinstance(event, WentOn):
                self._scheduler.withdraw((self.name, event.number))
                self._foretold = self._foretold_heard = None
            elif isinstance(event, Ended):
                await self._recognise_ended(event)
            else:
                await self._show(side_silent(event, self.call_id, self.side))

    async def _recognise_so_far(self, event: SoFar) -> None:
        if await self.sounds.is_crosstalk(self.side, event.clip.samples, event.sound_from_ms, last_ms=_LOOKED_AT_MS):
            return
        foretold = event.ending and self._foretells
        if self._start.holds and not foretold:
            return
        urgency = Urgency.FORETOLD if foretold else Urgency.PARTIAL
        clip = self._named(event.clip, event.number)
        job = Job(self.name, event.number, urgency, clip, time.monotonic(), unseen=self._speech.unseen)
        if foretold:
            self._foretold, self._foretold_heard = job, None
        self._scheduler.submit(job)

    async def _recognise_ended(self, event: Ended) -> None:
        """Ask for the final's words, unless they are foretold, or will be."""
        self._finals.ends(event)
        foretold = self._foretold if event.foretold else None
        if await self.sounds.is_crosstalk(self.side, event.clip.samples, event.sound_from_ms):
            self._start.drop()
            self._scheduler.withdraw((self.name, event.number))
            self._finals.knows(event.number, CROSSTALK)
            await self._tell_in_order()
            self._foretold = self._foretold_heard = None
            return
        await self._show(self._start.release())
        if foretold is not None and self._foretold_heard is not None:
            self._finals.knows(event.number, self._foretold_heard)
            await self._tell_in_order()
        elif foretold is not None and self._scheduler.promote(foretold):
            self._finals.awaits(foretold)
        else:
            clip = self._named(event.clip, event.number)
            job = Job(self.name, event.number, Urgency.FINAL, clip, time.monotonic())
            self._finals.awaits(job)
            self._scheduler.submit(job)
        self._foretold = self._foretold_heard = None

    async def _take_answer(self, job: Job, heard: Heard | None) -> None:
        """A final releases the finals behind it; anything else is at best a partial."""
        if self._finals.takes(job, heard):
            await self._tell_in_order()
        elif heard is not None and job.number not in self._finals:
            if job is self._foretold:
                self._foretold_heard = heard
            if not self._start.holds:
                await self._show(self._partials.heard(job, heard, self._health.now))

    async def _tell_in_order(self) -> None:
        for ended, heard in self._finals.in_order():
            await self._tell_final(ended, heard)

    async def _tell_final(self, ended: Ended, heard: Heard | None) -> None:
        if heard is None:
            self._partials.settled(ended)
            UTTERANCES.labels("lost").inc()
            reason = "words were lost: recognition failed or was too busy"
            await self._health.tell(SpeechHealth.AFTER_CALL, reason, began_at_ms(ended))
            return
        await self._tell_load()
        await self._note_language(ended, heard)
        if not heard.text:
            UTTERANCES.labels("crosstalk" if heard is CROSSTALK else "no_speech").inc()
            await self._show(self._partials.taken_back(ended, self._health.now))
            return
        self._partials.settled(ended)
        UTTERANCES.labels("final").inc()
        speaker = replace(self._speaker, language=self._language.language)
        final = speaker.says(ended, heard, self._health.now, self._now_ms())
        LATENCY_S.observe(max(0.0, (final.recognised_at_ms - final.ended_at_ms) / 1000))
        await self._log.append(CALL_SPEECH, (self.call_id,), final, event_id=final.utterance_id)

    async def _note_language(self, ended: Ended, heard: Heard) -> None:
        """Tell once that the caller does not seem to speak Mandarin."""
        if self.side is not Side.CALLER or self._language.conclusion is not None:
            return
        self._language = self._language.after(heard, (ended.end_ms - ended.start_ms) / 1000)
        if self._language.conclusion is not None:
            told = language_heard(self._language.conclusion, self.call_id, ended.number, self._now_ms())
            await self._log.append(CALL_LANGUAGE, (self.call_id,), told, event_id=f"{self.name}.language")

    async def _show(self, message: LivePartial | None) -> None:
        if message is not None:
            self._speech.unseen = self._partials.none_shown
            await self._bus.publish(CALL_PARTIAL, (self.call_id,), message)

    async def _tell_load(self) -> None:
        """What the scheduler's load allows this stream; what was told to be off stays so while its last words come."""
        if not (self._closing and self._health.now is SpeechHealth.OFF):
            await self._health.tell_load(self._scheduler.health)

    def _named(self, clip: Clip, number: int) -> Clip:
        asks = self.side is Side.CALLER and self._language.asks
        named = replace(clip, utterance=f"{self.name}.{self._once}.{number}", asks_language=asks)
        phrases = self._expected.phrases
        return replace(named, phrases=phrases) if self._expected.only else replace(named, hints=phrases)
