"""Sessions (登录会话): a browser that is signed in. Only a hash of its token is kept."""

from hashlib import sha256

import msgspec
from sqlalchemy import delete, select, update

from storage.database import Transaction
from storage.tables import sessions, users
from storage.users import User, user_of


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """token_hash names the session; the token itself is only in the browser."""

    token_hash: str
    user: User
    expires_at_ms: int


def hash_token(token: str) -> str:
    return sha256(token.encode()).hexdigest()


async def open_session(tx: Transaction, token: str, user_id: str, *, now_ms: int, expires_at_ms: int) -> None:
    """Also clears away what has expired."""
    await tx.execute(delete(sessions).where(sessions.c.expires_at_ms <= now_ms))
    values = {
        "token_hash": hash_token(token),
        "user_id": user_id,
        "created_at_ms": now_ms,
        "expires_at_ms": expires_at_ms,
    }
    await tx.execute(sessions.insert().values(values))


async def find(tx: Transaction, token_hash: str, now_ms: int) -> Session | None:
    """The living session of a user who is not disabled."""
    query = (
        select(users, sessions.c.token_hash, sessions.c.expires_at_ms)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(sessions.c.token_hash == token_hash, sessions.c.expires_at_ms > now_ms, users.c.disabled.is_(False))
    )
    row = (await tx.execute(query)).mappings().first()
    if row is None:
        return None
    return Session(token_hash=row["token_hash"], user=user_of(row), expires_at_ms=row["expires_at_ms"])


async def extend(tx: Transaction, token_hash: str, expires_at_ms: int) -> None:
    await tx.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(expires_at_ms=expires_at_ms))


async def close_session(tx: Transaction, token_hash: str) -> None:
    await tx.execute(delete(sessions).where(sessions.c.token_hash == token_hash))
