"""Whether the data directory can take recordings: asked at start, so that no call finds out."""

import shutil
import tempfile
from pathlib import Path

from domain.errors import StorageError

_MB = 1_000_000


def check_data_dir(path: Path, minimum_free_mb: int = 200) -> None:
    """Make `path` if need be; StorageError when it cannot be written or has less free space than `minimum_free_mb`."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as probe:
            probe.write(bytes(4096))
            probe.flush()
        free_mb = shutil.disk_usage(path).free // _MB
    except OSError as error:
        raise StorageError(
            f"the data directory cannot be written ({error.strerror})",
            where=str(path),
            remedy="set service.data_dir to a folder that this user may write, on a disk with room",
        ) from error
    if free_mb < minimum_free_mb:
        raise StorageError(
            f"only {free_mb} MB are free, {minimum_free_mb} MB are needed",
            where=str(path),
            remedy="free space, move service.data_dir, or lower recordings.minimum_free_mb",
        )
