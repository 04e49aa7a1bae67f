"""Files that appear whole: written aside, then renamed, so that nobody ever reads half of one."""

import secrets
from pathlib import Path


def write_whole(file: Path, content: bytes) -> None:
    """Put it into its place, also in place of another, with the mode that the umask leaves; OSError from the disk."""
    aside = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        aside.write_bytes(content)
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)
