"""`hotline users`: who may sign in at the desk."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from desk.password import hash_password
from desk.services import wall_clock_ms
from domain.errors import RefusedError
from domain.ids import new_id
from hotline.config import Settings, load_settings
from storage import audit, users
from storage.address import database_url
from storage.audit import AuditEntry
from storage.database import Database, Transaction
from storage.migration import upgrade
from storage.users import User, UserRole

T = TypeVar("T")
CONFIG_VARIABLE = "HOTLINE_CONFIG"
HIGHEST_LEVEL = 9

users_app = typer.Typer(help="Who may sign in at the desk.", no_args_is_help=True)
Username = Annotated[str, typer.Argument(help="user name; case does not matter")]


@users_app.command()
def add(
    username: Username,
    role: Annotated[UserRole, typer.Option(help="what the user may do")] = UserRole.AGENT,
    name: Annotated[str, typer.Option(help="name shown on the pages; the user name without it")] = "",
    extension: Annotated[str, typer.Option(help="the agent's telephone")] = "",
) -> None:
    """Add a user; asks for the password."""
    settings = _settings()
    password_hash = hash_password(_ask_password(settings))
    username = users.fold_username(username)
    user = User(
        id=new_id(wall_clock_ms()),
        username=username,
        display_name=name or username,
        role=role,
        agent_id=(extension or username) if role is UserRole.AGENT else "",
        extension=extension,
    )

    async def insert(tx: Transaction) -> bool:
        await _note(tx, "add_user", f"{username} {role.value}")
        return await users.add(tx, user, password_hash, wall_clock_ms())

    if not _in_database(settings, insert):
        raise RefusedError(f"'{username}' or its extension is taken", where="users", remedy="see: hotline users list")
    typer.echo(f"added {username} ({role.value})")


@users_app.command("list")
def list_users() -> None:
    """Show all users."""
    table = Table("user", "name", "role", "agent", "extension", "skills", "")
    for user in _in_database(_settings(), users.all_users):
        state = "disabled" if user.disabled else ""
        cells = (user.username, user.display_name, user.role.value, user.agent_id, user.extension, _shown(user.skills))
        table.add_row(*cells, state)
    Console().print(table)


@users_app.command()
def skills(
    username: Username,
    skill: Annotated[
        list[str] | None, typer.Argument(help="公积金=3 医保=2 …; a level of 0 takes the skill away")
    ] = None,
    auto_answer: Annotated[
        bool | None, typer.Option("--auto-answer/--no-auto-answer", help="the telephone answers by itself (headset)")
    ] = None,
) -> None:
    """Show or change what an agent can; it counts from the agent's next sign-in on."""
    settings = _settings()
    user = _find(settings, username)
    changed = {**user.skills, **dict(_skill(text) for text in skill or ())}
    kept = {name: level for name, level in changed.items() if level}
    answers = user.auto_answer if auto_answer is None else auto_answer
    if (kept, answers) != (user.skills, user.auto_answer):
        if not user.agent_id:
            raise RefusedError(f"'{user.username}' takes no calls", where="users", remedy="name an agent")

        async def change(tx: Transaction) -> None:
            await users.set_skills(tx, user.id, kept, auto_answer=answers)
            await _note(tx, "set_skills", f"{user.username} {_shown(kept)}")

        _in_database(settings, change)
    typer.echo(f"{user.username}: {_shown(kept) or 'no skills'}{', answers by itself' if answers else ''}")


def _skill(text: str) -> tuple[str, int]:
    """'公积金=3' as name and level; a name alone is level 1."""
    name, separator, level = text.partition("=")
    if not name or not (level if separator else "1").isdigit() or int(level or "1") > HIGHEST_LEVEL:
        remedy = f"write name=level with a level from 1 to {HIGHEST_LEVEL}, for example 公积金=3"
        raise RefusedError(f"'{text}' is no skill with its level", where="users skills", remedy=remedy)
    return name, int(level) if separator else 1


def _shown(skills: dict[str, int]) -> str:
    return " ".join(f"{name}={level}" for name, level in sorted(skills.items()))


@users_app.command("set-password")
def set_password(username: Username) -> None:
    """Give a user a new password; ends the user's sessions."""
    settings = _settings()
    user = _find(settings, username)
    password_hash = hash_password(_ask_password(settings))

    async def change(tx: Transaction) -> None:
        await users.set_password(tx, user.id, password_hash)
        await _note(tx, "set_password", user.username)

    _in_database(settings, change)
    typer.echo(f"password of {user.username} changed")


@users_app.command()
def disable(username: Username) -> None:
    """Let a user no longer sign in; ends the user's sessions."""
    settings = _settings()
    user = _find(settings, username)

    async def change(tx: Transaction) -> None:
        await users.disable(tx, user.id)
        await _note(tx, "disable_user", user.username)

    _in_database(settings, change)
    typer.echo(f"{user.username} is disabled")


def _settings() -> Settings:
    """Of the file that the command line has chosen for all commands."""
    file = os.environ.get(CONFIG_VARIABLE)
    return load_settings(Path(file) if file else None)


def _ask_password(settings: Settings) -> str:
    shortest = settings.desk.minimum_password_length
    password: str = typer.prompt("password", hide_input=True, confirmation_prompt=True)
    if len(password) < shortest:
        raise RefusedError(
            f"a password of {len(password)} characters is too short",
            where="desk.minimum_password_length",
            remedy=f"choose one of at least {shortest}",
        )
    return password


def _find(settings: Settings, username: str) -> User:
    credential = _in_database(settings, lambda tx: users.credential(tx, username))
    if credential is None:
        raise RefusedError(f"there is no user '{username}'", where="users", remedy="see: hotline users list")
    return credential.user


def _in_database(settings: Settings, work: Callable[[Transaction], Awaitable[T]]) -> T:
    """Do `work` in one transaction; the tables are brought up to date first."""
    url = database_url(settings.storage, settings.service.data_dir)
    upgrade(url)

    async def connected() -> T:
        database = Database(url, settings.storage)
        try:
            async with database.write() as tx:
                return await work(tx)
        finally:
            await database.close()

    return asyncio.run(connected())


async def _note(tx: Transaction, action: str, detail: str) -> None:
    entry = AuditEntry(at_ms=wall_clock_ms(), user_id="command line", action=action, detail=detail, source="local")
    await audit.add(tx, entry)
