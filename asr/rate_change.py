"""Between the telephone's 8 kHz and the 16 kHz of wide-band models, piece by piece without a seam."""

import numpy as np
from scipy.signal import firwin, lfilter

from asr.recogniser import Samples

_TAPS = 47
_CUT_OFF = 0.48
"""Of the new Nyquist frequency: just below the telephone's own 4 kHz."""
_BAND = firwin(_TAPS, _CUT_OFF)


class DoubledRate:
    """One stream's state. The sound is delayed by 1.4 ms."""

    def __init__(self) -> None:
        self._state = np.zeros(_TAPS - 1)

    def __call__(self, samples: Samples) -> Samples:
        """The next piece, twice as many samples as were given."""
        if not len(samples):
            return samples
        spread = np.zeros(2 * len(samples))
        spread[::2] = samples
        doubled, self._state = lfilter(2.0 * _BAND, 1.0, spread, zi=self._state)
        out: Samples = np.clip(np.round(doubled), -32768, 32767).astype(np.int16)
        return out


class HalvedRate:
    """One stream's state, from 16 kHz to 8 kHz. The sound is delayed by 1.4 ms."""

    def __init__(self) -> None:
        self._state = np.zeros(_TAPS - 1)
        self._skip = 0

    def __call__(self, samples: Samples) -> Samples:
        """The next piece: every second sample of the stream, whatever the pieces' lengths."""
        if not len(samples):
            return samples
        narrow, self._state = lfilter(_BAND, 1.0, samples.astype(np.float64), zi=self._state)
        kept = narrow[self._skip :: 2]
        self._skip = (self._skip - len(samples)) % 2
        out: Samples = np.clip(np.round(kept), -32768, 32767).astype(np.int16)
        return out
