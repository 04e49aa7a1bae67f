"""SIP messages out of a stream of bytes (RFC 3261, 18.3): pure.

A message ends where its Content-Length says, which a stream must have (20.14). Empty lines between messages are skipped
(7.5); two of them are a keep-alive that wants an answer (RFC 5626, 4.4.1).
"""

import re

from domain.errors import SipError

LARGEST = 32_768
"""Bytes of a message, headers and body."""
PING = b"\r\n\r\n"
PONG = b"\r\n"

_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*([^\r\n]*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


class FramingError(SipError):
    """The stream cannot be read any further: where the next message begins is unknown. Close the connection."""


class StreamFramer:
    """Of one connection. `feed` what comes; it holds at most LARGEST bytes of an unfinished message."""

    def __init__(self) -> None:
        self._rest = bytearray()

    @property
    def is_waiting(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are complete now, in order; PING for a keep-alive. FramingError."""
        self._rest += data
        found: list[bytes] = []
        while self._rest:
            if self._rest.startswith(b"\r"):
                if not self._skip_empty(found):
                    break
            elif not self._cut(found):
                break
        return found

    def _skip_empty(self, found: list[bytes]) -> bool:
        """Whether something was taken; half a keep-alive waits for its other half or for a message."""
        if self._rest.startswith(PING):
            found.append(PING)
            del self._rest[: len(PING)]
            return True
        if PING.startswith(self._rest):
            return False
        if self._rest.startswith(b"\r\n"):
            del self._rest[:2]
            return True
        raise _refuse("a line that ends in CR alone")

    def _cut(self, found: list[bytes]) -> bool:
        """Whether a whole message was taken."""
        end = self._rest.find(b"\r\n\r\n", 0, LARGEST)
        if end < 0:
            if len(self._rest) >= LARGEST:
                raise _refuse(f"headers longer than {LARGEST} bytes")
            return False
        whole = end + 4 + _length(bytes(self._rest[:end]))
        if whole > LARGEST:
            raise _refuse(f"a message longer than {LARGEST} bytes")
        if len(self._rest) < whole:
            return False
        found.append(bytes(self._rest[:whole]))
        del self._rest[:whole]
        return True


def _length(headers: bytes) -> int:
    values = set(_LENGTH.findall(headers))
    if len(values) != 1:
        raise _refuse("Content-Length twice and different" if values else "no Content-Length")
    (value,) = values
    if not value.isdigit() or len(value) > 6:
        raise _refuse("Content-Length is no number")
    return int(value)


def _refuse(what: str) -> FramingError:
    return FramingError(what, where="SIP over TCP", remedy="the connection is closed; mend the far end")
