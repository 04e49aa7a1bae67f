"""Recognition of whole recordings inside the role `inspect`: the best that the engine can, whenever there is time."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from prometheus_client import Gauge

from asr.engine import load_engine
from asr.final_words import Writer
from asr.hot_words import HotWordShelf
from asr.offline import OfflineUtterance, transcribe
from asr.recogniser import Recogniser, Samples
from asr.settings import AsrSettings
from asr.vad import OpenDetector
from domain.errors import HotlineError
from hotline.roles.listen import detector_factory

LOWEST_PRIORITY = 19
LOOK_AGAIN_S = 0.5
WAITS = Gauge("hotline_transcript_waits", "1 while the second listening waits for live calls to need less")
SHARE = Gauge("hotline_transcript_share", "How much of the recording under way has been heard again, 0..1")


class LateListener:
    """Loads the recognition engine when the first recording needs it. Its threads stand back behind all others."""

    def __init__(self, settings: AsrSettings, models_dir: Path, hot_words: HotWordShelf, writer: Writer) -> None:
        self._settings = settings
        self._models_dir = models_dir
        self._hot_words = hot_words
        self._writer = writer
        self._loading = threading.Lock()
        self._loaded: tuple[Recogniser, OpenDetector] | None = None

    def transcribe(
        self,
        samples: Samples,
        rate_hz: int,
        played: Samples,
        on_progress: Callable[[float], None] = lambda share: None,
    ) -> list[OfflineUtterance]:
        """As asr.offline.transcribe. Blocks; for a thread of its own, whose priority becomes the lowest."""
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)
        engine, open_detector = self._ready()
        return transcribe(
            samples,
            rate_hz,
            engine,
            open_detector,
            self._settings,
            self._writer,
            played=played,
            on_progress=on_progress,
        )

    def _ready(self) -> tuple[Recogniser, OpenDetector]:
        with self._loading:
            if self._loaded is None:
                engine = load_engine(self._settings, self._models_dir, 1, self._hot_words)
                self._loaded = engine, detector_factory(self._settings, self._models_dir)
            return self._loaded


class GivenUpError(HotlineError):
    """The role stops before the recording is heard; the job is done again by whoever comes next."""


def holding_back(has_time: Callable[[], bool], stopping: Callable[[], bool]) -> Callable[[float], None]:
    """What a working thread calls between two steps: returns when there is time; GivenUpError when the role stops."""

    def on_progress(share: float) -> None:
        SHARE.set(share)
        while not has_time():
            WAITS.set(1)
            if stopping():
                break
            time.sleep(LOOK_AGAIN_S)
        WAITS.set(0)
        if stopping():
            raise GivenUpError("the role stops", where="second listening")

    return on_progress
