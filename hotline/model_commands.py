"""`hotline models`: the speech models, with licence and sha256."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn
from rich.progress import Progress as Bars
from rich.table import Table

from domain.errors import ModelError
from hotline.commands import settings
from hotline.prompts import models_dir
from models.manifest import ModelFile, all_manifests
from models.npm_package import PackedFile, all_npm_manifests, fetch_packed, verify_packed
from models.package_parts import Progress, join_parts, verify_model

models_app = typer.Typer(no_args_is_help=True, help="The speech models on this machine.")
console = Console(highlight=False)


def _folder() -> Path:
    return models_dir(settings().service.data_dir)


@models_app.command(name="list")
def list_models() -> None:
    """Every model: version, licence, size, and whether it is here and right."""
    folder = _folder()
    table = Table("model", "version", "licence", "MB", "here", "from")
    for manifest in all_manifests():
        size = sum(file.size for file in manifest.files)
        here = _has(folder / manifest.name, manifest.files)
        table.add_row(*_row(manifest.name, manifest.version, manifest.licence, size, here), manifest.source)
    for packed in all_npm_manifests():
        size = sum(file.size for file in packed.files)
        here = _has(folder / packed.name, packed.files)
        table.add_row(*_row(packed.name, packed.version, packed.licence, size, here), packed.source)
    console.print(table)


def _has(folder: Path, files: Iterable[ModelFile | PackedFile]) -> bool:
    """Whether every file is there in its full size; `verify` reads them."""
    paths = [(folder / file.file, file.size) for file in files]
    return all(path.is_file() and path.stat().st_size == size for path, size in paths)


def _row(name: str, version: str, licence: str, size: int, here: bool) -> tuple[str, ...]:
    return name, version, licence, f"{size / 1e6:.1f}", "yes" if here else "no"


@models_app.command()
def verify() -> None:
    """Check the sha256 of every file of every model; exit status 1 when one is missing or wrong."""
    folder = _folder()
    wrong = 0
    for manifest in all_manifests():
        try:
            verify_model(manifest, folder)
            console.print(f"[green]right[/] {manifest.name}")
        except ModelError as error:
            wrong += 1
            console.print(f"[red]wrong[/] {error}")
    for packed in all_npm_manifests():
        try:
            verify_packed(packed, folder)
            console.print(f"[green]right[/] {packed.name}")
        except ModelError as error:
            wrong += 1
            console.print(f"[red]wrong[/] {error}")
    raise typer.Exit(1 if wrong else 0)


@models_app.command()
def fetch(
    npm_archive: Annotated[
        Path | None, typer.Option("--npm-archive", help="kokoro-js-1.2.1.tgz, for a machine without a network")
    ] = None,
) -> None:
    """Put every model in its place: joined from the installed packages, the voices fetched with npm. Set-up only."""
    folder = _folder()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Bars(*columns, console=console) as bars:
        for manifest in all_manifests():
            join_parts(manifest, folder, _shown(bars, manifest.name))
        for packed in all_npm_manifests():
            fetch_packed(packed, folder, _shown(bars, packed.name), archive=npm_archive)
    console.print(f"the models are in {folder}")


def _shown(bars: Bars, model: str) -> Progress:
    """One bar for the model, told of its files."""
    task = bars.add_task(model, total=None)

    def show(file: str, done: int, total: int) -> None:
        bars.update(task, description=f"{model} {file}", completed=done, total=total)

    return show
