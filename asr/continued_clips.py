"""Makes a streaming engine answer clips, so that the one scheduler serves both kinds of engine.

A clip of an utterance that is known is heard only from where the last one ended; a final ends the session. When the
engine loses a session, the utterance is heard again from its beginning, once: the clip holds all of it.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence

from asr.recogniser import NOTHING_HEARD, Clip, Effort, Heard
from asr.streaming import Session, StreamingRecogniser
from domain.errors import EngineError

_IDLE_S = 60.0
"""Longer than any utterance: whoever has not been heard for so long will not be again."""
_ENDED_NAMES = 1024


class _Held:
    """An utterance's session, if it is open, and how far it has heard (samples). The lock is held while it is used."""

    def __init__(self, rate_hz: int) -> None:
        self.lock = threading.Lock()
        self.session: Session | None = None
        self.rate_hz = rate_hz
        self.heard = 0
        self.used_s = time.monotonic()
        self.over = False

    def close(self) -> None:
        if self.session is not None:
            self.session.close()
        self.session, self.heard = None, 0


class ContinuedClips:
    """A Recogniser around a StreamingRecogniser."""

    continues = True

    def __init__(self, engine: StreamingRecogniser) -> None:
        self.name = engine.name
        self._engine = engine
        self._lock = threading.Lock()
        self._held: dict[str, _Held] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()

    def recognise(self, clips: Sequence[Clip], effort: Effort) -> list[Heard]:
        return [self._recognise(clip, effort) for clip in clips]

    def real_time_factor(self) -> float:
        return self._engine.real_time_factor()

    def _recognise(self, clip: Clip, effort: Effort) -> Heard:
        if effort is Effort.PARTIAL and self._has_ended(clip):
            return NOTHING_HEARD
        held = self._held_for(clip)
        with held.lock:
            if held.over and effort is Effort.PARTIAL:
                return NOTHING_HEARD
            try:
                heard = self._hear_again_if_lost(held, clip, effort)
            except BaseException:
                self._drop(held, clip)
                raise
            if effort is Effort.FINAL:
                self._note_end(clip)
            if effort is Effort.FINAL or not clip.utterance:
                self._drop(held, clip)
            return heard

    def _has_ended(self, clip: Clip) -> bool:
        """Whether the utterance has had its final, so that this partial comes too late."""
        with self._lock:
            return clip.utterance in self._ended

    def _held_for(self, clip: Clip) -> _Held:
        self._close_idle()
        if not clip.utterance:
            return _Held(clip.rate_hz)
        with self._lock:
            return self._held.setdefault(clip.utterance, _Held(clip.rate_hz))

    def _hear_again_if_lost(self, held: _Held, clip: Clip, effort: Effort) -> Heard:
        try:
            return self._hear(held, clip, effort)
        except EngineError:
            held.close()
            return self._hear(held, clip, effort)

    def _hear(self, held: _Held, clip: Clip, effort: Effort) -> Heard:
        if held.heard > len(clip.samples) or held.rate_hz != clip.rate_hz:
            held.close()  # cut at an earlier point than was heard already
        if held.session is None:
            held.session, held.rate_hz, held.heard = self._engine.open(clip.rate_hz, clip.phrases), clip.rate_hz, 0
        held.used_s = time.monotonic()
        held.session.accept(clip.samples[held.heard :])
        held.heard = len(clip.samples)
        return held.session.finish() if effort is Effort.FINAL else held.session.partial()

    def _drop(self, held: _Held, clip: Clip) -> None:
        held.over = True
        held.close()
        with self._lock:
            if self._held.get(clip.utterance) is held:
                del self._held[clip.utterance]

    def _note_end(self, clip: Clip) -> None:
        with self._lock:
            self._ended[clip.utterance] = None
            if len(self._ended) > _ENDED_NAMES:
                self._ended.popitem(last=False)

    def _close_idle(self) -> None:
        """Utterances whose stream went away without a final."""
        before_s = time.monotonic() - _IDLE_S
        with self._lock:
            idle = [name for name, held in self._held.items() if held.used_s < before_s and not held.lock.locked()]
            gone = [self._held.pop(name) for name in idle]
        for held in gone:
            held.close()
