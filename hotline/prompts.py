"""Which flow answers, which prompts it needs, and where their sound is kept."""

from collections.abc import Callable
from pathlib import Path

from domain.errors import FlowError
from hotline.config import Settings
from hotline.queue_rules import known_queues
from ivr_flows.flow import Flow
from ivr_flows.flow_file import default_flow_path, load_flow
from ivr_flows.verbs.queue import Queue
from tts.kokoro import ENGINE, Kokoro
from tts.prompt_cache import PromptCache, PromptVoice
from tts.synthesiser import Synthesiser


def prompts_dir(data_dir: Path) -> Path:
    return data_dir / "prompts"


def models_dir(data_dir: Path) -> Path:
    return data_dir / "models"


def open_flow(settings: Settings) -> Flow:
    """The flow of hotline.toml, or the built-in one; FlowError when it is wrong or leads to a queue that is none."""
    flow = load_flow(settings.ivr_flows.file or default_flow_path())
    known = known_queues(settings.queue)
    steps = (step for node in flow.nodes.values() for step in node.steps)
    for queue in (step for step in steps if isinstance(step, Queue)):
        if queue.name not in known:
            raise FlowError(
                f"there is no queue '{queue.name}'",
                where=f"{flow.file}:{queue.line}",
                remedy=f"add it to [[queue.queues]] of hotline.toml, or name one of: {', '.join(sorted(known))}",
            )
    return flow


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
