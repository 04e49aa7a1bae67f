"""Rendered prompts on disk: one A-law file for a text, a voice, a speed and an engine, with its description beside it.

Many processes may read while another renders: files appear whole (written aside, then renamed), and a reader looks
anew for what it did not have, so a prompt that was rendered later is heard from then on.
"""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import structlog

from domain.errors import HotlineError, ModelError, StorageError
from domain.g711 import RATE_HZ
from models.whole_file import write_whole
from tts import metrics
from tts.synthesiser import Synthesiser

logger = structlog.get_logger()

RenderProgress = Callable[[int, int, str], None]
"""Called before each text with how many are done, how many there are, and the text."""


class PromptVoice(msgspec.Struct, frozen=True, kw_only=True):
    """How prompts sound: engine (name and version), voice and speed."""

    engine: str
    voice: str
    speed: float

    def key(self, text: str) -> str:
        """The prompt's file name without its ending: sha256 (hex) of the text and of what shapes its sound."""
        parts = (text, self.voice, f"{self.speed:.3f}", self.engine)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class PromptDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside a prompt's sound."""

    text: str
    engine: str
    voice: str
    speed: float
    duration_ms: int


def no_render_progress(done: int, total: int, text: str) -> None:
    """For callers who show nothing."""


class PromptCache:
    """The prompts of one folder in one voice; a `PromptStore` for the switch."""

    def __init__(self, folder: Path, voice: PromptVoice) -> None:
        self.folder = folder
        self.voice = voice
        self._loaded: dict[str, tuple[int, bytes]] = {}
        self._missed: set[str] = set()

    def alaw(self, text: str) -> bytes | None:
        """A-law at 8 kHz, None when it is not there (yet). One `stat`, and a read when the file is new or changed."""
        file = self._sound_file(text)
        try:
            changed_ns = file.stat().st_mtime_ns
            loaded = self._loaded.get(text)
            if loaded is None or loaded[0] != changed_ns:
                loaded = (changed_ns, file.read_bytes())
                self._loaded[text] = loaded
        except OSError:
            self._note_missing(text)
            return None
        self._missed.discard(text)
        return loaded[1]

    def missing(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Those texts that have no sound yet, in order, each once."""
        return tuple(text for text in dict.fromkeys(texts) if not self._sound_file(text).is_file())

    def render(
        self,
        texts: Iterable[str],
        open_synthesiser: Callable[[], Synthesiser],
        progress: RenderProgress = no_render_progress,
    ) -> int:
        """Make the missing ones in the order given; how many were made. The engine is opened only when one is missing.

        A text that the engine refuses is logged and left out, so that one bad prompt does not silence the others.
        ModelError when the engine is not the one of this cache's keys; StorageError when the disk refuses.
        """
        wanted = self.missing(texts)
        if not wanted:
            return 0
        synthesiser = open_synthesiser()
        if synthesiser.engine != self.voice.engine:
            raise ModelError(
                f"the engine is {synthesiser.engine}, the prompts are kept for {self.voice.engine}",
                where=str(self.folder),
                remedy="open the cache with the engine's own name",
            )
        made = 0
        for done, text in enumerate(wanted):
            progress(done, len(wanted), text)
            made += self._render_one(text, synthesiser)
        progress(len(wanted), len(wanted), "")
        return made

    def descriptions(self) -> list[PromptDescription]:
        """Everything in the folder, in any voice, by text."""
        found = [msgspec.json.decode(file.read_bytes(), type=PromptDescription) for file in self.folder.glob("*.json")]
        return sorted(found, key=lambda description: (description.text, description.voice))

    def put(self, text: str, alaw: bytes) -> None:
        """Keep a sound for this text (a studio's recording, say); StorageError when the disk refuses."""
        description = PromptDescription(
            text=text,
            engine=self.voice.engine,
            voice=self.voice.voice,
            speed=self.voice.speed,
            duration_ms=len(alaw) * 1000 // RATE_HZ,
        )
        file = self._sound_file(text)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(file.with_suffix(".json"), msgspec.json.encode(description))
            write_whole(file, alaw)
        except OSError as error:
            raise StorageError(
                f"cannot keep the prompt ({error.strerror})",
                where=str(error.filename or file),
                remedy="make room or give write permission there, then run `hotline prompts render`",
            ) from error

    def _render_one(self, text: str, synthesiser: Synthesiser) -> bool:
        try:
            with metrics.RENDER_SECONDS.time():
                sound = synthesiser.synthesise(text, self.voice.voice, self.voice.speed).alaw()
        except ModelError:
            raise
        except HotlineError as error:
            metrics.RENDER_FAILURES.inc()
            logger.warning("prompt refused by the synthesiser", prompt=text, reason=error.what)
            return False
        self.put(text, sound)
        return True

    def _sound_file(self, text: str) -> Path:
        return self.folder / f"{self.voice.key(text)}.alaw"

    def _note_missing(self, text: str) -> None:
        if text not in self._missed:
            self._missed.add(text)
            metrics.PROMPTS_MISSING.inc()
            logger.warning("prompt has no sound yet", prompt=text)
