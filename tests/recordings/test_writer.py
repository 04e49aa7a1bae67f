"""Recordings: aligned, valid at every moment, and honest about what the disk did not take."""

import asyncio
import errno
import hashlib
import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import structlog

import recordings.writer
from domain.errors import StorageError
from domain.g711 import ALAW_SILENCE, alaw_decode
from domain.side import Side
from recordings.data_dir import check_data_dir
from recordings.settings import RecordingSettings
from recordings.wav import Encoding, open_wav
from recordings.writer import RecordingWriter
from tests.recordings.full_disk import full_disk

STARTED_AT_MS = 1_790_000_000_000
SILENCE = int(alaw_decode(bytes([ALAW_SILENCE]))[0])


def chunk(number: int) -> bytes:
    return bytes([number % 100 + 1]) * 800


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        for _ in iter(holds, True):
            await asyncio.sleep(0.02)


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[RecordingWriter]:
    writer = RecordingWriter(tmp_path, RecordingSettings(flush_every_s=0.05))
    await writer.start()
    yield writer
    await writer.stop()


async def test_both_sides_lie_where_they_were_said(writer: RecordingWriter, tmp_path: Path) -> None:
    recording = writer.open("call1", STARTED_AT_MS)
    for number in range(50):
        recording.write(Side.CALLER, number * 100, chunk(number))
        if number >= 20:
            recording.write(Side.AGENT, number * 100 + 20, chunk(number + 50))
    path, duration_ms, sha256 = await recording.close()
    file = open_wav(tmp_path / path)
    assert path.endswith("/call1.wav")
    assert len(Path(path).parts) == 4
    assert (file.encoding, file.channels, file.duration_ms) == (Encoding.ALAW, 2, duration_ms)
    assert duration_ms == 5020
    sound = file.read()
    caller = np.concatenate([alaw_decode(chunk(number)) for number in range(50)])
    assert np.array_equal(sound[:40000, 0], caller)
    assert np.all(sound[:16160, 1] == SILENCE)
    agent = np.concatenate([alaw_decode(chunk(number + 50)) for number in range(20, 50)])
    assert np.array_equal(sound[16160:, 1], agent)
    assert sha256 == hashlib.sha256((tmp_path / path).read_bytes()).hexdigest()
    assert (tmp_path / path).stat().st_mode & 0o077 == 0
    assert await recording.close() == (path, duration_ms, sha256)


async def test_sound_that_comes_very_late_still_finds_its_place(writer: RecordingWriter, tmp_path: Path) -> None:
    recording = writer.open("late", STARTED_AT_MS)
    for number in range(30):
        recording.write(Side.CALLER, number * 100, chunk(number))
    path = tmp_path / recording.path
    await until(lambda: path.exists() and open_wav(path).frames >= 16000)
    recording.write(Side.AGENT, 500, chunk(70))
    await recording.close()
    sound = open_wav(path).read()
    assert np.array_equal(sound[4000:4800, 1], alaw_decode(chunk(70)))
    assert np.array_equal(sound[4000:4800, 0], alaw_decode(chunk(5)))
    assert recording.lost_bytes == 0


async def test_a_folder_that_cannot_be_written_is_told_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    writer = RecordingWriter(tmp_path / "file", RecordingSettings())
    await writer.start()
    recording = writer.open("call2", STARTED_AT_MS)
    recording.write(Side.CALLER, 0, chunk(1))
    with pytest.raises(StorageError, match="cannot be begun"):
        await recording.close()
    assert recording.lost_bytes == 800
    await writer.stop()


async def test_what_a_slow_disk_cannot_take_is_counted(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path, RecordingSettings(queue_chunks=100))
    recording = writer.open("call3", STARTED_AT_MS)
    for number in range(150):
        recording.write(Side.CALLER, number * 100, chunk(number))
    assert recording.lost_bytes == 50 * 800
    await writer.start()
    path, duration_ms, _ = await recording.close()
    assert duration_ms == 10_000
    assert open_wav(tmp_path / path).duration_ms == 10_000
    await writer.stop()


async def test_stopping_finishes_what_is_open(writer: RecordingWriter, tmp_path: Path) -> None:
    recording = writer.open("call4", STARTED_AT_MS)
    recording.write(Side.CALLER, 0, chunk(1))
    await writer.stop()
    assert open_wav(tmp_path / recording.path).duration_ms == 100


class Measured(bytes):
    """Sound that lets something else happen while its length is taken, as a switch of threads does."""

    meanwhile: Callable[[], None] = staticmethod(lambda: None)

    def __len__(self) -> int:
        self.meanwhile()
        return super().__len__()


