"""The thread that writes all recordings of a process, and what a call holds of it (`telephony.ports.CallRecorder`).

Calls never wait for the disk: chunks go into one bounded queue, those of one turn of the asyncio loop together, so that
the thread is woken once for the sound of all calls. When the disk is slow the queue fills and what comes then is lost,
counted, and told when the recording is closed; the call goes on in every case.
"""

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from domain.errors import StorageError
from domain.side import Side
from recordings import metrics
from recordings.call_file import CallFile
from recordings.settings import RecordingSettings

logger = structlog.get_logger()
END_WITHIN_S = 5.0
"""So long the thread is waited for at the end: the disk may hang. Its files open with what they hold."""
_KEPT_WHEN_DISK_REFUSES = 480_000
"""Bytes (30 s of a call) that wait in memory for a full disk."""

Finished = tuple[str, int, str]


class _Chunk(msgspec.Struct, frozen=True):
    recording: "Recording"
    side: Side
    media_ms: int
    alaw: bytes


class _Close(msgspec.Struct, frozen=True):
    recording: "Recording"


class _Stop(msgspec.Struct, frozen=True):
    """Nothing comes after it."""


_Item = _Chunk | _Close | _Stop


class Recording:
    """One call's recording. `write` and `close` are called on the asyncio loop, `lose` on both sides; the rest belongs
    to the thread."""

    def __init__(self, call_id: str, path: str, writer: "RecordingWriter") -> None:
        self.call_id = call_id
        self.path = path
        self.lost_bytes = 0
        self.file: CallFile | None = None
        self.failure: StorageError | None = None
        self.finished: asyncio.Future[Finished] = asyncio.get_running_loop().create_future()
        self._closing = False
        self._losing = threading.Lock()
        self._writer = writer

    def write(self, side: Side, media_ms: int, alaw: bytes) -> None:
        """Never blocks; what cannot be taken is counted as lost."""
        if self._closing or not self._writer.take(_Chunk(self, side, media_ms, alaw)):
            self.lose(len(alaw))
            metrics.LOST.inc(len(alaw))

    def lose(self, count: int) -> None:
        """So many bytes more are not in the file."""
        with self._losing:
            self.lost_bytes += count

    async def close(self) -> Finished:
        """Path relative to the recordings folder, duration in ms, sha256; StorageError when nothing could be kept."""
        self.end()
        return await asyncio.shield(self.finished)

    def end(self) -> None:
        """No more sound will come; `finished` tells when the file is closed."""
        if not self._closing:
            self._closing = True
            self._writer.finish(self)


