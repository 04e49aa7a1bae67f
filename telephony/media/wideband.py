"""G.722 at the edge of the house (RFC 3551 §4.5.2): 64 kbit/s, 160 bytes for 20 ms, RTP clock 8,000 as G.711's.

Inside sound is A-law at 8 kHz, so the library runs in its 8 kHz mode: it decodes and encodes the lower band only.
Between two legs that both speak G.722 its bytes are relayed, with both bands.
"""

from array import array

import numpy as np
from G722 import G722

from domain.g711 import RATE_HZ, alaw_decode, alaw_encode

_BITS_PER_SECOND = 64_000


class WidebandDecoder:
    """Follows one stream."""

    def __init__(self) -> None:
        self._g722 = G722(RATE_HZ, _BITS_PER_SECOND)

    def alaw(self, payload: bytes) -> bytes:
        """As many A-law samples at 8 kHz as `payload` has bytes."""
        return alaw_encode(np.frombuffer(self._g722.decode(payload), dtype=np.int16))


class WidebandEncoder:
    """Makes one stream."""

    def __init__(self) -> None:
        self._g722 = G722(RATE_HZ, _BITS_PER_SECOND)

    def payload(self, alaw: bytes) -> bytes:
        """As many bytes of G.722 as there are A-law samples."""
        encoded: bytes = self._g722.encode(array("h", alaw_decode(alaw).tobytes()))
        return encoded
