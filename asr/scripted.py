"""An engine that says what it is told to: for tests of everything around engines."""

import threading
from collections.abc import Callable, Sequence

import numpy as np

from asr.recogniser import Clip, Effort, Heard

_QUIET_PEAK = 40

Script = Callable[[Clip, Effort], str]


def by_length(clip: Clip, effort: Effort) -> str:
    """The clip's length, so that a test can tell which sound it was: '1.50 s。', without the full stop in a partial."""
    return f"{clip.seconds:.2f} s" + ("。" if effort is Effort.FINAL else "")


class ScriptedRecogniser:
    """Keeps the contract of Recogniser. `hold` makes it wait in `recognise` until `release`."""

    name = "scripted"

    def __init__(self, script: Script = by_length) -> None:
        self._script = script
        self._open = threading.Event()
        self._open.set()
        self._entered = threading.Semaphore(0)
        self.calls: list[tuple[Effort, int]] = []
        """Effort and number of clips of each call, in order."""

    def recognise(self, clips: Sequence[Clip], effort: Effort) -> list[Heard]:
        self.calls.append((effort, len(clips)))
        self._entered.release()
        self._open.wait()
        return [self._heard(clip, effort) for clip in clips]

    def real_time_factor(self) -> float:
        return 0.05

    def hold(self) -> None:
        """Let every further call wait."""
        self._open.clear()

    def release(self) -> None:
        """Let the calls that wait, and all further ones, go on."""
        self._open.set()

    def wait_for_call(self, timeout_s: float) -> bool:
        """Whether a call (each is waited for once) came within the time."""
        return self._entered.acquire(timeout=timeout_s)

    def _heard(self, clip: Clip, effort: Effort) -> Heard:
        loud = len(clip.samples) > 0 and int(np.abs(clip.samples.astype(np.int32)).max()) >= _QUIET_PEAK
        return Heard(self._script(clip, effort), 0.9, 0.1) if loud else Heard("", 0.0, 1.0)
