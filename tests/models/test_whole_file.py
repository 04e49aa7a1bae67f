"""Files that appear whole, or not at all."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.whole_file import write_whole
from tests.recordings.full_disk import full_disk


@pytest.fixture(params=[0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_a_file_takes_the_place_of_another_and_can_be_read_by_whom_the_umask_lets(tmp_path: Path, umask: int) -> None:
    for content in (b"old", b"new"):
        write_whole(tmp_path / "a.bin", content)
    [file] = tmp_path.iterdir()
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_full_disk_leaves_the_old_one_and_nothing_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.bin", b"old")
    with full_disk(100), pytest.raises(OSError, match="too large"):
        write_whole(tmp_path / "a.bin", bytes(1000))
    [file] = tmp_path.iterdir()
    assert file.read_bytes() == b"old"
