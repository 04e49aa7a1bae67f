"""The engine: transactions that either happen or raise StorageError with what to do."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from domain.errors import StorageError
from storage.address import async_url
from storage.settings import StorageSettings

Transaction = AsyncConnection
"""What the tables' modules take as their first argument."""

_WRITES = "hotline_writes"


class Database:
    """SQLite (WAL) or PostgreSQL. Lives on one event loop."""

    def __init__(self, url: str, settings: StorageSettings | None = None) -> None:
        settings = settings or StorageSettings()
        address = async_url(url)
        self._where = address.render_as_string(hide_password=True)
        options: dict[str, Any] = {"pool_size": settings.pool_size, "max_overflow": settings.pool_size}
        if address.get_backend_name() == "postgresql":
            options["pool_pre_ping"] = True
            options["connect_args"] = {"connect_timeout": 5}
        self._engine = create_async_engine(address, pool_timeout=settings.busy_timeout_ms / 1000, **options)
        if address.get_backend_name() == "sqlite":
            _prepare_sqlite(self._engine, settings.busy_timeout_ms)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """A transaction that only reads: one consistent state."""
        with self._explained():
            async with self._engine.connect() as connection, connection.begin():
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """A transaction that commits when the block ends, and leaves no trace when it raises."""
        with self._explained():
            async with self._engine.connect() as connection:
                await connection.execution_options(**{_WRITES: True})
                async with connection.begin():
                    yield connection

    async def close(self) -> None:
        await self._engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            raise StorageError(_what(error), where=self._where, remedy=_remedy(error)) from error


def _what(error: Exception) -> str:
    # The driver's own words: SQLAlchemy's would carry the statement's parameters, which are personal data.
    words = str(getattr(error, "orig", None) or error).strip().splitlines()
    return f"the database refused: {words[0] if words else type(error).__name__}"


def _remedy(error: Exception) -> str:
    text = str(getattr(error, "orig", None) or error).lower()
    if "full" in text or "no space" in text:
        return "free space on the disk of the data directory"
    if "no such table" in text or ("relation" in text and "does not exist" in text):
        return "start `hotline up` or `hotline run desk` once, which brings the tables up to date"
    if "locked" in text or isinstance(error, PoolTimeoutError):
        return "see which other process holds the database; events wait and are applied later"
    if isinstance(error, IntegrityError):
        return "the record exists already, or names one that does not"
    return "see that the database runs and is writable; events wait and are applied later"


def _prepare_sqlite(engine: AsyncEngine, busy_timeout_ms: int) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={busy_timeout_ms}",
            "synchronous=NORMAL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A write takes its lock at once: upgrading a read lock later can only fail, never wait.
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
