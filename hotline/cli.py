"""The command `hotline`."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from domain.errors import HotlineError
from hotline.commands import choose_config, settings
from hotline.late_commands import LateCommands
from hotline.logs import configure_logs
from hotline.roles import Role

app = typer.Typer(
    cls=LateCommands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The 12345 voice hotline: SIP, speech, tickets. Offline, on your own machines.",
)


@app.callback()
def common(
    config: Annotated[
        Path | None, typer.Option("--config", help="hotline.toml; without it ./hotline.toml when there is one")
    ] = None,
) -> None:
    """Every command, and every process that it starts, reads the same file."""
    choose_config(config)
    configure_logs("hotline", form="console", level="warning")


@app.command()
def up(
    demo: Annotated[bool, typer.Option("--demo", help="with a sample city, users and phones")] = False,
) -> None:
    """Start everything on this machine and keep it alive until Ctrl-C."""
    from hotline.supervisor import supervise

    if demo:
        os.environ["HOTLINE_SERVICE__DEMO"] = "true"
    raise typer.Exit(asyncio.run(supervise(settings())))


@app.command()
def run(
    roles: Annotated[list[Role], typer.Argument(help="which roles this process runs")],
    number: Annotated[int, typer.Option(help="tells several processes of one role apart", min=1)] = 1,
    nats: Annotated[str, typer.Option(help="nats://user:password@host:port of an existing NATS")] = "",
    serve: Annotated[str, typer.Option(help="ws: listen also serves others by vosk-server's WebSocket protocol")] = "",
) -> None:
    """Run some roles in this process, joined to a NATS that is up."""
    from hotline.role_process import run_roles

    if nats:
        os.environ["HOTLINE_BUS__URL"] = nats
    if serve:
        os.environ["HOTLINE_ASR__SERVE"] = serve
    raise typer.Exit(run_roles(settings(), roles, number))


@app.command(hidden=True)
def emergency_robots() -> None:
    """The demo's 110, 119 and 120, as `hotline up --demo` starts them."""
    from hotline.emergency_robots import run_emergency_robots

    chosen = settings()
    configure_logs("emergency-robots", form=chosen.service.log_format, level=chosen.service.log_level)
    asyncio.run(run_emergency_robots(chosen))


@app.command(hidden=True)
def speak() -> None:
    """Say the lines of standard input, for the switch that starts this."""
    from hotline.speaking_process import speak_lines

    speak_lines(settings())


def main() -> None:
    """Entry point: an error that we raise on purpose is a message, never a stack trace."""
    try:
        app()
    except HotlineError as error:
        console = Console(stderr=True)
        where = f"{error.where}: " if error.where else ""
        console.print(f"[bold red]hotline:[/] {escape(where + error.what)}", highlight=False)
        if error.remedy:
            console.print(f"[bold]what to do:[/] {escape(error.remedy)}", highlight=False)
        raise SystemExit(os.EX_CONFIG) from error
