"""`hotline prompts`: the sound of what the hotline says by itself."""

from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hotline.commands import settings
from hotline.config import Settings
from hotline.prompts import open_flow, open_prompt_cache, synthesiser_opener
from tts.synthesiser import Synthesiser

prompts_app = typer.Typer(no_args_is_help=True, help="The hotline's own sentences, as telephone sound.")
console = Console(highlight=False)


def show_progress(done: int, total: int, text: str) -> None:
    """One line for each text: enough for a terminal and for a log."""
    if text:
        console.print(f"[dim]{done + 1}/{total}[/] {text}")


@prompts_app.command()
def render(
    first: Annotated[int, typer.Option("--first", help="only so many, in the order in which callers meet them")] = 0,
) -> None:
    """Synthesise the prompts that have no sound yet: the greeting first, then as callers meet them."""
    chosen = settings()
    open_engine = synthesiser_opener(chosen)
    wanted = open_flow(chosen).prompts()
    made = open_prompt_cache(chosen).render(wanted[:first] if first else wanted, open_engine, show_progress)
    if chosen.service.demo and not first:
        made += _render_demo(chosen, open_engine)
    if made:
        console.print(f"{made} prompts rendered")


@prompts_app.command(name="list")
def list_prompts() -> None:
    """Every prompt of the flow, and whether its sound is there."""
    chosen = settings()
    cache = open_prompt_cache(chosen)
    table = Table("prompt", "seconds")
    for text in open_flow(chosen).prompts():
        sound = cache.alaw(text) if not cache.missing([text]) else None
        table.add_row(text, f"{len(sound) / 8000:.1f}" if sound is not None else "[yellow]not yet[/]")
    console.print(table)


def _render_demo(chosen: Settings, open_engine: Callable[[], Synthesiser]) -> int:
    from hotline.demo_script import load_demo_script, render_turns
    from hotline.emergency_robots import GREETINGS

    made = open_prompt_cache(chosen).render(GREETINGS.values(), open_engine, show_progress)
    return made + render_turns(load_demo_script(), chosen, open_engine, show_progress)
