"""Both databases: SQLite in a file, and a private PostgreSQL that is reachable by its Unix socket only."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from storage.database import Database
from storage.migration import upgrade


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return Path(there).parent if there else None


def _owner() -> dict[str, str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    return {"user": "postgres" if "postgres" in names else "nobody"}


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The folder of the server's socket; in it a database `pattern` with all tables."""
    binaries = _binaries()
    if binaries is None:
        reason = "no PostgreSQL server here; install Debian's postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
    if owner:
        shutil.chown(folder, **owner)
    data = folder / "data"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder, **owner}
    subprocess.run([binaries / "initdb", "-D", data, "-U", "hotline", "-A", "trust", "--no-sync"], **quiet)
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    control = [binaries / "pg_ctl", "-D", data, "-w"]
    subprocess.run([*control, "-l", folder / "log", "-o", options, "start"], **quiet)
    try:
        _administer(folder, "CREATE DATABASE pattern")
        upgrade(_url(folder, "pattern"))
        yield str(folder)
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(folder)


def _administer(folder: Path | str, statement: str) -> None:
    with psycopg.connect(host=str(folder), dbname="postgres", user="hotline", autocommit=True) as connection:
        connection.execute(statement)


def _url(folder: Path | str, name: str) -> str:
    return f"postgresql://hotline@/{name}?host={folder}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An own database with all tables, on each server."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'hotline.sqlite'}"
        upgrade(address)
        yield address
        return
    folder = request.getfixturevalue("postgresql")
    name = f"test_{uuid4().hex}"
    _administer(folder, f"CREATE DATABASE {name} TEMPLATE pattern")
    yield _url(folder, name)
    _administer(folder, f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def _open(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with _open(url) as opened:
        yield opened
