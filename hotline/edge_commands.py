"""`hotline trunks`, `hotline bans`: how a running switch stands towards the outside."""

import asyncio
import json
import time
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from bus.link import open_link
from bus.nats_bus import NatsBus
from domain.errors import BusError, NoResponderError
from domain.sip_edge import AskSipEdge, LiftBan, SipEdgeQuestion, SipEdgeReport
from domain.topics import SIP_EDGE
from hotline.commands import settings
from hotline.config import Settings

ANSWER_WITHIN_S = 5.0

bans_app = typer.Typer(help="Sources that are shut out of the SIP port for a while.", invoke_without_command=True)
SwitchId = Annotated[str, typer.Option("--switch", help="which switch is asked")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object for each line")]


def trunks(switch: SwitchId = "switch-1", as_json: AsJson = False) -> None:
    """The trunks of a running switch: whether they answer and have us registered, and their calls."""
    report = _ask(switch, AskSipEdge())
    if as_json:
        for trunk in report.trunks:
            typer.echo(json.dumps(msgspec.to_builtins(trunk), ensure_ascii=False))
        return
    table = Table("trunk", "server", "stands", "registered", "since", "calls in", "calls out")
    for trunk in report.trunks:
        registered = {True: "yes", False: "[red]no[/]", None: ""}[trunk.registered]
        since = time.strftime("%m-%d %H:%M:%S", time.localtime(trunk.since_ms / 1000))
        stands = trunk.standing if trunk.usable else f"[red]{trunk.standing}[/]"
        table.add_row(trunk.name, trunk.host, stands, registered, since, str(trunk.calls_in), str(trunk.calls_out))
    Console().print(table)


@bans_app.callback()
def bans(context: typer.Context, switch: SwitchId = "switch-1", as_json: AsJson = False) -> None:
    """List them; `lift ADDRESS` lets one in again."""
    if context.invoked_subcommand is not None:
        context.obj = switch
        return
    report = _ask(switch, AskSipEdge())
    if as_json:
        for ban in report.bans:
            typer.echo(json.dumps(msgspec.to_builtins(ban)))
        return
    table = Table("source", "why", "for another", "messages dropped")
    for ban in report.bans:
        table.add_row(ban.source, ban.why, f"{ban.rest_s:.0f} s", str(ban.dropped))
    Console().print(table if report.bans else "nobody is shut out")


@bans_app.command()
def lift(
    context: typer.Context, source: Annotated[str, typer.Argument(help="the address, or network, as it is listed")]
) -> None:
    """Let a source in again. Exit status 1 when it was not shut out."""
    lifted = _ask(str(context.obj), LiftBan(source=source)).lifted
    typer.echo(f"{source} is let in again" if lifted else f"{source} is not shut out: see `hotline bans`")
    raise typer.Exit(0 if lifted else 1)


def _ask(switch: str, question: SipEdgeQuestion) -> SipEdgeReport:
    return asyncio.run(ask_edge(settings(), switch, question))


async def ask_edge(chosen: Settings, switch: str, question: SipEdgeQuestion) -> SipEdgeReport:
    """Ask a running switch; BusError when there is none of that name."""
    link = await open_link(chosen.bus, "edge-commands", chosen.service.data_dir)
    try:
        return await NatsBus(link).request(SIP_EDGE, (switch,), question, timeout_s=ANSWER_WITHIN_S)
    except NoResponderError as error:
        raise BusError(
            f"no switch answers as {switch}",
            where="hotline trunks, hotline bans",
            remedy="start it (`hotline up`), name another with --switch; a pyvoip backend has neither trunks nor bans",
        ) from error
    finally:
        await link.close()
