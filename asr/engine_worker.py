"""The main program of an engine process: loads an engine, then recognises what the pipe brings, until the pipe ends.

python -m asr.engine_worker PIPE (a descriptor that the listener left open)
"""

import ctypes
import faulthandler
import importlib
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
import structlog

from asr.engine_wire import (
    Answers,
    Load,
    Loaded,
    Measure,
    Measured,
    Recognise,
    Reply,
    Taken,
    TakeWords,
    encoded,
    failure,
    read_wish,
)
from asr.hot_words import HotWordShelf
from asr.recogniser import Recogniser
from asr.settings import AsrSettings
from domain.errors import EngineError

_LOG = structlog.get_logger(__name__)
_PR_SET_PDEATHSIG = 1


def main(pipe: int) -> None:
    faulthandler.enable()
    _log_to_the_listener()
    _end_with_the_listener()
    connection: Connection = Connection(pipe)
    engine: Recogniser | None = None
    hot_words = HotWordShelf()
    while True:
        try:
            wish = read_wish(connection.recv_bytes())
        except EOFError:
            return
        try:
            if isinstance(wish, Load):
                engine = _load(wish, hot_words)
                reply: Reply = Loaded(engine.name, engine.continues)
            elif isinstance(wish, TakeWords):
                hot_words.put(wish.words)
                reply = Taken()
            else:
                reply = _done(engine, wish)
        except Exception as error:
            _LOG.exception("an engine process could not do what it was asked for")
            reply = failure(error)
        connection.send_bytes(encoded(reply))


def _load(wish: Load, hot_words: HotWordShelf) -> Recogniser:
    module, _, function = wish.factory.partition(":")
    factory = getattr(importlib.import_module(module), function)
    engine: Recogniser = factory(AsrSettings.model_validate_json(wish.settings), Path(wish.models_dir), hot_words)
    return engine


def _done(engine: Recogniser | None, wish: Recognise | Measure) -> Reply:
    if engine is None:
        raise EngineError("asked before the engine was loaded", where="engine process", remedy="send Load first")
    if isinstance(wish, Measure):
        return Measured(engine.real_time_factor(), _memory_mib())
    heard = engine.recognise(wish.clips, wish.effort)
    return Answers(heard, _memory_mib())


def _memory_mib() -> float:
    return psutil.Process().memory_info().rss / 2**20


def _log_to_the_listener() -> None:
    """One JSON object a line; the listener reads our output and says it in its own log, masked as everything there."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _end_with_the_listener() -> None:
    """The pipe's end is our end. Signals that mean the whole group (Ctrl-C, a service manager) are the listener's
    business, which still needs us for the last words; when it is killed outright, the kernel kills us (Linux), also
    while an engine hangs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]))
