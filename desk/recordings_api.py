"""A call's recording as the browser plays it: 16-bit PCM WAV with byte ranges (RFC 9110 §14)."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from desk.api_error import ApiError
from desk.desk import SignedIn, TheDesk
from domain.errors import AudioError
from recordings.pcm16 import pcm16_wav_size, read_pcm16_range

router = APIRouter(prefix="/api/calls")
PIECE_BYTES = 256 * 1024
_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


@router.get("/{call_id}/recording")
async def play(call_id: str, request: Request, session: SignedIn, desk: TheDesk) -> Response:
    row = await desk.visible_call(request, session, call_id)
    if row.recording is None:
        raise ApiError(404, "no_recording", "this call has no recording", remedy="it is there when the call is over")
    file = _inside(desk.services.recordings_dir, row.recording.path)
    try:
        size = await asyncio.to_thread(pcm16_wav_size, file)
    except AudioError as error:
        raise ApiError(404, "no_recording", "the recording cannot be read", remedy=error.remedy) from error
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'inline; filename="{call_id}.wav"',
        "Cache-Control": "private, no-store",
    }
    wanted = parse_range(request.headers.get("range"), size)
    if wanted is None:
        unmet = {"Content-Range": f"bytes */{size}"}
        raise ApiError(416, "range", "the recording is shorter than that", headers=unmet)
    await desk.audit.write_playing(request, session, call_id)
    first, last = wanted
    partial = request.headers.get("range") is not None and _RANGE.match(request.headers["range"]) is not None
    if partial:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    headers["Content-Length"] = str(last - first + 1)
    return StreamingResponse(
        _pieces(file, first, last), status_code=206 if partial else 200, media_type="audio/wav", headers=headers
    )


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte to send; all without a header or with one that is not a single range; None: unsatisfiable."""
    match = _RANGE.match(header) if header else None
    if match is None or match.groups() == ("", ""):
        return 0, size - 1
    first_text, last_text = match.groups()
    if first_text == "":
        length = int(last_text)
        return None if length == 0 else (max(0, size - length), size - 1)
    first = int(first_text)
    last = min(int(last_text), size - 1) if last_text else size - 1
    return None if first >= size or last < first else (first, last)


async def _pieces(file: Path, first: int, last: int) -> AsyncIterator[bytes]:
    while first <= last:
        piece = await asyncio.to_thread(read_pcm16_range, file, first, min(last, first + PIECE_BYTES - 1))
        if not piece:
            raise AudioError("the recording became shorter while it was played", where=file.name)
        yield piece
        first += len(piece)


def _inside(folder: Path, path: str) -> Path:
    """The file, which lies inside the folder whatever the path says."""
    root = folder.resolve()
    file = (root / path).resolve()
    if not file.is_relative_to(root):
        raise ApiError(404, "no_recording", "the recording lies outside of the recordings folder")
    return file