class RecordingWriter:
    """folder: where the recordings of this process go, as YYYY/MM/DD/<call_id>.wav (local date of the call)."""

    def __init__(self, folder: Path, settings: RecordingSettings) -> None:
        self._folder = folder
        self._flush_every_s = settings.flush_every_s
        self._most_chunks = settings.queue_chunks
        self._queue: queue.SimpleQueue[list[_Item]] = queue.SimpleQueue()
        self._batch: list[_Item] = []
        self._taken = self._done = 0
        self._open: dict[str, Recording] = {}
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Begin; recordings may be opened from now on."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="recordings", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Finish what is still open, and end the thread."""
        if self._thread is None:
            return
        left = list(self._open.values())
        for recording in left:
            recording.end()
        self._put(_Stop())
        await asyncio.to_thread(self._thread.join, END_WITHIN_S)
        if self._thread.is_alive():
            unfinished = len(self._open)
            logger.error("recordings are not finished in time", waited_s=END_WITHIN_S, unfinished=unfinished)
        self._thread = None
        for recording in left:
            if recording.finished.done() and (error := recording.finished.exception()) is not None:
                logger.error("recording not finished", call_id=recording.call_id, error=str(error))

    def open(self, call_id: str, started_at_ms: int) -> Recording:
        """A recorder for this call (Unix time in ms); never fails: a disk that refuses is told by `close`."""
        day = datetime.fromtimestamp(started_at_ms / 1000).astimezone()
        recording = Recording(call_id, f"{day:%Y/%m/%d}/{call_id}.wav", self)
        self._open[call_id] = recording
        metrics.OPEN.inc()
        return recording

    def take(self, chunk: _Chunk) -> bool:
        """Queue it for the disk; False when the queue is full."""
        if self._taken - self._done >= self._most_chunks:
            return False
        self._taken += 1
        self._put(chunk)
        return True

    def finish(self, recording: Recording) -> None:
        """Queue its end, behind all its sound."""
        self._put(_Close(recording))

    def _put(self, item: _Item) -> None:
        if not self._batch:
            asyncio.get_running_loop().call_soon(self._hand_over)
        self._batch.append(item)

    def _hand_over(self) -> None:
        batch, self._batch = self._batch, []
        self._queue.put(batch)

    def _run(self) -> None:
        """The thread. A defect met with one item or one file is logged, and the next comes."""
        begun: set[Recording] = set()
        flush_at = time.monotonic() + self._flush_every_s
        while True:
            for item in self._next(flush_at):
                if isinstance(item, _Stop):
                    return
                with _none_ends_the_thread():
                    self._do(item, begun)
            if time.monotonic() >= flush_at:
                for recording in begun:
                    with _none_ends_the_thread():
                        self._flush(recording)
                flush_at = time.monotonic() + self._flush_every_s

    def _next(self, until: float) -> list[_Item]:
        """What comes before the monotonic time `until`; empty when nothing does."""
        try:
            return self._queue.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            return []

    def _do(self, item: _Chunk | _Close, begun: set[Recording]) -> None:
        if isinstance(item, _Chunk):
            self._done += 1
            begun.add(item.recording)
            self._add(item)
        else:
            begun.discard(item.recording)
            self._finish(item.recording)

    def _add(self, chunk: _Chunk) -> None:
        file = self._file_of(chunk.recording)
        if file is None:
            chunk.recording.lose(len(chunk.alaw))
            metrics.LOST.inc(len(chunk.alaw))
            return
        try:
            file.add(chunk.side, chunk.media_ms, chunk.alaw)
        except OSError as error:
            self._refused(chunk.recording, file, error)

    def _file_of(self, recording: Recording) -> CallFile | None:
        """The file, begun with the first sound; None when the disk refused it."""
        if recording.file is None and recording.failure is None:
            try:
                recording.file = CallFile(self._folder / recording.path)
            except StorageError as error:
                recording.failure = error
                metrics.FAILED.inc()
                _log("recording not begun", call_id=recording.call_id, error=str(error))
        return recording.file

    def _flush(self, recording: Recording) -> None:
        if recording.file is None:
            return
        try:
            metrics.WRITTEN.inc(recording.file.flush())
        except OSError as error:
            self._refused(recording, recording.file, error)

    def _refused(self, recording: Recording, file: CallFile, error: OSError) -> None:
        lost = file.give_up(_KEPT_WHEN_DISK_REFUSES)
        metrics.LOST.inc(lost)
        _log("disk refuses a recording", call_id=recording.call_id, error=error.strerror, lost_bytes=lost)

    def _finish(self, recording: Recording) -> None:
        """Close the file and tell the call, whatever became of it."""
        result: Finished | StorageError = StorageError("the recording could not be finished", where=recording.path)
        try:
            result = self._closed(recording)
        finally:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._tell, recording, result)

    def _closed(self, recording: Recording) -> Finished | StorageError:
        file = self._file_of(recording)
        result: Finished | StorageError
        if file is None:
            result = recording.failure or StorageError("the recording was never begun", where=recording.path)
        else:
            try:
                result = (recording.path, file.duration_ms, file.finish())
            except OSError as error:
                metrics.FAILED.inc()
                result = StorageError(
                    f"the recording could not be finished ({error.strerror})",
                    where=str(file.path),
                    remedy="free space; the file opens with what it holds",
                )
            recording.lose(file.lost_bytes)
        if recording.lost_bytes:
            _log("sound lost in a recording", call_id=recording.call_id, lost_bytes=recording.lost_bytes)
        return result

    def _tell(self, recording: Recording, result: Finished | StorageError) -> None:
        """On the asyncio loop."""
        self._open.pop(recording.call_id, None)
        metrics.OPEN.dec()
        if recording.finished.done():
            return
        if isinstance(result, StorageError):
            recording.finished.set_exception(result)
        else:
            recording.finished.set_result(result)


@contextlib.contextmanager
def _none_ends_the_thread() -> Iterator[None]:
    """One call's fault must not cost the others their recordings."""
    try:
        yield
    except Exception:
        _log("recording writer failed on one recording", exc_info=True)


def _log(event: str, **fields: object) -> None:
    """Of the thread: the log may lie on the same full disk, and what it does not take must not end a recording."""
    with contextlib.suppress(OSError):
        logger.error(event, **fields)
