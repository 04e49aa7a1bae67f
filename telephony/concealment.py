"""What is heard in the place of a lost frame: the last one, fading out over 60 ms, then silence.

G.711 Appendix I does this with pitch periods; a repeated frame with a fast fade is a hundredth of its cost, and the
bridge stays on bytes (`bytes.translate`). The recording and the recogniser get plain silence instead: they shall not
hear what nobody said.
"""

import numpy as np

from domain.g711 import ALAW_DECODE, ALAW_SILENCE, BYTES_PER_FRAME, alaw_encode

SILENT_FRAME = bytes([ALAW_SILENCE]) * BYTES_PER_FRAME


def _fade_table(gain: float) -> bytes:
    return alaw_encode((ALAW_DECODE.astype(np.float64) * gain).astype(np.int16))


_FADES = tuple(_fade_table(gain) for gain in (0.5, 0.2, 0.05))


class Concealment:
    """Follows one stream of frames."""

    def __init__(self) -> None:
        self._last = SILENT_FRAME
        self._missed = 0

    def frame(self, heard: bytes | None) -> bytes | None:
        """`heard` itself; a fading repetition where it is None; None when the stream has been silent for longer."""
        if heard is not None:
            self._last = heard
            self._missed = 0
            return heard
        if self._missed >= len(_FADES):
            return None
        faded = self._last.translate(_FADES[self._missed])
        self._missed += 1
        return faded
