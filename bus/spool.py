"""Events on disk while the bus is away: appended at the end, taken from the front, in order."""

import os
from pathlib import Path

import msgspec
import structlog

from bus.metrics import SPOOL_BYTES

logger = structlog.get_logger()


class SpooledEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event on its way to a stream."""

    subject: str
    event_id: str
    data: bytes


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(SpooledEvent).decode


class Spool:
    """A bounded file of events, one JSON line each, flushed to the disk. Not for two threads or processes at once.

    What was taken is forgotten when the file is empty again, so a crash in between repeats events; the streams keep
    each event_id once.
    """

    def __init__(self, file: Path, limit_bytes: int) -> None:
        self._file = file
        self._limit_bytes = limit_bytes
        self._size = 0
        self._read_to = 0
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._cut_torn_line()

    def __bool__(self) -> bool:
        return self._read_to < self._size

    def add(self, event: SpooledEvent) -> bool:
        """Keep it; False when the spool is full. OSError when the disk refuses."""
        line = _encode(event) + b"\n"
        if self._size - self._read_to + len(line) > self._limit_bytes:
            return False
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line)
            os.fdatasync(descriptor)
        except OSError:
            os.ftruncate(descriptor, self._size)
            raise
        finally:
            os.close(descriptor)
        self._size += len(line)
        SPOOL_BYTES.set(self._size - self._read_to)
        return True

    def first(self) -> SpooledEvent | None:
        """The oldest event that was not taken; it stays. A line that nobody can read is passed over."""
        while self:
            with self._file.open("rb") as file:
                file.seek(self._read_to)
                line = file.readline()
            try:
                return _decode(line)
            except msgspec.DecodeError:
                logger.error("a line of the spool is not readable and is passed over", file=str(self._file))
                self._pass(len(line))
        return None

    def take(self) -> None:
        """The oldest event is stored elsewhere now."""
        with self._file.open("rb") as file:
            file.seek(self._read_to)
            self._pass(len(file.readline()))

    def _pass(self, length: int) -> None:
        self._read_to += length
        if not self:
            os.truncate(self._file, 0)
            self._size = self._read_to = 0
        SPOOL_BYTES.set(self._size - self._read_to)

    def _cut_torn_line(self) -> None:
        """A crash may have left half a line at the end: its event was never promised."""
        try:
            content = self._file.read_bytes()
        except FileNotFoundError:
            return
        self._size = content.rfind(b"\n") + 1
        if self._size != len(content):
            os.truncate(self._file, self._size)
        SPOOL_BYTES.set(self._size)
