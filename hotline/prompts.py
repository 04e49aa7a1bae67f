"""Which flow answers, which prompts it needs, and where their sound is kept."""

from collections.abc import Callable
from pathlib import Path

from hotline.config import Settings
from ivr_flows.flow import Flow
from ivr_flows.flow_file import default_flow_path, load_flow
from tts.kokoro import ENGINE, Kokoro
from tts.prompt_cache import PromptCache, PromptVoice
from tts.synthesiser import Synthesiser


def prompts_dir(data_dir: Path) -> Path:
    return data_dir / "prompts"


def models_dir(data_dir: Path) -> Path:
    return data_dir / "models"


def open_flow(settings: Settings) -> Flow:
    """The flow of hotline.toml, or the built-in one; FlowError when it is wrong."""
    return load_flow(settings.ivr_flows.file or default_flow_path())


def open_prompt_cache(settings: Settings) -> PromptCache:
    """The switch's prompts (a `PromptStore`), in the voice of hotline.toml."""
    voice = PromptVoice(engine=ENGINE, voice=settings.tts.voice, speed=settings.tts.speed)
    return PromptCache(prompts_dir(settings.service.data_dir), voice)


def synthesiser_opener(settings: Settings, *, threads: int | None = None) -> Callable[[], Synthesiser]:
    """Opens the engine once, when it is first needed: what is rendered already needs none.

    threads: instead of the setting's, for somebody who waits.
    """
    opened: list[Synthesiser] = []

    def open_once() -> Synthesiser:
        if not opened:
            opened.append(Kokoro(models_dir(settings.service.data_dir), threads=threads or settings.tts.threads))
        return opened[0]

    return open_once
