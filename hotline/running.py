"""Which service runs on a data directory: one at a time, and where it is to be found."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec
import psutil

from domain.errors import ConfigError


class RunningService(msgspec.Struct, frozen=True, kw_only=True):
    """Written when everything answers. sip: host:port; web: http(s)://host:port; certificate: of https, else ""."""

    pid: int
    sip: str
    web: str
    certificate: str = ""


def _folder(data_dir: Path) -> Path:
    return data_dir / "run"


def find_service(data_dir: Path) -> RunningService | None:
    """The service that is up on this data directory and answers."""
    file = _folder(data_dir) / "service.json"
    try:
        service = msgspec.json.decode(file.read_bytes(), type=RunningService)
    except (OSError, msgspec.DecodeError):
        return None
    return service if psutil.pid_exists(service.pid) else None


class DataDirectoryLock:
    """Held by the supervisor for as long as it runs."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = _folder(data_dir)
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = (self._folder / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise ConfigError(
                f"the data directory cannot be written ({error.strerror})",
                where=str(error.filename),
                remedy="make room, give write permission, or set service.data_dir",
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigError(
                "another `hotline up` runs on this data directory",
                where=str(self._folder.parent),
                remedy="stop it first, or set another service.data_dir and other ports",
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        (self._folder / "service.json").unlink(missing_ok=True)
        if self._file is not None:
            self._file.close()

    def announce(self, sip: str, web: str, certificate: str = "") -> None:
        """Everything answers: whoever looks for us finds us."""
        service = RunningService(pid=os.getpid(), sip=sip, web=web, certificate=certificate)
        (self._folder / "service.json").write_bytes(msgspec.json.encode(service))
