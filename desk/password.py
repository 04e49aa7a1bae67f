"""Passwords: argon2id, off the event loop, a few at a time so that a flood of sign-ins cannot take the machine."""

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE = 2
_GENERATED = "abcdefghijkmnpqrstuvwxyz23456789"  # no l, o, 0, 1: people read these aloud
_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """Slow on purpose (about 50 ms)."""
    return _HASHER.hash(password)


def generate_password(length: int = 14) -> str:
    return "".join(secrets.choice(_GENERATED) for _ in range(length))


class PasswordCheck:
    """Verifies; an unknown user costs the same time as a wrong password."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)
        _hash_of_nobody()  # now, or the first unknown user would wait for it

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """password_hash: None for a user who is unknown or disabled."""
        async with self._turn:
            right = await asyncio.to_thread(_matches, password_hash or _hash_of_nobody(), password)
        return right and password_hash is not None


@cache
def _hash_of_nobody() -> str:
    return hash_password(secrets.token_hex())


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
