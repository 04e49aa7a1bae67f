"""The demo's conversation: who says what, in which voice, after which pause, and what must come of it."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from domain.errors import ConfigError
from domain.g711 import RATE_HZ
from domain.side import Side
from domain.ticket import FieldName
from hotline.config import Settings
from tts.kokoro import ENGINE
from tts.prompt_cache import PromptCache, PromptVoice, RenderProgress, no_render_progress
from tts.synthesiser import Synthesiser

SCRIPT_FILE = Path(__file__).with_name("demo_script.yaml")


class Speaker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """voice: one of Kokoro's; speed: 1.0 is its own pace."""

    voice: str
    speed: float = 1.0


class Turn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """pause_ms: silence between the end of the turn before and the beginning of this one."""

    side: Side
    pause_ms: int
    text: str


class DemoScript(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said and what must come of it.

    expected: what each field of the draft must contain at the end; suggestion: what the best article's title contains.
    """

    name: str
    caller_number: str
    citizen: Speaker
    agent: Speaker
    turns: tuple[Turn, ...]
    expected: dict[FieldName, str]
    suggestion: str

    def speaker(self, side: Side) -> Speaker:
        return self.citizen if side is Side.CALLER else self.agent

    def texts(self, side: Side) -> tuple[str, ...]:
        """What this side says, in order."""
        return tuple(turn.text for turn in self.turns if turn.side is side)


class SpokenTurn(msgspec.Struct, frozen=True):
    """A turn with its sound: A-law at 8 kHz."""

    turn: Turn
    alaw: bytes

    @property
    def duration_ms(self) -> int:
        return len(self.alaw) * 1000 // RATE_HZ


def load_demo_script(file: Path = SCRIPT_FILE) -> DemoScript:
    """The script in `file`; ConfigError when it is none. Its first turn is the citizen's, said to the IVR."""
    try:
        script = msgspec.yaml.decode(file.read_bytes(), type=DemoScript)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ConfigError(
            f"not a demo script: {error}", where=str(file), remedy="see hotline/demo_script.yaml"
        ) from error
    if not script.turns or script.turns[0].side is not Side.CALLER:
        raise ConfigError("the first turn must be the caller's", where=str(file), remedy="begin with side: caller")
    return script


def render_turns(
    script: DemoScript,
    settings: Settings,
    open_engine: Callable[[], Synthesiser],
    progress: RenderProgress = no_render_progress,
) -> int:
    """Synthesise the turns that have no sound yet (kept in the data directory); how many were made."""
    caches = _caches(script, settings)
    return sum(cache.render(script.texts(side), open_engine, progress) for side, cache in caches.items())


def spoken_turns(
    script: DemoScript,
    settings: Settings,
    open_engine: Callable[[], Synthesiser],
    progress: RenderProgress = no_render_progress,
) -> tuple[SpokenTurn, ...]:
    """Every turn with its sound, synthesised when it is not there (about 90 CPU seconds for all, the first time)."""
    render_turns(script, settings, open_engine, progress)
    caches = _caches(script, settings)
    spoken: list[SpokenTurn] = []
    for turn in script.turns:
        alaw = caches[turn.side].alaw(turn.text)
        if alaw is None:
            raise ConfigError("a turn has no sound", where=turn.text, remedy="give it words that can be said")
        spoken.append(SpokenTurn(turn, alaw))
    return tuple(spoken)


def conversation_ms(turns: tuple[SpokenTurn, ...]) -> int:
    """From the beginning of the first pause to the end of the last word, as if nobody waited in between."""
    return sum(spoken.turn.pause_ms + spoken.duration_ms for spoken in turns)


def _caches(script: DemoScript, settings: Settings) -> dict[Side, PromptCache]:
    folder = settings.service.data_dir / "demo_speech"
    return {
        side: PromptCache(
            folder, PromptVoice(engine=ENGINE, voice=script.speaker(side).voice, speed=script.speaker(side).speed)
        )
        for side in Side
    }
