"""The role `inspect`: takes finished recordings: scores each at once, hears each again when there is time."""

import asyncio
import contextlib
import os
import time

from prometheus_client import Counter, Gauge

from asr.engine import chosen_model
from asr.final_words import Writer
from asr.hot_words import HotWordShelf
from asr.offline import recipe
from domain.call import CallEvent, RecordingFinished
from domain.errors import AudioError, EngineError, ModelError
from domain.job import InspectJob, TranscribeJob
from domain.ports import Record
from domain.speech import ListenerAlive
from domain.topics import ASR_ALIVE, CALL_EVENT, JOB_INSPECT, JOB_TRANSCRIBE
from domain.transcript import TranscriptState
from hotline.hot_words import shelve_hot_words
from hotline.inspector import Inspector
from hotline.late_listener import LateListener, holding_back
from hotline.prompts import open_prompt_cache
from hotline.roles.context import RoleContext
from hotline.second_listening import SecondListening, words_of
from hotline.spare_time import SpareTime
from recordings.scorecard import DEFAULT_SCORECARD, load_scorecard

SETTLE_MS = 4000
"""The last words of a call are still being written down when its recording is closed."""
ENGINE_AGAIN_S = 60.0
NICENESS = 10
INSPECTED = Counter("hotline_inspect_calls_total", "Calls inspected", ["outcome"])
TRANSCRIBED = Counter("hotline_transcript_calls_total", "Calls heard again, by how it ended", ["outcome"])
HEARD_S = Counter("hotline_transcript_recording_seconds_total", "Recordings heard again, in seconds of their length")
TOOK_S = Counter("hotline_transcript_work_seconds_total", "How long that took, waits for live calls included")
BEHIND_S = Gauge("hotline_transcript_behind_seconds", "Age of the recording under way; 0 when none waits")


async def run(context: RoleContext) -> None:
    """Inspect until the context stops; a job that is interrupted is done again by whoever comes next."""
    os.nice(NICENESS)
    hot_words, writer = HotWordShelf(), Writer()
    await shelve_hot_words(context, hot_words, writer)
    work = _Work(context, hot_words, writer)
    hearing = await context.bus.subscribe(ASR_ALIVE, (), work.on_alive)
    readers = [
        await context.log.consume(CALL_EVENT, work.take_in, consumer="inspect-intake"),
        await context.log.consume(JOB_INSPECT, work.inspect, consumer="inspect"),
        await context.log.consume(JOB_TRANSCRIBE, work.transcribe, consumer="transcribe"),
    ]
    await context.stopping.wait()
    for reader in (*readers, hearing):
        await reader.close()


class _Work:
    """The role's handlers."""

    def __init__(self, context: RoleContext, hot_words: HotWordShelf, writer: Writer) -> None:
        settings, recordings = context.settings, context.data_dir / "recordings"
        self._context = context
        self._spare = SpareTime()
        listener = LateListener(settings.asr, context.data_dir / "models", hot_words, writer)
        card = load_scorecard(settings.recordings.scorecard or DEFAULT_SCORECARD)
        prompts = open_prompt_cache(settings).alaw
        self._inspector = Inspector(recordings, context.log, listener.transcribe, prompts, card, _now_ms)
        self._version = recipe(settings.asr)
        engine = chosen_model(settings.asr) or settings.asr.engine
        self._second = SecondListening(
            recordings, context.log, listener.transcribe, prompts, self._version, engine, _now_ms
        )
        self._hold_back = holding_back(lambda: self._spare.left(_now_ms()), context.stopping.is_set)

    async def on_alive(self, _subject: str, alive: ListenerAlive) -> None:
        self._spare.hear(alive, _now_ms())

    async def take_in(self, record: Record[CallEvent]) -> None:
        event = record.value
        if isinstance(event, RecordingFinished):
            job = InspectJob(call_id=event.call_id, path=event.path, sha256=event.sha256)
            await self._context.log.append(JOB_INSPECT, (), job, event_id=f"{event.call_id}.inspect")

    async def inspect(self, record: Record[InspectJob]) -> None:
        job, context = record.value, self._context
        age_ms = _now_ms() - record.at_ms
        await asyncio.sleep(max(0, SETTLE_MS - age_ms) / 1000)
        try:
            inspection = await self._inspector.inspect(job)
            INSPECTED.labels("done").inc()
            context.logger.info(
                "call inspected", call_id=job.call_id, score=inspection.score, transcribed_ms=inspection.transcribed_ms
            )
        except AudioError as error:
            # The same file will not be better next time: the job is done, and the operator is told.
            INSPECTED.labels("unreadable").inc()
            context.logger.error("recording cannot be inspected", call_id=job.call_id, reason=str(error))
        later = TranscribeJob(call_id=job.call_id, path=job.path)
        await context.log.append(JOB_TRANSCRIBE, (), later, event_id=f"{job.call_id}.transcribe")

    async def transcribe(self, record: Record[TranscribeJob]) -> None:
        job, logger = record.value, self._context.logger
        BEHIND_S.set((_now_ms() - record.at_ms) / 1000)
        try:
            await asyncio.to_thread(self._hold_back, 0.0)
            reached = await self._second.transcribe(job, self._hold_back)
        except (EngineError, ModelError) as error:
            logger.error("a recording waits for the engine", call_id=job.call_id, reason=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._context.stopping.wait(), ENGINE_AGAIN_S)
            raise
        BEHIND_S.set(0)
        TRANSCRIBED.labels(reached.state.value).inc()
        if reached.state is not TranscriptState.DONE:
            return
        HEARD_S.inc(reached.recording_ms / 1000)
        TOOK_S.inc(reached.took_ms / 1000)
        finals = words_of(await self._second.said(job.call_id))
        inspection = await self._inspector.inspect_again(job.call_id, finals, self._version)
        logger.info(
            "call heard again",
            call_id=job.call_id,
            version=self._version,
            utterances=reached.utterances,
            recording_s=reached.recording_ms // 1000,
            took_s=reached.took_ms // 1000,
            behind_s=(_now_ms() - record.at_ms) // 1000,
            score=inspection.score,
        )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
