"""Where the database is: one address, spelled for each driver."""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from domain.errors import StorageError
from storage.settings import StorageSettings

_ASYNC_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
_SYNC_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


def database_url(settings: StorageSettings, data_dir: Path) -> str:
    """The configured database, or SQLite in `data_dir`/db/hotline.sqlite, whose folder is created."""
    if settings.url:
        return settings.url
    folder = data_dir / "db"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"cannot create the database's folder ({error.strerror})",
            where=str(folder),
            remedy="make service.data_dir writable, or choose another",
        ) from error
    return f"sqlite:///{(folder / 'hotline.sqlite').absolute()}"


def async_url(url: str) -> URL:
    """The same address for the service's own connections."""
    return _with_driver(url, _ASYNC_DRIVERS)


def sync_url(url: str) -> URL:
    """The same address for migrations."""
    return _with_driver(url, _SYNC_DRIVERS)


def _with_driver(url: str, drivers: dict[str, str]) -> URL:
    try:
        parsed = make_url(url)
        return parsed.set(drivername=drivers[parsed.get_backend_name()])
    except (ArgumentError, KeyError) as error:
        raise StorageError(
            "the database address is not understood",
            where="storage.url",
            remedy="write postgresql://user:password@host/database, sqlite:////absolute/file, or leave it empty",
        ) from error
