"""`hotline flow`: the IVR flow, checked, tried and drawn without a call."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from domain.errors import FlowError
from hotline.commands import settings
from ivr_flows.flow_case import cases_beside, read_flow_cases, run_flow_case
from ivr_flows.flow_file import default_flow_path, load_flow, read_flow
from ivr_flows.graph import mermaid, page
from ivr_flows.lint import Severity
from ivr_flows.lint import lint as lint_flow

flow_app = typer.Typer(no_args_is_help=True, help="The flow that callers meet before a person.")
console = Console(highlight=False, soft_wrap=True)

FlowFile = Annotated[Path | None, typer.Argument(help="a flow file; without it the one of hotline.toml")]


def _file(file: Path | None) -> Path:
    return file or settings().ivr_flows.file or default_flow_path()


@flow_app.command()
def lint(file: FlowFile = None) -> None:
    """Say what is wrong (exit status 1) or unwise, with file and line."""
    findings = lint_flow(read_flow(_file(file)))
    for finding in findings:
        colour = "red" if finding.severity is Severity.ERROR else "yellow"
        console.print(f"{finding.where}: [{colour}]{finding.severity}[/]: {finding.what}; what to do: {finding.remedy}")
    if not findings:
        console.print("nothing to find")
    raise typer.Exit(1 if any(finding.severity is Severity.ERROR for finding in findings) else 0)


@flow_app.command(name="test")
def try_cases(file: FlowFile = None) -> None:
    """Run the flow's tests (NAME.test.yaml beside it) on a virtual clock; exit status 1 when one fails."""
    chosen = _file(file)
    flow = load_flow(chosen)
    cases = cases_beside(chosen)
    if not cases.exists():
        raise FlowError("the flow has no tests", where=str(cases), remedy="write them; see default.test.yaml")
    results = [run_flow_case(flow, case) for case in read_flow_cases(cases)]
    for result in results:
        console.print(
            f"[red]failed[/] {result.name}: {result.failure}" if result.failure else f"[green]ok[/] {result.name}"
        )
    raise typer.Exit(1 if any(result.failure for result in results) else 0)


@flow_app.command()
def graph(
    file: FlowFile = None,
    page_file: Annotated[Path | None, typer.Option("--page", help="write a Markdown page for docs/ here")] = None,
) -> None:
    """Draw the flow as a Mermaid graph."""
    chosen = _file(file)
    flow = load_flow(chosen)
    if page_file is None:
        typer.echo(mermaid(flow))
        return
    source = f"ivr_flows/flows/{chosen.name}" if chosen == default_flow_path() else chosen.name
    page_file.write_text(page(flow, source), encoding="utf-8")