async def test_what_two_threads_lose_at_once_is_all_counted(writer: RecordingWriter) -> None:
    recording = writer.open("call5", STARTED_AT_MS)
    recording.end()

    def lose_too() -> None:
        other = threading.Thread(target=recording.write, args=(Side.AGENT, 0, chunk(1)))
        other.start()
        other.join()

    sound = Measured(chunk(2))
    sound.meanwhile = lose_too
    recording.write(Side.CALLER, 0, sound)
    assert recording.lost_bytes == 3 * 800, "its length is taken for the call and for the metric"


class FullLog(io.StringIO):
    """A log file on a disk that is full."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = threading.Event()

    def write(self, text: str) -> int:
        self.refused.set()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def full_log() -> Iterator[FullLog]:
    before, log = structlog.get_config(), FullLog()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(log))
    yield log
    structlog.configure(**before)


async def test_a_full_disk_costs_no_other_recording_also_where_it_takes_no_log(
    writer: RecordingWriter, full_log: FullLog, tmp_path: Path
) -> None:
    large, small = writer.open("large", STARTED_AT_MS), writer.open("small", STARTED_AT_MS)
    small.write(Side.CALLER, 0, chunk(0))
    with full_disk(100_000):
        for number in range(100):
            large.write(Side.CALLER, number * 100, chunk(number))
        assert await asyncio.to_thread(full_log.refused.wait, 10)
    small.write(Side.CALLER, 100, chunk(1))
    async with asyncio.timeout(10):
        path, _, _ = await small.close()
        whole, _, _ = await large.close()
    assert np.array_equal(open_wav(tmp_path / path).read()[:, 0], alaw_decode(chunk(0) + chunk(1)))
    said = np.concatenate([alaw_decode(chunk(number)) for number in range(100)])
    assert np.array_equal(open_wav(tmp_path / whole).read()[:, 0], said)


async def test_a_recording_that_meets_a_defect_is_told_of(writer: RecordingWriter) -> None:
    recording = writer.open("no\0name", STARTED_AT_MS)
    recording.write(Side.CALLER, 0, chunk(1))
    async with asyncio.timeout(10):
        with pytest.raises(StorageError, match="could not be finished"):
            await recording.close()


async def test_a_disk_that_hangs_is_told_and_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings.writer, "END_WITHIN_S", 0.1)
    go_on = threading.Event()
    monkeypatch.setattr(os, "fsync", lambda _file: go_on.wait(10))
    writer = RecordingWriter(tmp_path, RecordingSettings())
    await writer.start()
    recording = writer.open("hangs", STARTED_AT_MS)
    recording.write(Side.CALLER, 0, chunk(1))
    with structlog.testing.capture_logs() as said:
        async with asyncio.timeout(5):
            await writer.stop()
    assert [(line["event"], line["unfinished"]) for line in said] == [("recordings are not finished in time", 1)]
    assert open_wav(tmp_path / recording.path).duration_ms == 100
    go_on.set()
    async with asyncio.timeout(10):
        await recording.finished


async def test_a_thousand_recordings_leave_no_file_open(writer: RecordingWriter) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for number in range(1000):
        recording = writer.open(f"c{number}", STARTED_AT_MS)
        recording.write(Side.CALLER, 0, b"\xd5" * 160)
        await recording.close()
    assert len(os.listdir("/proc/self/fd")) <= before


KILLED = """
import asyncio, sys
from pathlib import Path
from domain.side import Side
from recordings.settings import RecordingSettings
from recordings.writer import RecordingWriter

async def main():
    writer = RecordingWriter(Path(sys.argv[1]), RecordingSettings(flush_every_s=0.05))
    await writer.start()
    recording = writer.open("killed", 1_790_000_000_000)
    for number in range(100_000):
        recording.write(Side.CALLER, number * 100, bytes([number % 100 + 1]) * 800)
        await asyncio.sleep(0.005)

asyncio.run(main())
"""


def test_the_recording_of_a_killed_process_opens(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)])
    try:
        path = None
        while path is None or open_wav(path).duration_ms < 2000:
            assert process.poll() is None
            path = next(tmp_path.rglob("killed.wav"), None)
            if path is not None and path.stat().st_size < 58:
                path = None
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    file = open_wav(path)
    assert file.duration_ms >= 2000
    assert np.array_equal(file.read(8000, 800)[:, 0], alaw_decode(chunk(10)))


def test_the_data_directory_is_checked_at_start(tmp_path: Path) -> None:
    check_data_dir(tmp_path / "new" / "folder", 0)
    with pytest.raises(StorageError, match="MB are free"):
        check_data_dir(tmp_path, 10**9)
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        check_data_dir(tmp_path / "file")
