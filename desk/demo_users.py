"""Users for trying it out: four agents, a leader, a quality inspector, an admin, each with a password of chance."""

import asyncio
import os
from pathlib import Path

import msgspec

from desk.password import generate_password, hash_password
from desk.services import wall_clock_ms
from domain.errors import StorageError
from domain.ids import new_id
from storage import users
from storage.database import Database
from storage.users import User, UserRole

CREDENTIALS_FILE = "demo_credentials.json"
_PEOPLE = (
    ("8001", "林晓梅", UserRole.AGENT),
    ("8002", "周建国", UserRole.AGENT),
    ("8003", "何雨桐", UserRole.AGENT),
    ("8004", "赵志强", UserRole.AGENT),
    ("leader", "陈班长", UserRole.LEADER),
    ("qa", "孙质检", UserRole.QA),
    ("admin", "系统管理员", UserRole.ADMIN),
)


async def ensure_demo_users(database: Database, data_dir: Path) -> list[tuple[str, str, str]]:
    """(user name, password, role) of each; the same ones whenever it is called again.

    The passwords are kept in `data_dir`/demo_credentials.json, readable by its owner only; without that file new ones
    are made.
    """
    file = data_dir / CREDENTIALS_FILE
    known = await asyncio.to_thread(_read, file)
    passwords = {name: known.get(name) or generate_password() for name, _, _ in _PEOPLE}
    async with database.read() as tx:
        there = {user.username: user for user in await users.all_users(tx)}
    stale = [name for name, _, _ in _PEOPLE if name not in there or name not in known]
    if not stale:
        return [(name, passwords[name], role.value) for name, _, role in _PEOPLE]
    await asyncio.to_thread(_write, file, passwords)
    hashes = {name: await asyncio.to_thread(hash_password, passwords[name]) for name in stale}
    async with database.write() as tx:
        for name, display_name, role in _PEOPLE:
            if name not in stale:
                continue
            if name in there:
                await users.set_password(tx, there[name].id, hashes[name])
            else:
                await users.add(tx, _user(name, display_name, role), hashes[name], wall_clock_ms())
    return [(name, passwords[name], role.value) for name, _, role in _PEOPLE]


def _user(name: str, display_name: str, role: UserRole) -> User:
    number = name if role is UserRole.AGENT else ""
    return User(
        id=new_id(wall_clock_ms()),
        username=name,
        display_name=display_name,
        role=role,
        agent_id=number,
        extension=number,
    )


def _read(file: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        raise StorageError(
            "the demo's passwords cannot be read", where=str(file), remedy="delete the file; new ones will be made"
        ) from error


def _write(file: Path, passwords: dict[str, str]) -> None:
    draft = file.with_suffix(".tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(msgspec.json.format(msgspec.json.encode(passwords)))
        draft.replace(file)
    except OSError as error:
        raise StorageError(
            f"the demo's passwords cannot be kept ({error.strerror})",
            where=str(file),
            remedy="make service.data_dir writable",
        ) from error
