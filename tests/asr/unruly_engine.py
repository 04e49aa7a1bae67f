"""An engine for processes of its own that does to its process what engines in C++ do; utterances' names say what.

"kill", "segfault", "hang" (before the first ":") happen once for each name, as long as the folder of the models has no
note of it; "always-kill" happens each time; "grow" keeps 64 MiB; all else is answered as the scripted engine does.
"""

import ctypes
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from asr.hot_words import HotWordShelf
from asr.recogniser import Clip, Effort, Heard
from asr.scripted import ScriptedRecogniser
from asr.settings import AsrSettings
from domain.errors import ModelError

_kept: list[bytearray] = []


class Unruly(ScriptedRecogniser):
    """notes: where it writes down what it has done already. Asked for "words" it says how many hot words it has."""

    def __init__(self, notes: Path, words: HotWordShelf) -> None:
        super().__init__()
        self._notes = notes
        self._words = words

    def recognise(self, clips: Sequence[Clip], effort: Effort) -> list[Heard]:
        for clip in clips:
            self._misbehave(clip.utterance)
        if clips and clips[0].utterance == "words":
            return [Heard(str(len(self._words.index)), 1.0, 0.0)]
        return super().recognise(clips, effort)

    def _misbehave(self, utterance: str) -> None:
        what = utterance.partition(":")[0]
        note = self._notes / utterance.replace(":", "_")
        if what == "always-kill" or (what in ("kill", "segfault", "hang") and not note.exists()):
            note.write_text(str(os.getpid()))
            _do(what)
        if what == "grow":
            _kept.append(bytearray(os.urandom(1) * (64 << 20)))


def _do(what: str) -> None:
    if what == "segfault":
        ctypes.string_at(0)
    elif what == "hang":
        time.sleep(3600)
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def unruly(_settings: AsrSettings, models_dir: Path, words: HotWordShelf) -> Unruly:
    print("a library says hello")
    return Unruly(models_dir, words)


def ends_the_process(_settings: AsrSettings, _models_dir: Path, _words: HotWordShelf) -> Unruly:
    print("ASSERTION_FAILED (VoskAPI): the model is damaged", flush=True)
    os.abort()


def refuses(_settings: AsrSettings, models_dir: Path, _words: HotWordShelf) -> Unruly:
    raise ModelError("the model is of another kind", where=str(models_dir), remedy="fetch it again")
