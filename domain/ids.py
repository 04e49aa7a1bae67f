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


def utterance_id(call_id: str, side: str, number: int) -> str:
    """The id of the `number`-th utterance (from 0) of one side; the same whoever recognises it."""
    return f"{call_id}-{side}-{number:04d}"
