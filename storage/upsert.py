"""Insert that is harmless when the row is there already: what makes applying an event twice harmless."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from storage.database import Transaction

Values = Mapping[str, Any]


def _insert(tx: Transaction, table: Table) -> "sqlite.Insert | postgresql.Insert":
    return sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)


def _said(table: Table, statement: "sqlite.Insert | postgresql.Insert") -> "ReturningInsert[Any]":
    """With the key of the row that was written: the drivers do not agree on counting rows."""
    return statement.returning(*table.primary_key.columns)


async def insert_new(tx: Transaction, table: Table, values: Values) -> bool:
    """Insert unless a row with the same key is there; True when it was inserted."""
    statement = _insert(tx, table).values(**values).on_conflict_do_nothing()
    return (await tx.execute(_said(table, statement))).first() is not None


async def upsert(
    tx: Transaction, table: Table, values: Values, *, keys: Sequence[str], newer_by: str | None = None
) -> bool:
    """Insert, or replace the row with the same `keys`; with `newer_by` only when that column rises.

    True when the row was inserted or replaced.
    """
    statement = _insert(tx, table).values(**values)
    fresh = {name: statement.excluded[name] for name in values if name not in keys}
    only: ColumnElement[bool] | None = None
    if newer_by is not None:
        only = statement.excluded[newer_by] > table.c[newer_by]
    statement = statement.on_conflict_do_update(index_elements=list(keys), set_=fresh, where=only)
    return (await tx.execute(_said(table, statement))).first() is not None
