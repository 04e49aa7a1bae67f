"""The engine of a listener, in processes of its own or in the listener's, as `[asr] isolation` says."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asr.engine import examine_engine, load_engine
from asr.engine_processes import EngineProcesses
from asr.engine_wire import Load
from asr.hot_words import HotWordShelf, Shelf
from asr.recogniser import Recogniser
from asr.settings import AsrSettings
from domain.errors import EngineError, ModelError
from models import libime_words

_FACTORY = "asr.isolation:load_untried"


@contextmanager
def running_engine(settings: AsrSettings, models_dir: Path, workers: int) -> Iterator[tuple[Recogniser, Shelf]]:
    """The engine for `workers` recognitions at once, loaded, and where the city's hot words are put for it.

    Errors as load_engine. A remote engine has a process of its own anyway.
    """
    if settings.isolation == "threads" or settings.engine == "remote":
        hot_words = HotWordShelf()
        yield load_engine(settings, models_dir, workers, hot_words), hot_words
        return
    _prepare(settings, models_dir)
    load = Load(_FACTORY, settings.model_dump_json(), str(models_dir.absolute()))
    bounds = settings.worker_growth_mib, settings.hang_after_s
    try:
        engine = EngineProcesses(load, count=workers, growth_mib=bounds[0], hang_after_s=bounds[1])
    except EngineError as error:
        raise ModelError(
            f"{settings.engine} does not load the model: {error.what}",
            where=settings.model or settings.engine,
            remedy="run `hotline models verify`; check [asr] model_type; fetch the model again: `hotline models fetch`",
        ) from error
    with contextlib.closing(engine):
        yield engine, engine


def load_untried(settings: AsrSettings, models_dir: Path, hot_words: HotWordShelf) -> Recogniser:
    """In an engine process: what ends it there ends nothing else, so that no trial is needed."""
    return load_engine(settings, models_dir, 1, hot_words, trial=False)


def _prepare(settings: AsrSettings, models_dir: Path) -> None:
    """What is joined or unpacked once is so before several processes look for it."""
    examine_engine(settings, models_dir)
    if settings.language_model:
        with contextlib.suppress(ModelError):  # each process warns of it
            libime_words(models_dir)
