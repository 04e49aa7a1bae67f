"""A recording as browsers play it: byte ranges (RFC 9110 §14) of the 16-bit PCM WAV that it would be."""

from pathlib import Path

from domain.errors import AudioError
from recordings.wav import PCM16_HEADER_BYTES, Encoding, WavFile, build_header, open_wav


def pcm16_wav_size(path: Path) -> int:
    """Bytes of the whole PCM file; AudioError when `path` is no WAV."""
    file = open_wav(path)
    return PCM16_HEADER_BYTES + file.frames * 2 * file.channels


def read_pcm16_range(path: Path, first: int, last: int) -> bytes:
    """Bytes first..last, both included; fewer when the file ends before. AudioError when first is negative."""
    if first < 0 or last < first:
        raise AudioError(f"bytes {first}-{last} are no range", where=str(path), remedy="ask for first <= last")
    file = open_wav(path)
    part = b""
    if first < PCM16_HEADER_BYTES:
        part = build_header(Encoding.PCM16, file.channels, file.rate_hz, file.frames)[first : last + 1]
    start = max(first, PCM16_HEADER_BYTES) - PCM16_HEADER_BYTES
    end = last + 1 - PCM16_HEADER_BYTES
    return part + _read_samples(file, start, end) if end > start else part


def _read_samples(file: WavFile, start: int, end: int) -> bytes:
    """Bytes start..end of the decoded sound."""
    width = 2 * file.channels
    first_frame = start // width
    frames = -(-end // width) - first_frame
    if first_frame >= file.frames:
        return b""
    raw = file.read(first_frame, frames).astype("<i2").tobytes()
    return raw[start - first_frame * width : end - first_frame * width]
