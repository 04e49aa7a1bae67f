"""Who did what, as the service's own database has it."""

import sqlite3
from pathlib import Path


def audited(data_dir: Path, columns: str, where: str, *given: str) -> list[tuple[str, ...]]:
    """These columns of `audit` and `users` of the rows for which `where` holds; given: what its question marks mean."""
    query = f"SELECT {columns} FROM audit JOIN users ON users.id = audit.user_id WHERE {where}"
    connection = sqlite3.connect(f"file:{data_dir / 'db' / 'hotline.sqlite'}?mode=ro", uri=True)
    try:
        return [tuple(row) for row in connection.execute(query, given)]
    finally:
        connection.close()
