"""G.711 (ITU-T 1988) as look-up tables: 8,000 bytes a second, one byte a sample.

The media plane never decodes; only recognition, mixing and synthesis do, in bulk. `ULAW_TO_ALAW` and
`ALAW_TO_ULAW` are for `bytes.translate`.
"""

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
FRAME_MS = 20
BYTES_PER_FRAME = RATE_HZ * FRAME_MS // 1000
ALAW_SILENCE = 0xD5
ULAW_SILENCE = 0xFF


def _alaw_decode_table() -> NDArray[np.int16]:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    exponent = (code >> 4) & 7
    mantissa = code & 0x0F
    magnitude = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _ulaw_decode_table() -> NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


ALAW_DECODE = _alaw_decode_table()
ULAW_DECODE = _ulaw_decode_table()


def _encode_table(decode: NDArray[np.int16]) -> NDArray[np.uint8]:
    """For each of the 65,536 values of int16 (as uint16) the code whose decoded value is nearest."""
    order = np.argsort(decode, kind="stable")
    levels = decode[order].astype(np.int32)
    pcm = np.arange(-32768, 32768, dtype=np.int32)
    right = np.clip(np.searchsorted(levels, pcm), 1, 255)
    nearest = np.where(pcm - levels[right - 1] < levels[right] - pcm, right - 1, right)
    table = np.empty(65536, dtype=np.uint8)
    table[pcm.astype(np.uint16)] = order[nearest]
    return table


_ALAW_ENCODE = _encode_table(ALAW_DECODE)
_ULAW_ENCODE = _encode_table(ULAW_DECODE)

ULAW_TO_ALAW = _ALAW_ENCODE[ULAW_DECODE.astype(np.uint16)].tobytes()
ALAW_TO_ULAW = _ULAW_ENCODE[ALAW_DECODE.astype(np.uint16)].tobytes()


def alaw_decode(alaw: bytes) -> NDArray[np.int16]:
    """A-law bytes to int16 samples, one each."""
    return ALAW_DECODE[np.frombuffer(alaw, dtype=np.uint8)]


def alaw_encode(pcm: NDArray[np.int16]) -> bytes:
    """int16 samples to A-law bytes, one each."""
    return _ALAW_ENCODE[pcm.astype(np.int16, copy=False).view(np.uint16)].tobytes()


def ulaw_decode(ulaw: bytes) -> NDArray[np.int16]:
    """µ-law bytes to int16 samples, one each."""
    return ULAW_DECODE[np.frombuffer(ulaw, dtype=np.uint8)]


def ulaw_encode(pcm: NDArray[np.int16]) -> bytes:
    """int16 samples to µ-law bytes, one each."""
    return _ULAW_ENCODE[pcm.astype(np.int16, copy=False).view(np.uint16)].tobytes()
