"""Models that come inside a Debian package: fetched once at set-up, unpacked into the models folder, always checked.

Nothing of the package is installed: only the named files are taken out. They make recognition better and are not
needed for it, so a machine that is no Debian goes without.
"""

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

from domain.errors import ModelError
from models.npm_package import NpmManifest, PackedFile, put_file, read_packed_manifest, verify_packed
from models.package_parts import Progress, is_right, no_progress

DEBIAN_MANIFESTS_DIR = Path(__file__).parent / "debian"
_TIMEOUT_S = 300.0
_REMEDY = (
    "run `hotline models fetch` on Debian with a network; without one, put the package's .deb (made by `apt-get "
    "download`) on this machine and run `hotline models fetch --deb-archive FILE`"
)


class DebManifest(NpmManifest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model in a Debian package of this version; `member` may have wildcards, and matches one file."""


def deb_manifest(name: str) -> DebManifest:
    """The manifest models/debian/`name`.yaml; ModelError when it is missing or wrong."""
    return read_packed_manifest(DEBIAN_MANIFESTS_DIR / f"{name}.yaml", DebManifest)


def all_deb_manifests() -> list[DebManifest]:
    """Every manifest, by name."""
    return [deb_manifest(file.stem) for file in sorted(DEBIAN_MANIFESTS_DIR.glob("*.yaml"))]


def verify_deb(manifest: DebManifest, models_dir: Path) -> Path:
    """The model's folder, every file checked; ModelError naming the first that is missing or wrong."""
    return verify_packed(manifest, models_dir, _REMEDY)


def fetch_deb(
    manifest: DebManifest, models_dir: Path, progress: Progress = no_progress, *, archive: Path | None = None
) -> Path:
    """The folder models_dir/<name> with every file, verified; what is there and right is left alone.

    archive: the .deb; without it apt is asked, which needs a network. ModelError names what is missing.
    """
    folder = models_dir / manifest.name
    if all(is_right(packed, folder) for packed in manifest.files):
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            _unpack(manifest, archive or _download(manifest, Path(scratch)), folder, progress)
    except OSError as error:
        raise ModelError(
            f"cannot write the model {manifest.name} ({error.strerror})",
            where=str(error.filename or folder),
            remedy="make room or give write permission there, then fetch again",
        ) from error
    return folder


def _download(manifest: DebManifest, scratch: Path) -> Path:
    wanted = f"{manifest.package}={manifest.version}"
    try:
        _run("apt-get", "-q", "download", wanted, cwd=scratch)
    except ModelError:
        if os.geteuid() != 0:
            raise
        _run("apt-get", "-q", "update", cwd=scratch)
        _run("apt-get", "-q", "download", wanted, cwd=scratch)
    archives = list(scratch.glob("*.deb"))
    if not archives:
        raise ModelError("apt left no package", where=f"apt-get download {wanted}", remedy=_REMEDY)
    return archives[0]


def _run(program: str, *arguments: str, cwd: Path) -> None:
    command = " ".join((program, *arguments))
    path = shutil.which(program)
    if path is None:
        raise ModelError(f"{program} is not installed", where="PATH", remedy=_REMEDY)
    try:
        subprocess.run((path, *arguments), check=True, capture_output=True, cwd=cwd, timeout=_TIMEOUT_S)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"no answer in {_TIMEOUT_S:.0f} s", where=command, remedy=_REMEDY) from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        reason = said[-1] if said else f"exit status {error.returncode}"
        raise ModelError(f"it failed: {reason}", where=command, remedy=_REMEDY) from error


def _unpack(manifest: DebManifest, archive: Path, folder: Path, progress: Progress) -> None:
    total = sum(packed.size for packed in manifest.files)
    done = 0
    try:
        with _contents(archive) as contents:
            for member in contents:
                packed = _wanted(manifest, member.name)
                content = contents.extractfile(member) if packed else None
                if packed is None or content is None:
                    continue
                put_file(packed, content.read(packed.size + 1), folder, archive, _REMEDY)
                done += packed.size
                progress(packed.file, done, total)
    except tarfile.TarError as error:
        raise ModelError(f"not the package {manifest.package}: {error}", where=str(archive), remedy=_REMEDY) from error
    if done != total:
        raise ModelError(f"it lacks files of {manifest.name}", where=str(archive), remedy=_REMEDY)


def _wanted(manifest: DebManifest, member: str) -> PackedFile | None:
    return next((packed for packed in manifest.files if fnmatch(member, packed.member)), None)


@contextmanager
def _contents(archive: Path) -> Iterator[tarfile.TarFile]:
    """The files in a .deb, as dpkg-deb tells them."""
    unpacker = shutil.which("dpkg-deb")
    if unpacker is None:
        raise ModelError("dpkg-deb is not installed", where="PATH", remedy=_REMEDY)
    command = (unpacker, "--fsys-tarfile", str(archive))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        if process.stdout is None:
            raise ModelError("dpkg-deb gives no output", where=str(archive), remedy=_REMEDY)
        with tarfile.open(fileobj=process.stdout, mode="r|") as contents:
            yield contents
