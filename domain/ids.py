"""Identifiers: sortable by time, unguessable in the rest, safe as one token of a bus subject."""

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case: no i, l, o, u


def _base32(value: int, digits: int) -> str:
    out = []
    for _ in range(digits):
        value, low = divmod(value, 32)
        out.append(_ALPHABET[low])
    return "".join(reversed(out))


def new_id(now_ms: int) -> str:
    """A 20-character id: 10 of time (milliseconds), 10 of chance (50 bits)."""
    return _base32(now_ms, 10) + _base32(secrets.randbits(50), 10)


def time_of_id(identifier: str) -> int | None:
    """When `new_id` made this (Unix, ms); None for an id that it did not make."""
    head = identifier[:10]
    if len(identifier) != 20 or any(character not in _ALPHABET for character in identifier):
        return None
    time_ms = 0
    for character in head:
        time_ms = time_ms * 32 + _ALPHABET.index(character)
    return time_ms


def utterance_id(call_id: str, side: str, number: int) -> str:
    """The id of the `number`-th utterance (from 0) of one side; the same whoever recognises it."""
    return f"{call_id}-{side}-{number:04d}"
