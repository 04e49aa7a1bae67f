"""The role `listen`: loads the recognition engine, measures what it can take, and listens."""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from structlog.typing import FilteringBoundLogger

import models
from asr.final_words import Writer
from asr.guest_server import guest_server
from asr.isolation import running_engine
from asr.listener import Listener
from asr.load import affordable_streams
from asr.metrics import REAL_TIME_FACTOR
from asr.recogniser import Recogniser
from asr.settings import AsrSettings
from asr.vad import OpenDetector, SileroModel, WebrtcActivity
from domain.errors import EngineError
from hotline.hot_words import shelve_hot_words
from hotline.roles.context import RoleContext

_MOST_WORKERS = 4
_ASSUMED_FACTOR = 0.1


async def run(context: RoleContext) -> None:
    """Listen until the context stops. ModelError when a model is missing or not what its manifest names."""
    settings = context.settings.asr
    cores = len(os.sched_getaffinity(0))
    workers = settings.workers or min(_MOST_WORKERS, cores)
    models_dir = context.data_dir / "models"
    loop = asyncio.get_running_loop()
    engines = running_engine(settings, models_dir, workers + (settings.serve == "ws"))
    # The engine's own threads inherit the niceness of the one that loads it; this role's loop keeps its place.
    with ThreadPoolExecutor(1, "asr-load", initializer=os.nice, initargs=(settings.niceness,)) as loading:
        open_detector = await loop.run_in_executor(loading, detector_factory, settings, models_dir)
        writer = Writer()
        engine, hot_words = await loop.run_in_executor(loading, engines.__enter__)
        try:
            factor = await loop.run_in_executor(loading, _real_time_factor, engine, context.logger)
            await shelve_hot_words(context, hot_words, writer)
            await _listen(context, engine, open_detector, factor, workers, writer)
        finally:
            await asyncio.to_thread(engines.__exit__, None, None, None)


async def _listen(
    context: RoleContext, engine: Recogniser, open_detector: OpenDetector, factor: float, workers: int, writer: Writer
) -> None:
    settings = context.settings.asr
    cores = len(os.sched_getaffinity(0))
    capacity = settings.max_streams or affordable_streams(factor, workers, max(1, cores // settings.threads_per_worker))
    REAL_TIME_FACTOR.set(factor)
    context.logger.info("listener ready", engine=engine.name, real_time_factor=round(factor, 3), capacity=capacity)
    listener = Listener(
        listener_id=context.role_id,
        settings=settings,
        bus=context.bus,
        log=context.log,
        engine=engine,
        open_detector=open_detector,
        capacity=capacity,
        workers=workers,
        now_ms=lambda: time.time_ns() // 1_000_000,
        writer=writer,
    )
    if settings.serve != "ws":
        await listener.run(context.stopping)
        return
    async with guest_server(settings, engine, open_detector) as (host, port):
        context.logger.info("guests are served", url=f"ws://{host}:{port}")
        await listener.run(context.stopping)


def _real_time_factor(engine: Recogniser, logger: FilteringBoundLogger) -> float:
    """As the engine measures it; an assumed one while a remote engine is away, which may come back at any time."""
    try:
        return engine.real_time_factor()
    except EngineError as error:
        logger.warning("the engine does not answer yet", engine=engine.name, reason=error.what, remedy=error.remedy)
        return _ASSUMED_FACTOR


def detector_factory(settings: AsrSettings, models_dir: Path) -> OpenDetector:
    """What gives each stream its voice activity detector."""
    if settings.voice_activity == "silero":
        return SileroModel(models.silero_vad(models_dir)).open
    return WebrtcActivity
