"""One chunk of one side's sound on the bus: 100 ms of A-law with its place in the call.

Wire form, big-endian, 20 bytes of header and then the sound:
version u8, flags u8 (bit 0: last of the stream), side u8 (0 caller, 1 agent), spare u8, sequence u32,
media_ms u32, captured_at_ms u64.
"""

import struct

import msgspec

from domain.errors import AudioError
from domain.g711 import RATE_HZ
from domain.side import Side

CHUNK_MS = 100
BYTES_PER_CHUNK = RATE_HZ * CHUNK_MS // 1000
_HEADER = struct.Struct(">BBBBIIQ")
_VERSION = 1
_LAST = 1
_SIDES = (Side.CALLER, Side.AGENT)


class AudioChunk(msgspec.Struct, frozen=True):
    """Sound of one side.

    sequence: counts the stream's chunks from 0; a gap is a loss on the bus.
    media_ms: the chunk's start on the call's media clock, whose zero is the answering of the caller and which is
        also the zero of the recording and of every utterance's times.
    captured_at_ms: wall clock (Unix, ms) when the chunk was complete.
    alaw: A-law at 8 kHz, normally 800 bytes; the last chunk may be shorter or empty.
    last: no more sound will come on this stream.
    """

    side: Side
    sequence: int
    media_ms: int
    captured_at_ms: int
    alaw: bytes
    last: bool = False

    def __repr__(self) -> str:
        return f"AudioChunk({self.side} #{self.sequence} at {self.media_ms} ms, {len(self.alaw)} bytes, {self.last=})"


def encode_chunk(chunk: AudioChunk) -> bytes:
    """The chunk in its wire form."""
    header = _HEADER.pack(
        _VERSION,
        _LAST if chunk.last else 0,
        _SIDES.index(chunk.side),
        0,
        chunk.sequence,
        chunk.media_ms,
        chunk.captured_at_ms,
    )
    return header + chunk.alaw


def decode_chunk(wire: bytes) -> AudioChunk:
    """The chunk that `wire` holds; AudioError when it is none."""
    if len(wire) < _HEADER.size:
        raise AudioError(f"audio chunk of {len(wire)} bytes is shorter than its header", where="bus audio")
    version, flags, side, _, sequence, media_ms, captured_at_ms = _HEADER.unpack_from(wire)
    if version != _VERSION or side >= len(_SIDES):
        raise AudioError(f"audio chunk of version {version}, side {side} is unknown", where="bus audio")
    return AudioChunk(
        side=_SIDES[side],
        sequence=sequence,
        media_ms=media_ms,
        captured_at_ms=captured_at_ms,
        alaw=wire[_HEADER.size :],
        last=bool(flags & _LAST),
    )
