"""Users (人员): who may sign in, as what."""

from enum import StrEnum

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.engine import RowMapping

from storage.database import Transaction
from storage.tables import sessions, users
from storage.upsert import insert_new


class UserRole(StrEnum):
    """坐席, 班长, 质检, 管理员."""

    AGENT = "agent"
    LEADER = "leader"
    QA = "qa"
    ADMIN = "admin"


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may sign in. username: lower case; agent_id, extension: empty for those who take no calls.

    skills: name → level (1 … 9) for the queue. auto_answer: their telephone is asked to answer by itself.
    """

    id: str
    username: str
    display_name: str
    role: UserRole
    agent_id: str = ""
    extension: str = ""
    disabled: bool = False
    skills: dict[str, int] = {}
    auto_answer: bool = False

    @property
    def line_id(self) -> str:
        """By which calls know them: the agent, or a team leader who has come into a call."""
        return self.agent_id or self.username


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A user with the argon2id hash of the password."""

    user: User
    password_hash: str

    def __repr__(self) -> str:
        return f"Credential({self.user.username})"


_SKILLS = msgspec.json.Decoder(dict[str, int])


def fold_username(username: str) -> str:
    """The form in which names are compared: Anna and anna are one."""
    return username.strip().casefold()


async def add(tx: Transaction, user: User, password_hash: str, now_ms: int) -> bool:
    """False when the user name, the agent or the id is taken."""
    values = msgspec.structs.asdict(user) | {
        "username": fold_username(user.username),
        "agent_id": user.agent_id or None,
        "password_hash": password_hash,
        "created_at_ms": now_ms,
        "skills": _skills_text(user.skills),
    }
    return await insert_new(tx, users, values)


async def credential(tx: Transaction, username: str) -> Credential | None:
    row = (await tx.execute(select(users).where(users.c.username == fold_username(username)))).mappings().first()
    return None if row is None else Credential(user=user_of(row), password_hash=row["password_hash"])


async def all_users(tx: Transaction) -> list[User]:
    return [user_of(row) for row in (await tx.execute(select(users).order_by(users.c.username))).mappings()]


async def set_password(tx: Transaction, user_id: str, password_hash: str) -> None:
    """The new password; whoever is signed in with the old one is signed out."""
    await tx.execute(update(users).where(users.c.id == user_id).values(password_hash=password_hash))
    await tx.execute(sessions.delete().where(sessions.c.user_id == user_id))


async def set_skills(tx: Transaction, user_id: str, skills: dict[str, int], *, auto_answer: bool) -> None:
    """What the queue is told when the agent signs in the next time."""
    change = {"skills": _skills_text(skills), "auto_answer": auto_answer}
    await tx.execute(update(users).where(users.c.id == user_id).values(**change))


async def disable(tx: Transaction, user_id: str) -> None:
    """No more sign-in, and out at once. The user stays for the audit trail's sake."""
    await tx.execute(update(users).where(users.c.id == user_id).values(disabled=True))
    await tx.execute(sessions.delete().where(sessions.c.user_id == user_id))


async def has_admin(tx: Transaction) -> bool:
    """Whether anybody could administer the place: without one nobody is let in."""
    admins = select(func.count()).where(users.c.role == UserRole.ADMIN.value, users.c.disabled.is_(False))
    return bool((await tx.execute(admins)).scalar_one())


async def on_line(tx: Transaction, line_id: str) -> User | None:
    """Who calls know by this id (`User.line_id`)."""
    leader = users.c.agent_id.is_(None) & (users.c.username == line_id)
    row = (await tx.execute(select(users).where((users.c.agent_id == line_id) | leader))).mappings().first()
    return None if row is None else user_of(row)


async def agent_names(tx: Transaction) -> dict[str, str]:
    """Display names by agent_id; of those who have none, such as team leaders, by user name."""
    found = await tx.execute(select(users.c.agent_id, users.c.username, users.c.display_name))
    return {row.agent_id or row.username: row.display_name for row in found}


def user_of(row: RowMapping) -> User:
    """The user in a row of `users`, joined with other tables or not."""
    return User(
        id=row["id"],
        username=row["username"],
        display_name=row["display_name"],
        role=UserRole(row["role"]),
        agent_id=row["agent_id"] or "",
        extension=row["extension"],
        disabled=row["disabled"],
        skills=_SKILLS.decode(row["skills"]),
        auto_answer=row["auto_answer"],
    )


def _skills_text(skills: dict[str, int]) -> str:
    return msgspec.json.encode(skills).decode()
