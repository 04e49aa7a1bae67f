"""WAV files (RIFF): A-law, µ-law and 16-bit PCM, mono or stereo, to and from int16 samples.

Sizes in a header are believed only as far as the file is long: the recording of a switch that was killed, or one that
is still being written, opens with all that it holds.
"""

import struct
from enum import IntEnum
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from domain.errors import AudioError
from domain.g711 import alaw_decode, alaw_encode, ulaw_decode, ulaw_encode

_EXTENSIBLE = 0xFFFE
_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")
_MOST_CHUNKS = 1000
_RATES_HZ = range(4000, 192_001)
ALAW_HEADER_BYTES = 58
PCM16_HEADER_BYTES = 44
_LARGEST_SIZE = 0xFFFFFFFF


class Encoding(IntEnum):
    """Format tags of RFC 2361."""

    PCM16 = 1
    ALAW = 6
    ULAW = 7

    @property
    def bytes_per_sample(self) -> int:
        return 2 if self is Encoding.PCM16 else 1


class WavFile(msgspec.Struct, frozen=True, kw_only=True):
    """Where the sound of a file lies. frames: samples of one channel, whole ones only."""

    path: Path
    encoding: Encoding
    channels: int
    rate_hz: int
    data_offset: int
    frames: int

    @property
    def bytes_per_frame(self) -> int:
        return self.channels * self.encoding.bytes_per_sample

    @property
    def duration_ms(self) -> int:
        return self.frames * 1000 // self.rate_hz

    def read(self, first: int = 0, frames: int | None = None) -> NDArray[np.int16]:
        """Samples from frame `first` on, shape (frames, channels); fewer at the end of the file."""
        count = max(0, self.frames - first if frames is None else min(frames, self.frames - first))
        try:
            with self.path.open("rb") as file:
                file.seek(self.data_offset + first * self.bytes_per_frame)
                raw = file.read(count * self.bytes_per_frame)
        except OSError as error:
            raise _unreadable(self.path, error) from error
        whole = len(raw) // self.bytes_per_frame * self.bytes_per_frame
        return _decode(raw[:whole], self.encoding).reshape(-1, self.channels)


def open_wav(path: Path) -> WavFile:
    """The file's format and extent; AudioError says which file is wrong in what way."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(min(size, 1 << 16))
    except OSError as error:
        raise _unreadable(path, error) from error
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise AudioError("not a RIFF/WAVE file", where=str(path), remedy="convert it to WAV (A-law or 16-bit PCM)")
    return _walk(path, head, size)


def read_wav(path: Path) -> tuple[NDArray[np.int16], int]:
    """All samples, shape (frames, channels), and the rate in Hz."""
    file = open_wav(path)
    return file.read(), file.rate_hz


def build_wav(samples: NDArray[np.int16], rate_hz: int, encoding: Encoding = Encoding.PCM16) -> bytes:
    """A whole WAV file. samples: shape (frames,) or (frames, channels)."""
    if samples.ndim not in (1, 2) or samples.dtype != np.int16:
        raise AudioError(f"samples of shape {samples.shape} and type {samples.dtype}", where="build_wav")
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    raw = _encode(np.ascontiguousarray(samples).reshape(-1), encoding)
    return build_header(encoding, channels, rate_hz, len(samples)) + raw


def write_wav(path: Path, samples: NDArray[np.int16], rate_hz: int, encoding: Encoding = Encoding.PCM16) -> None:
    """`build_wav` to a file."""
    try:
        path.write_bytes(build_wav(samples, rate_hz, encoding))
    except OSError as error:
        raise AudioError(
            f"cannot write it ({error.strerror})", where=str(path), remedy="look at the folder and its free space"
        ) from error


def build_header(encoding: Encoding, channels: int, rate_hz: int, frames: int) -> bytes:
    """The header before the samples: 44 bytes for PCM, 58 with the extension and `fact` that G.711 must have."""
    width = encoding.bytes_per_sample
    data_bytes = min(frames * channels * width, _LARGEST_SIZE - ALAW_HEADER_BYTES)
    layout = _FORMAT.pack(encoding, channels, rate_hz, rate_hz * channels * width, channels * width, 8 * width)
    extra = b""
    if encoding is not Encoding.PCM16:
        layout += struct.pack("<H", 0)
        extra = _CHUNK.pack(b"fact", 4) + struct.pack("<I", min(frames, _LARGEST_SIZE))
    chunks = _CHUNK.pack(b"fmt ", len(layout)) + layout + extra + _CHUNK.pack(b"data", data_bytes)
    return _CHUNK.pack(b"RIFF", 4 + len(chunks) + data_bytes) + b"WAVE" + chunks


def _walk(path: Path, head: bytes, size: int) -> WavFile:
    """Step from chunk to chunk to the sound."""
    at = 12
    layout: bytes | None = None
    for _ in range(_MOST_CHUNKS):
        if at + _CHUNK.size > len(head):
            break
        name, length = _CHUNK.unpack_from(head, at)
        at += _CHUNK.size
        if name == b"fmt ":
            layout = head[at : at + length]
        elif name == b"data":
            if layout is None:
                raise AudioError("its sound comes before its format", where=f"{path} at byte {at}")
            encoding, channels, rate_hz = _read_layout(path, layout)
            there = size - at
            held = there if length in (0, _LARGEST_SIZE) or length > there else length
            frames = held // (channels * encoding.bytes_per_sample)
            return WavFile(
                path=path, encoding=encoding, channels=channels, rate_hz=rate_hz, data_offset=at, frames=frames
            )
        at += length + length % 2
    raise AudioError("no sound in it (no 'data' chunk)", where=str(path), remedy="the file is cut off or damaged")


def _read_layout(path: Path, layout: bytes) -> tuple[Encoding, int, int]:
    if len(layout) < _FORMAT.size:
        raise AudioError(f"its format is cut off after {len(layout)} bytes", where=str(path))
    tag, channels, rate_hz, _, _, bits = _FORMAT.unpack_from(layout)
    if tag == _EXTENSIBLE and len(layout) >= 26:
        tag = int.from_bytes(layout[24:26], "little")
    if tag not in tuple(Encoding) or bits != 8 * Encoding(tag).bytes_per_sample:
        raise AudioError(
            f"format {tag} with {bits} bits is not known here",
            where=str(path),
            remedy="convert it to A-law, µ-law or 16-bit PCM",
        )
    if channels not in (1, 2):
        raise AudioError(f"{channels} channels", where=str(path), remedy="mono or stereo is needed")
    if rate_hz not in _RATES_HZ:
        raise AudioError(f"a sampling rate of {rate_hz} Hz", where=str(path), remedy="4 to 192 kHz is possible")
    return Encoding(tag), channels, rate_hz


def _decode(raw: bytes, encoding: Encoding) -> NDArray[np.int16]:
    if encoding is Encoding.ALAW:
        return alaw_decode(raw)
    if encoding is Encoding.ULAW:
        return ulaw_decode(raw)
    return np.frombuffer(raw, dtype="<i2").astype(np.int16)


def _encode(samples: NDArray[np.int16], encoding: Encoding) -> bytes:
    if encoding is Encoding.ALAW:
        return alaw_encode(samples)
    if encoding is Encoding.ULAW:
        return ulaw_encode(samples)
    return samples.astype("<i2").tobytes()


def _unreadable(path: Path, error: OSError) -> AudioError:
    return AudioError(f"cannot read it ({error.strerror})", where=str(path), remedy="name a file that is there")
