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
    """The archive's files in `folder`, without the one folder that they may all lie in. ModelError when it is none,
    is damaged, or has a name that would leave the folder; OSError when the disk refuses."""
    try:
        top, total = _surveyed(archive)
        done = 0
        for name, size, content in _entries(archive):
            target = folder / PurePosixPath(name).relative_to(top)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as stream:
                shutil.copyfileobj(content, stream, 1 << 20)
            done += size
            progress(f"unpacking {target.name}", done, total)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, NotImplementedError) as error:
        raise ModelError(f"not a whole archive: {error}", where=str(archive), remedy=_REMEDY) from error
    except OSError as error:
        if error.errno is None:  # bz2 and gzip say so what is no archive of theirs
            raise ModelError(f"not a whole archive: {error}", where=str(archive), remedy=_REMEDY) from error
        raise


def _surveyed(archive: Path) -> tuple[PurePosixPath, int]:
    """The folder that all files lie in ("." when there is none), and their size. Every name is looked at first."""
    tops: set[str] = set()
    total, flat = 0, False
    for name, size, _ in _entries(archive):
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or not path.parts:
            raise ModelError(f"a file in it would leave the folder: {name!r}", where=str(archive), remedy=_REMEDY)
        tops.add(path.parts[0])
        flat = flat or len(path.parts) == 1
        total += size
    if not tops:
        raise ModelError("the archive is empty", where=str(archive), remedy=_REMEDY)
    free = shutil.disk_usage(archive.parent).free
    if total > free:
        raise ModelError(
            f"{total / 1e6:.0f} MB to unpack, {free / 1e6:.0f} MB free", where=str(archive.parent), remedy="make room"
        )
    return PurePosixPath("." if flat or len(tops) > 1 else tops.pop()), total


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
