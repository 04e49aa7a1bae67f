"""The tables after all steps are the tables of the program, on both servers."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from domain.errors import StorageError
from storage.address import sync_url
from storage.migration import is_current, upgrade
from storage.tables import metadata


def test_the_steps_lead_to_the_tables_of_the_program(url):
    engine = create_engine(sync_url(url))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
    assert is_current(url)


def test_a_second_upgrade_changes_nothing(url):
    upgrade(url)
    assert is_current(url)


def test_a_database_of_a_newer_program_is_refused(url):
    engine = create_engine(sync_url(url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StorageError, match="version 9999") as caught:
        upgrade(url)
    assert "newer program" in caught.value.remedy


def test_a_file_that_is_no_database_is_refused_with_its_name(tmp_path):
    file = tmp_path / "hotline.sqlite"
    file.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(StorageError, match="not a database") as caught:
        upgrade(f"sqlite:///{file}")
    assert str(file) in caught.value.where


def test_an_address_of_an_unknown_kind_is_refused():
    with pytest.raises(StorageError, match="not understood"):
        upgrade("oracle://somewhere/else")


def test_a_postgresql_that_is_away_is_named_without_its_password():
    with pytest.raises(StorageError) as caught:
        upgrade("postgresql://hotline:secret@/hotline?host=/nowhere")
    assert "secret" not in str(caught.value)
