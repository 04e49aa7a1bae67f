"""One job by hand: transcribe a file, look this machine over, print the example configuration."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.side import Side
from hotline.bus_page import bus_page
from hotline.commands import settings
from hotline.config_example import example_toml
from hotline.doctor import examine
from hotline.prompts import models_dir
from hotline.shown_progress import ShownProgress
from recordings.wav import read_wav

if TYPE_CHECKING:
    from asr.offline import OfflineUtterance

_INTERRUPTED = 130
"""As shells have it: 128 and the number of SIGINT."""
NAMES = {Side.CALLER: "市民", Side.AGENT: "坐席"}


def transcribe(
    file: Annotated[Path, typer.Argument(help="WAV: mono, or two channels with the citizen left")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object for each utterance")] = False,
) -> None:
    """Write down what is said in a recording; how far that is stands on stderr, and Ctrl-C gives it up."""
    try:
        with ShownProgress(file.name) as progress:
            utterances = _transcribed(file, progress)
    except KeyboardInterrupt:
        typer.echo(f"given up at {int(100 * progress.share)} % of {file}; nothing was written", err=True)
        raise typer.Exit(_INTERRUPTED) from None
    for said in utterances:
        if as_json:
            facts = {"side": said.side, "start_ms": said.start_ms, "end_ms": said.end_ms, "text": said.text}
            typer.echo(json.dumps(facts | {"confidence": round(said.confidence, 3)}, ensure_ascii=False))
        else:
            minutes, seconds = divmod(said.start_ms // 1000, 60)
            typer.echo(f"{minutes:02d}:{seconds:02d}  {NAMES[said.side]}  {said.text}")


def _transcribed(file: Path, progress: ShownProgress) -> "list[OfflineUtterance]":
    # What recognition stands on takes a second to import: only this command pays it.
    from asr.engine import load_engine
    from asr.offline import transcribe as transcribe_samples
    from hotline.roles.listen import detector_factory

    chosen = settings()
    samples, rate_hz = read_wav(file)
    folder = models_dir(chosen.service.data_dir)
    engine = load_engine(chosen.asr, folder, len(os.sched_getaffinity(0)))
    detector = detector_factory(chosen.asr, folder)
    return transcribe_samples(samples, rate_hz, engine, detector, chosen.asr, on_progress=progress)


def doctor() -> None:
    """Say what this machine has and lacks. Exit status 1 when something is missing that the service needs."""
    findings = examine(settings())
    table = Table("", "what", "found", "what to do")
    for finding in findings:
        table.add_row(
            "[green]✓[/]" if finding.ok else "[red]✗[/]", *map(escape, (finding.what, finding.found, finding.remedy))
        )
    Console().print(table)
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


config_app = typer.Typer(no_args_is_help=True, help="hotline.toml.")


@config_app.command()
def example() -> None:
    """Print hotline.toml.example, written from the settings themselves."""
    typer.echo(example_toml(), nl=False)


@config_app.command()
def bus() -> None:
    """Print docs/bus.md, written from the types."""
    typer.echo(bus_page(), nl=False)


@config_app.command()
def check() -> None:
    """Read hotline.toml, the environment, sip.conf, the flow and the queue's lists; say what is wrong, if anything."""
    from hotline.prompts import open_flow
    from hotline.queue_rules import rules_of
    from hotline.sip_accounts import load_accounts

    chosen = settings()
    accounts = load_accounts(chosen)
    open_flow(chosen)
    rules = rules_of(chosen)
    found = (
        (len(accounts.trunks), "trunk(s)"),
        (len(accounts.extensions), "extension(s)"),
        (len(rules.queues), "queue(s)"),
    )
    typer.echo("right: " + ", ".join(f"{count} {what}" for count, what in found))
