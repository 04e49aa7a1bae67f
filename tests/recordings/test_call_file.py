"""The file of a recording when the disk refuses, and what becomes of the sound that waited."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import StorageError
from domain.g711 import ALAW_SILENCE, alaw_decode
from domain.side import Side
from recordings.call_file import CallFile
from recordings.interleave import Interleaver
from recordings.wav import open_wav
from tests.recordings.full_disk import full_disk


def second(number: int) -> bytes:
    return bytes([number + 1]) * 8000


def test_sound_waits_for_a_full_disk_and_is_written_when_it_has_room(tmp_path: Path) -> None:
    file = CallFile(tmp_path / "a.wav")
    file.add(Side.CALLER, 0, second(0))
    file.flush(everything=True)
    file.add(Side.CALLER, 1000, second(1))
    with full_disk(20_000), pytest.raises(OSError, match="too large"):
        file.flush(everything=True)
    assert open_wav(file.path).duration_ms >= 1000
    file.finish()
    sound = open_wav(file.path).read()
    assert np.array_equal(sound[:, 0], alaw_decode(second(0) + second(1)))
    assert file.lost_bytes == 0


def test_what_waits_too_long_becomes_silence_in_its_place(tmp_path: Path) -> None:
    file = CallFile(tmp_path / "a.wav")
    file.add(Side.CALLER, 0, second(0))
    file.flush(everything=True)
    for number in range(1, 5):
        file.add(Side.AGENT, number * 1000, second(number))
    with full_disk(16_058), pytest.raises(OSError, match="too large"):
        file.flush(everything=True)
    assert file.give_up(keep_bytes=16_000) == 48_000
    file.add(Side.AGENT, 5000, second(5))
    file.finish()
    agent = open_wav(file.path).read()[:, 1]
    silence = bytes([ALAW_SILENCE]) * 32_000
    assert np.array_equal(agent, alaw_decode(silence + second(4) + second(5)))
    assert file.lost_bytes == 48_000


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    CallFile(tmp_path / "a.wav").finish()
    with pytest.raises(StorageError, match="exists"):
        CallFile(tmp_path / "a.wav")


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 900), st.integers(1, 200), st.booleans()), max_size=40))
def test_joined_channels_are_as_if_written_on_a_tape(pieces: list[tuple[int, int, int, bool]]) -> None:
    joined = Interleaver()
    tape = np.full((1200, 2), ALAW_SILENCE, dtype=np.uint8)
    taken = b""
    for number, (channel, at, length, take) in enumerate(pieces):
        sound = bytes([number + 1]) * length
        if joined.add(channel, at, sound):
            tape[at : at + length, channel] = number + 1
        else:
            assert at < joined.base
        if take:
            taken += joined.take(joined.newest_end - 100)
    taken += joined.take(joined.newest_end)
    assert taken == tape[: joined.newest_end].tobytes()


def test_a_leap_into_another_hour_is_refused() -> None:
    assert not Interleaver().add(0, 8000 * 3600, b"x")


def test_a_disk_that_is_full_at_the_beginning_costs_no_open_file(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(5):
        with full_disk(0), pytest.raises(StorageError, match="cannot be begun"):
            CallFile(tmp_path / f"{number}.wav")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
