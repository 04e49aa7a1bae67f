"""The role `inspect`: takes finished recordings one by one, when nobody waits for it."""

import asyncio
import os
import time

from prometheus_client import Counter

from asr.engine import load_engine
from asr.hot_words import HotWordShelf
from asr.offline import OfflineUtterance, transcribe
from asr.recogniser import Recogniser, Samples
from asr.vad import OpenDetector
from domain.call import CallEvent, RecordingFinished
from domain.errors import AudioError
from domain.job import InspectJob
from domain.ports import Record
from domain.topics import CALL_EVENT, JOB_INSPECT
from hotline.hot_words import shelve_hot_words
from hotline.inspector import Inspector
from hotline.roles.context import RoleContext
from hotline.roles.listen import detector_factory
from recordings.scorecard import DEFAULT_SCORECARD, load_scorecard

SETTLE_MS = 4000
"""The last words of a call are still being written down when its recording is closed."""

NICENESS = 10
INSPECTED = Counter("hotline_inspect_calls_total", "Calls inspected", ["outcome"])


class LateListener:
    """Loads the recognition engine when the first call needs it: most calls were heard live."""

    def __init__(self, context: RoleContext, hot_words: HotWordShelf) -> None:
        self._hot_words = hot_words
        self._settings = context.settings.asr
        self._models_dir = context.data_dir / "models"
        self._loaded: tuple[Recogniser, OpenDetector] | None = None

    def transcribe(self, samples: Samples, rate_hz: int) -> list[OfflineUtterance]:
        if self._loaded is None:
            engine = load_engine(self._settings, self._models_dir, 1, self._hot_words)
            self._loaded = engine, detector_factory(self._settings, self._models_dir)
        engine, open_detector = self._loaded
        return transcribe(samples, rate_hz, engine, open_detector, self._settings)


async def run(context: RoleContext) -> None:
    """Inspect until the context stops; a job that is interrupted is done again by whoever comes next."""
    os.nice(NICENESS)
    hot_words = HotWordShelf()
    await shelve_hot_words(context, hot_words)
    inspector = Inspector(
        context.data_dir / "recordings",
        context.log,
        LateListener(context, hot_words).transcribe,
        load_scorecard(context.settings.recordings.scorecard or DEFAULT_SCORECARD),
        lambda: time.time_ns() // 1_000_000,
    )

    async def take_in(record: Record[CallEvent]) -> None:
        event = record.value
        if isinstance(event, RecordingFinished):
            job = InspectJob(call_id=event.call_id, path=event.path, sha256=event.sha256)
            await context.log.append(JOB_INSPECT, (), job, event_id=f"{event.call_id}.inspect")

    async def do(record: Record[InspectJob]) -> None:
        job = record.value
        age_ms = time.time_ns() // 1_000_000 - record.at_ms
        await asyncio.sleep(max(0, SETTLE_MS - age_ms) / 1000)
        try:
            inspection = await inspector.inspect(job)
        except AudioError as error:
            # The same file will not be better next time: the job is done, and the operator is told.
            INSPECTED.labels("unreadable").inc()
            context.logger.error("recording cannot be inspected", call_id=job.call_id, reason=str(error))
            return
        INSPECTED.labels("done").inc()
        context.logger.info(
            "call inspected", call_id=job.call_id, score=inspection.score, transcribed_ms=inspection.transcribed_ms
        )

    intake = await context.log.consume(CALL_EVENT, take_in, consumer="inspect-intake")
    worker = await context.log.consume(JOB_INSPECT, do, consumer="inspect")
    await context.stopping.wait()
    await intake.close()
    await worker.close()
