"""Engines that say what they are told to: for tests of everything around engines."""

import math
import threading
from collections.abc import Callable, Sequence

from asr.recogniser import NOTHING_HEARD, Clip, Effort, Heard, Samples, Word, check_rate, check_samples, is_audible
from asr.streaming import over

Script = Callable[[Clip, Effort], str]


def by_length(clip: Clip, effort: Effort) -> str:
    """The clip's length, so that a test can tell which sound it was: '1.50 s。', without the full stop in a partial."""
    return f"{clip.seconds:.2f} s" + ("。" if effort is Effort.FINAL else "")


class ScriptedRecogniser:
    """Keeps the contract of Recogniser. `hold` makes it wait in `recognise` until `release`."""

    name = "scripted"
    continues = False

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
        return Heard(self._script(clip, effort), 0.9, 0.1) if is_audible(clip.samples) else Heard("", 0.0, 1.0)


class ScriptedStreaming:
    """Keeps the contract of StreamingRecogniser: one word for each started second of sound, with its times."""

    name = "scripted-streaming"

    def __init__(self, words: Sequence[str] = ("你好", "我是", "市民")) -> None:
        self._words = words
        self.opened = 0
        self.heard_samples = 0
        """What all sessions were given."""

    def open(self, rate_hz: int, phrases: Sequence[str] = ()) -> "ScriptedSession":
        check_rate(rate_hz, self.name)
        self.opened += 1
        return ScriptedSession(self, rate_hz, phrases or self._words)

    def real_time_factor(self) -> float:
        return 0.05


class ScriptedSession:
    """The session of a ScriptedStreaming."""

    def __init__(self, engine: ScriptedStreaming, rate_hz: int, words: Sequence[str]) -> None:
        self._engine = engine
        self._rate_hz = rate_hz
        self._words = words
        self._samples = 0
        self._loud = False
        self._over = False

    def accept(self, samples: Samples) -> None:
        self._check()
        check_samples(samples, self._engine.name)
        self._engine.heard_samples += len(samples)
        self._samples += len(samples)
        self._loud = self._loud or is_audible(samples)

    def partial(self) -> Heard:
        self._check()
        return self._heard("")

    def finish(self) -> Heard:
        self._check()
        self._over = True
        return self._heard("。")

    def close(self) -> None:
        self._over = True

    def _check(self) -> None:
        if self._over:
            raise over(self._engine.name)

    def _heard(self, ending: str) -> Heard:
        if not self._loud:
            return NOTHING_HEARD
        seconds = self._samples / self._rate_hz
        words = [
            Word(self._words[second % len(self._words)], float(second), min(second + 1.0, seconds), 0.9)
            for second in range(math.ceil(seconds))
        ]
        return Heard("".join(word.text for word in words) + ending, 0.9, 0.1, tuple(words))
