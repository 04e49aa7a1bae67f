"""The file of one recording: left caller, right agent, A-law, its header right after every flush."""

import hashlib
import os
from pathlib import Path

from domain.errors import StorageError
from domain.g711 import ALAW_SILENCE, RATE_HZ
from domain.side import Side
from recordings.interleave import Interleaver
from recordings.wav import ALAW_HEADER_BYTES, Encoding, build_header

_CHANNELS = {Side.CALLER: 0, Side.AGENT: 1}
_LARGEST_WRITE = 1 << 20
_WAIT_FOR_OTHER_SIDE = RATE_HZ // 2
"""Frames kept back at a flush, so that the side that is a little behind still falls into its place in memory."""


class CallFile:
    """Blocking; belongs to the writer's thread. A failed write is tried again with the next flush."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lost_bytes = 0
        self._sound = Interleaver()
        self._written = 0
        self._unwritten = b""
        self._hole_bytes = 0
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.pwrite(self._fd, build_header(Encoding.ALAW, 2, RATE_HZ, 0), 0)
            except OSError:
                os.close(self._fd)
                raise
        except OSError as error:
            raise StorageError(
                f"the recording cannot be begun ({error.strerror})",
                where=str(path),
                remedy="look at the folder's rights and free space",
            ) from error

    @property
    def duration_ms(self) -> int:
        return self._sound.newest_end * 1000 // RATE_HZ

    def add(self, side: Side, media_ms: int, alaw: bytes) -> None:
        """Put sound at its place, in memory or, when that part is on disk already, there."""
        at = media_ms * RATE_HZ // 1000
        if self._sound.add(_CHANNELS[side], at, alaw):
            return
        if at >= self._sound.base or not self._patch(_CHANNELS[side], at, alaw):
            self.lost_bytes += len(alaw)

    def flush(self, *, everything: bool = False) -> int:
        """Write what is complete; the bytes written. OSError when the disk refuses; it is kept for the next flush."""
        ready = self._sound.newest_end - (0 if everything else _WAIT_FOR_OTHER_SIDE)
        self._unwritten += self._sound.take(ready)
        done = 0
        while self._unwritten or self._hole_bytes:
            hole = min(self._hole_bytes, _LARGEST_WRITE)
            block = bytes([ALAW_SILENCE]) * hole if hole else self._unwritten
            wrote = os.pwrite(self._fd, block, ALAW_HEADER_BYTES + self._written)
            self._written += wrote
            done += wrote
            if hole:
                self._hole_bytes -= wrote
            else:
                self._unwritten = self._unwritten[wrote:]
        if done:
            os.pwrite(self._fd, build_header(Encoding.ALAW, 2, RATE_HZ, self._written // 2), 0)
        return done

    def give_up(self, keep_bytes: int) -> int:
        """Of what the disk did not take, keep the newest; the rest becomes silence. Bytes lost."""
        lost = max(0, len(self._unwritten) - keep_bytes) // 2 * 2
        self._unwritten = self._unwritten[lost:]
        self._hole_bytes += lost
        self.lost_bytes += lost
        return lost

    def finish(self) -> str:
        """Write the rest, make it durable, and close; the file's sha256. OSError when the disk refuses."""
        try:
            self.flush(everything=True)
            os.fsync(self._fd)
            with self.path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        finally:
            os.close(self._fd)

    def _patch(self, channel: int, at: int, alaw: bytes) -> bool:
        """Sound that came very late, into the file; False when it does not lie wholly in what is written."""
        if 2 * (at + len(alaw)) > self._written:
            return False
        place = ALAW_HEADER_BYTES + 2 * at
        block = bytearray(os.pread(self._fd, 2 * len(alaw), place))
        block[channel::2] = alaw
        os.pwrite(self._fd, block, place)
        return True
