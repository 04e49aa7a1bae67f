"""One file over HTTP: resumed after a cut (RFC 9110 §14), checked, and only then given its name."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from domain.errors import ModelError
from models.package_parts import Progress

_TRIES = 4
"""In a row without a single new byte."""
_PAUSE_S = 0.5
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_NO_NETWORK = "check the network or [service] models_mirror, or bring the file and use --from; what came is kept"


def download(url: str, target: Path, progress: Progress, *, size: int = 0, sha256: str = "") -> None:
    """Put what is at `url` into `target`. size (bytes), sha256 (hex): checked when given.

    What came before a cut is kept in <target>.part and not asked for again, in this call or a later one. ModelError
    for a network, server, content or disk that does not do; a wrong content is thrown away.
    """
    part = target.with_name(target.name + ".part")
    try:
        _fetch(url, part, progress)
        _check(url, part, size, sha256)
        part.replace(target)
        _tag(part).unlink(missing_ok=True)
    except OSError as error:
        raise ModelError(
            f"cannot write {part.name} ({error.strerror})", where=str(part), remedy="make room or give write permission"
        ) from error


def check_content(file: Path, where: str, *, size: int = 0, sha256: str = "") -> None:
    """ModelError when the file has not this size (bytes) or sha256 (hex); "" and 0 check nothing."""
    found = file.stat().st_size
    if size and found != size:
        raise ModelError(f"{found} bytes, not {size}", where=where, remedy="fetch it again, or from another place")
    if sha256:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != sha256:
            raise ModelError(
                f"sha256 is {digest}, not {sha256}: another version, or damaged",
                where=where,
                remedy="fetch it again, or from another place",
            )


def _check(url: str, part: Path, size: int, sha256: str) -> None:
    try:
        check_content(part, url, size=size, sha256=sha256)
    except ModelError:
        part.unlink()
        _tag(part).unlink(missing_ok=True)
        raise


def _fetch(url: str, part: Path, progress: Progress) -> None:
    fruitless = 0
    while True:
        before = _size(part)
        try:
            if _fetch_rest(url, part, progress):
                return
            cut = "the connection ended early"
        except httpx.HTTPError as error:
            cut = str(error) or type(error).__name__
        except httpx.InvalidURL as error:
            raise ModelError(f"not an address: {error}", where=url, remedy="mend [service] models_mirror") from error
        fruitless = 0 if _size(part) > before else fruitless + 1
        if fruitless >= _TRIES:
            raise ModelError(f"cannot be fetched: {cut}", where=url, remedy=_NO_NETWORK)
        time.sleep(_PAUSE_S * fruitless)


def _fetch_rest(url: str, part: Path, progress: Progress) -> bool:
    """Append what is missing; whether the file is whole then. httpx.HTTPError for a cut."""
    have = _size(part)
    with _answer(url, have, part) as answer:
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            if answer.headers.get("Content-Range", "").endswith(f"/{have}"):
                return True
            part.unlink()
            return False
        if not answer.is_success:
            raise ModelError(
                f"the server answers {answer.status_code} {answer.reason_phrase}", where=url, remedy=_NO_NETWORK
            )
        if answer.status_code != httpx.codes.PARTIAL_CONTENT:
            have = 0
        _tag(part).write_text(answer.headers.get("ETag", ""))
        length = int(answer.headers.get("Content-Length", 0))
        total = have + length if length else 0
        with part.open("ab" if have else "wb") as stream:
            for block in answer.iter_raw():
                stream.write(block)
                have += len(block)
                progress(part.stem, have, total)
        return not total or have == total


@contextmanager
def _answer(url: str, have: int, part: Path) -> Iterator[httpx.Response]:
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        tag = _tag(part).read_text() if _tag(part).is_file() else ""
        if tag:
            headers["If-Range"] = tag
    with httpx.stream("GET", url, headers=headers, timeout=_TIMEOUT, follow_redirects=True) as answer:
        yield answer


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _tag(part: Path) -> Path:
    """The version of which the part is one."""
    return part.with_name(part.name + ".etag")
