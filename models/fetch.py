"""Puts a published model into the models folder: downloaded or brought by hand, checked, unpacked, then in one step."""

import contextlib
import hashlib
import shutil
from pathlib import Path

import msgspec

from domain.errors import ModelError
from models.archive import is_archive, unpack
from models.download import check_content, download
from models.package_parts import Progress, no_progress
from models.published_model import RECORD, Download, FetchedFile, PublishedModel, check_files, verify_published


def fetch_published(
    model: PublishedModel,
    models_dir: Path,
    progress: Progress = no_progress,
    *,
    mirror: str = "",
    source: Path | None = None,
) -> Path:
    """The folder models_dir/<name>; what is there and right is left alone.

    mirror: an address below which the files lie as <mirror>/<name>/<file>, instead of their makers'. source: the
    archive itself, or a folder with the files, instead of a network. ModelError says what is wrong and what to do.
    """
    with contextlib.suppress(ModelError):  # not there, or damaged: that is what fetching mends
        return verify_published(model, models_dir)
    incoming, staging = models_dir / f".{model.name}.parts", models_dir / f".{model.name}.fetching"
    try:
        incoming.mkdir(parents=True, exist_ok=True)
        _check_room(model, models_dir)
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        files = _gathered(model, incoming, mirror, progress, source)
        try:
            _assemble(model, files, staging, progress, source)
        except ModelError:
            shutil.rmtree(incoming)  # the content is wrong: it shall not be taken for right the next time
            raise
        folder = _into_place(model, staging, models_dir)
        shutil.rmtree(incoming)
    except OSError as error:
        raise ModelError(
            f"cannot write the model {model.name} ({error.strerror or error})",
            where=str(error.filename or models_dir),
            remedy="make room or give write permission there, then fetch again: what came is kept",
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return folder


def _gathered(
    model: PublishedModel, incoming: Path, mirror: str, progress: Progress, source: Path | None
) -> list[Path]:
    """The published files, brought by hand or downloaded."""
    return [
        _brought(wanted, source) if source else _downloaded(model, wanted, incoming, mirror, progress)
        for wanted in model.downloads
    ]


def _assemble(model: PublishedModel, files: list[Path], staging: Path, progress: Progress, source: Path | None) -> None:
    """The files put, or unpacked, into staging and checked there."""
    for file in files:
        _put(file, staging, progress, keep=source is not None)
    check_files(model, staging, str(source or model.source))


def _into_place(model: PublishedModel, staging: Path, models_dir: Path) -> Path:
    """The checked files in the model's folder, with a record of what they are, instead of what was there."""
    folder = models_dir / model.name
    (staging / RECORD).write_bytes(msgspec.json.encode(_record(staging)))
    shutil.rmtree(folder, ignore_errors=True)
    staging.replace(folder)
    return folder


def _check_room(model: PublishedModel, models_dir: Path) -> None:
    free = shutil.disk_usage(models_dir).free
    if free < model.megabytes * 1e6:
        raise ModelError(
            f"{model.name} has {model.megabytes:.0f} MB, {free / 1e6:.0f} MB are free",
            where=str(models_dir),
            remedy="make room, or set [service] data_dir to a larger disk",
        )


def _brought(wanted: Download, source: Path) -> Path:
    file = source / wanted.file if source.is_dir() else source
    if not file.is_file():
        raise ModelError("no such file", where=str(file), remedy=f"it is published as {wanted.url}")
    if is_archive(wanted.file) and not is_archive(file.name):
        raise ModelError("not an archive by its name", where=str(file), remedy=f"bring {wanted.file} as published")
    check_content(file, str(file), size=wanted.size, sha256=wanted.sha256)
    return file


def _downloaded(model: PublishedModel, wanted: Download, incoming: Path, mirror: str, progress: Progress) -> Path:
    target = incoming / wanted.file
    if not target.exists():
        url = f"{mirror.rstrip('/')}/{model.name}/{wanted.file}" if mirror else wanted.url
        download(url, target, progress, size=wanted.size, sha256=wanted.sha256)
    return target


def _put(file: Path, staging: Path, progress: Progress, *, keep: bool) -> None:
    if is_archive(file.name):
        unpack(file, staging, progress)
    elif keep:
        shutil.copyfile(file, staging / file.name)
    else:
        shutil.move(file, staging / file.name)


def _record(folder: Path) -> list[FetchedFile]:
    files = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        files.append(FetchedFile(file=str(path.relative_to(folder)), size=path.stat().st_size, sha256=digest))
    return files
