"""Models that come as installed packages: their parts are joined once into the models folder and always checked."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Protocol

from domain.errors import ModelError
from models.manifest import Manifest, ModelFile, Part

Progress = Callable[[str, int, int], None]
"""Called with a file's name, its bytes done and its bytes in all."""

_BLOCK_BYTES = 1 << 20
_REINSTALL = "run `make setup` to install the model packages again, then `hotline models verify`"


def no_progress(file: str, done: int, total: int) -> None:
    """For callers who show nothing."""


def join_parts(manifest: Manifest, models_dir: Path, progress: Progress = no_progress) -> Path:
    """The folder models_dir/<name> with every file of the manifest, whole and verified by sha256.

    Files that are there and right are left alone; others are joined anew from their packages, which takes seconds.
    Several processes may do so at once. ModelError when a package is missing or its content is not what the manifest
    names, and when the disk refuses.
    """
    folder = models_dir / manifest.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for model_file in manifest.files:
            if not is_right(model_file, folder):
                _join(manifest, model_file, folder, progress)
    except OSError as error:
        raise ModelError(
            f"cannot write the model {manifest.name} ({error.strerror})",
            where=str(error.filename or folder),
            remedy="make room or give write permission there, then start again",
        ) from error
    return folder


class Listed(Protocol):
    """A file as a manifest lists it."""

    @property
    def file(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def sha256(self) -> str: ...


def is_right(listed: Listed, folder: Path) -> bool:
    """Whether `folder` holds this file with the size and sha256 of its manifest."""
    path = folder / listed.file
    if not path.is_file() or path.stat().st_size != listed.size:
        return False
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == listed.sha256


def verify_model(manifest: Manifest, models_dir: Path) -> None:
    """ModelError naming the first file that is missing or wrong; nothing is written."""
    folder = models_dir / manifest.name
    for model_file in manifest.files:
        if not is_right(model_file, folder):
            raise ModelError(
                f"{model_file.file} is missing, or not the file that the manifest of {manifest.name} names",
                where=str(folder / model_file.file),
                remedy="run `hotline models fetch`",
            )


def _join(manifest: Manifest, model_file: ModelFile, folder: Path, progress: Progress) -> None:
    digest = hashlib.sha256()
    done = 0
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{Path(model_file.file).name}.")
    try:
        with os.fdopen(handle, "wb") as target:
            for block in _blocks(manifest, model_file):
                digest.update(block)
                target.write(block)
                done += len(block)
                progress(model_file.file, done, model_file.size)
        if done != model_file.size or digest.hexdigest() != model_file.sha256:
            packages = ", ".join(sorted({part.distribution for part in model_file.parts}))
            raise ModelError(
                f"{model_file.file} of {manifest.name} is corrupted: {done} bytes with sha256 {digest.hexdigest()}, "
                f"not {model_file.size} bytes with {model_file.sha256}",
                where=packages,
                remedy=_REINSTALL,
            )
        Path(temporary).replace(folder / model_file.file)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _blocks(manifest: Manifest, model_file: ModelFile) -> Iterator[bytes]:
    for part in model_file.parts:
        with _installed(manifest, part).open("rb") as source:
            while block := source.read(_BLOCK_BYTES):
                yield block


def _installed(manifest: Manifest, part: Part) -> Path:
    try:
        path = Path(str(distribution(part.distribution).locate_file(part.path)))
    except PackageNotFoundError as error:
        raise ModelError(
            f"the package {part.distribution}, which carries the model {manifest.name}, is not installed",
            where=f"models/manifests/{manifest.name}.yaml",
            remedy=_REINSTALL,
        ) from error
    if not path.is_file():
        raise ModelError(
            f"the package {part.distribution} lacks {part.path}",
            where=str(path.parent),
            remedy=_REINSTALL,
        )
    return path
