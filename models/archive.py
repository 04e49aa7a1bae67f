"""Archives of models, unpacked with distrust: no path leaves the folder, no link or device is made."""

import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from domain.errors import ModelError
from models.package_parts import Progress

_ENDINGS = (".zip", ".tar.bz2", ".tar.gz", ".tgz", ".tar")
_REMEDY = "fetch it again, or from another place"
Entry = tuple[str, int, IO[bytes]]
"""Name in the archive, size in bytes, content."""


def is_archive(file: str) -> bool:
    """Whether a file of this name is to be unpacked."""
    return file.endswith(_ENDINGS)


def unpack(archive: Path, folder: Path, progress: Progress) -> None:
    """The archive's files in `folder`, which is empty, without the one folder that they may all lie in.

    ModelError when it is none, is damaged, does not fit, or has a name that would leave the folder; OSError when the
    disk refuses. What was unpacked until then stays: the caller throws the folder away.
    """
    free, done = shutil.disk_usage(folder).free, 0
    try:
        for name, size, content in _entries(archive):
            target = folder / _safe(name, archive)
            done += size
            if done > free:
                raise ModelError(f"more than {free / 1e6:.0f} MB to unpack", where=str(folder), remedy="make room")
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as stream:
                shutil.copyfileobj(content, stream, 1 << 20)
            progress(f"unpacking {target.name}", done, done)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, NotImplementedError) as error:
        raise ModelError(f"not a whole archive: {error}", where=str(archive), remedy=_REMEDY) from error
    except OSError as error:
        if error.errno is None:  # bz2 and gzip say so what is no archive of theirs
            raise ModelError(f"not a whole archive: {error}", where=str(archive), remedy=_REMEDY) from error
        raise
    _lift(archive, folder)


def _safe(name: str, archive: Path) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or not path.parts:
        raise ModelError(f"a file in it would leave the folder: {name!r}", where=str(archive), remedy=_REMEDY)
    return path


def _lift(archive: Path, folder: Path) -> None:
    """Files that all lie in one folder are put in its place."""
    tops = list(folder.iterdir())
    if not tops:
        raise ModelError("the archive is empty", where=str(archive), remedy=_REMEDY)
    if len(tops) == 1 and tops[0].is_dir():
        top = tops[0].rename(folder / ".top")
        for path in top.iterdir():
            path.rename(folder / path.name)
        top.rmdir()


def _entries(archive: Path) -> Iterator[Entry]:
    """The regular files; everything else is passed over."""
    if archive.name.endswith(".zip"):
        with zipfile.ZipFile(archive) as packed:
            for info in packed.infolist():
                is_link = info.external_attr >> 28 == 0xA
                if not info.is_dir() and not is_link:
                    with packed.open(info) as content:
                        yield info.filename, info.file_size, content
        return
    with tarfile.open(archive) as tape:
        for member in tape:
            content_of = tape.extractfile(member) if member.isreg() else None
            if content_of is not None:
                yield member.name.removeprefix("./"), member.size, content_of
