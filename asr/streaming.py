"""The port of engines that hear sound as it comes. tests/asr/streaming_contract.py is what each must pass.

    StreamingRecogniser.open ─► Session: accept, accept, partial, accept, … finish     (one session, one utterance)

Where utterances begin and end is our own endpointing's business, not the engine's.
"""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from asr.recogniser import Heard, Samples
from domain.errors import AudioError
from domain.g711 import RATE_HZ

_MEASURED_S = 4.0
_CHUNK_S = 0.2


class Session(Protocol):
    """One utterance on its way into an engine; used by one thread at a time.

    Every method but `close` may raise EngineError when the engine is gone or too late, and none because of what the
    sound holds. After `finish` or `close` the session is over: `accept`, `partial` and `finish` raise AudioError.
    """

    def accept(self, samples: Samples) -> None:
        """More sound: mono int16 at the session's rate, any length; AudioError for another shape or type."""

    def partial(self) -> Heard:
        """The words so far; they may change."""

    def finish(self) -> Heard:
        """No more sound: the words. Returns or raises within the engine's deadline; no sound gives no words."""

    def close(self) -> None:
        """Give the session up, or away after `finish`; harmless when it is over."""


class StreamingRecogniser(Protocol):
    """An engine with sessions; may be called from several threads at once."""

    name: str
    """Engine and model, as it stands in UtteranceFinal.engine."""

    def open(self, rate_hz: int, phrases: Sequence[str] = ()) -> Session:
        """A new session at 8 or 16 kHz; AudioError for another rate. phrases: a menu: nothing else will be heard, where
        the engine can do that."""

    def real_time_factor(self) -> float:
        """Seconds of one worker's time that a second of sound takes, measured now (about a second)."""


def over(where: str) -> AudioError:
    """The error of a session that is used after its end."""
    return AudioError("sound or a question after the end", where=where, remedy="open a session for each utterance")


def measured_factor(engine: StreamingRecogniser, clock: Callable[[], float] = time.process_time) -> float:
    """The real-time factor on noise that comes in pieces. clock: time.monotonic when the work is done elsewhere."""
    noise = np.random.default_rng(0).normal(0.0, 1600.0, int(_MEASURED_S * RATE_HZ)).astype(np.int16)
    size = int(_CHUNK_S * RATE_HZ)
    started = clock()
    session = engine.open(RATE_HZ)
    try:
        for at in range(0, len(noise), size):
            session.accept(noise[at : at + size])
            session.partial()
        session.finish()
    finally:
        session.close()
    return max(1e-4, (clock() - started) / _MEASURED_S)
