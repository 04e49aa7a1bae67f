"""A database that refuses says what to do, and never what it was asked to store."""

import sqlite3

import pytest

from domain.errors import StorageError
from storage import users
from storage.address import async_url, database_url
from storage.database import Database
from storage.migration import upgrade
from storage.settings import StorageSettings
from storage.users import User, UserRole

SOMEBODY = User(id="u", username="somebody", display_name="王小明", role=UserRole.QA)


@pytest.fixture
async def file(tmp_path):
    upgrade(f"sqlite:///{tmp_path / 'h.sqlite'}")
    return tmp_path / "h.sqlite"


async def test_a_locked_database_is_waited_for_and_then_named(file):
    database = Database(f"sqlite:///{file}", StorageSettings(busy_timeout_ms=100))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked") as caught:
        async with database.write() as tx:
            await users.add(tx, SOMEBODY, "hash", 0)
    assert "other process" in caught.value.remedy
    async with database.read() as tx:
        assert await users.all_users(tx) == []
    other.execute("ROLLBACK")
    async with database.write() as tx:
        assert await users.add(tx, SOMEBODY, "hash", 0)
    await database.close()


async def test_a_full_disk_is_named_and_nothing_personal_with_it(file):
    database = Database(f"sqlite:///{file}", StorageSettings(pool_size=1))
    async with database.read() as tx:
        await tx.exec_driver_sql("PRAGMA max_page_count=1")  # SQLite's own words for a disk without room

    async def store_much() -> None:
        async with database.write() as tx:
            for number in range(1000):
                somebody = User(id=f"u{number}", username=f"n{number}", display_name="王小明" * 20, role=UserRole.QA)
                await users.add(tx, somebody, "hash" * 60, 0)

    with pytest.raises(StorageError, match="full") as caught:
        await store_much()
    assert "free space" in caught.value.remedy
    assert "王小明" not in str(caught.value)
    await database.close()


async def test_tables_that_are_missing_say_how_to_make_them(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    with pytest.raises(StorageError) as caught:
        async with database.read() as tx:
            await users.all_users(tx)
    assert "hotline up" in caught.value.remedy
    await database.close()


async def test_postgresql_that_is_away_is_a_storage_error():
    database = Database("postgresql://hotline:secret@/hotline?host=/nowhere")
    with pytest.raises(StorageError) as caught:
        async with database.read() as tx:
            await users.all_users(tx)
    assert "secret" not in str(caught.value)
    await database.close()


def test_without_an_address_it_is_a_file_in_the_data_directory(tmp_path):
    url = database_url(StorageSettings(), tmp_path / "var")
    assert url == f"sqlite:///{tmp_path}/var/db/hotline.sqlite"
    assert (tmp_path / "var" / "db").is_dir()
    assert async_url(url).drivername == "sqlite+aiosqlite"
    assert async_url("postgresql://h/d").drivername == "postgresql+psycopg"
