"""What a synthesised voice says, as a telephone sends it: rendered once, kept outside of git."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from asr.recogniser import Samples
from asr.telephone import on_quiet_line
from tts.kokoro import ENGINE, Kokoro, ensure_voices
from tts.prompt_cache import PromptCache, PromptVoice

SOUNDS = Path(__file__).parents[1] / "var" / "bench" / "synthesised"


class Line(Protocol):
    """A text that a voice says at a speed (1.0 is the voice's own pace)."""

    @property
    def text(self) -> str: ...
    @property
    def voice(self) -> str: ...
    @property
    def speed(self) -> float: ...


class SynthesisedLines:
    """models_dir: where the voices are; folder: where the sounds are kept. What is not there yet takes 2 s a line."""

    def __init__(self, models_dir: Path, folder: Path = SOUNDS, *, engine: str = ENGINE) -> None:
        self._models_dir = models_dir
        self._folder = folder
        self._engine = engine
        self._kokoro: Kokoro | None = None

    def render(self, lines: Iterable[Line]) -> None:
        """Make the missing ones, in the order given."""
        for number, line in enumerate(lines, 1):
            made = self._cache(line).render([line.text], self._open)
            if made and number % 20 == 0:
                print(f"{number} lines have their sound", file=sys.stderr)

    def samples(self, line: Line) -> Samples:
        """The line between a little of a quiet telephone line, after A-law at 8 kHz."""
        alaw = self._cache(line).alaw(line.text)
        if alaw is None:
            self.render([line])
            alaw = self._cache(line).alaw(line.text) or b""
        return on_quiet_line(alaw)

    def _cache(self, line: Line) -> PromptCache:
        return PromptCache(self._folder, PromptVoice(engine=self._engine, voice=line.voice, speed=line.speed))

    def _open(self) -> Kokoro:
        if self._kokoro is None:
            ensure_voices(self._models_dir)
            self._kokoro = Kokoro(self._models_dir)
        return self._kokoro
