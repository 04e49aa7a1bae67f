"""Bring a database's tables up to date (Alembic)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from domain.errors import StorageError
from storage.address import sync_url

_LOCK = 12345_0001
"""Advisory lock of PostgreSQL, so that several processes may start at once."""


def upgrade(url: str) -> None:
    """Apply what is missing; harmless when nothing is. Blocks for as long as it takes.

    Raises StorageError when the database cannot be reached, or is newer than this program.
    """
    with _connection(url) as connection:
        config = _config(connection)
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        present = MigrationContext.configure(connection).get_current_revision()
        if present is not None and present not in known:
            raise StorageError(
                f"the database is of version {present}, which this program does not know",
                where=_where(url),
                remedy="start the newer program that made it, or name another database",
            )
        command.upgrade(config, "head")
        connection.commit()


def is_current(url: str) -> bool:
    """Whether every step has been applied."""
    with _connection(url) as connection:
        head = ScriptDirectory.from_config(_config(connection)).get_current_head()
        return MigrationContext.configure(connection).get_current_revision() == head


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _where(url: str) -> str:
    return sync_url(url).render_as_string(hide_password=True)


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    engine = create_engine(sync_url(url), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                # Kept in the file; switching later would need the file to be free of other users.
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
                connection.commit()
            yield connection
    except (SQLAlchemyError, OSError) as error:
        words = str(getattr(error, "orig", None) or error).strip().splitlines()
        raise StorageError(
            f"cannot prepare the database: {words[0] if words else error}",
            where=_where(url),
            remedy="see that it runs, is writable, and that storage.url is right",
        ) from error
    finally:
        engine.dispose()
