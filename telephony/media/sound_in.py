"""What one leg says: payloads of any codec in, one frame of the house's A-law out every 20 ms, pure."""

from domain.g711 import ULAW_TO_ALAW
from telephony.media.comfort_noise import ComfortNoise
from telephony.media.concealment import Concealment
from telephony.media.jitter import JitterBuffer
from telephony.media.wideband import WidebandDecoder
from telephony.ports import Codec

_G722, _PCMU = Codec.G722, Codec.PCMU
"""Looking a member up in its enum takes as long as a call, and these are asked for with each packet."""


class SoundIn:
    """`push` for each packet, and in each tick `pull`, then the two other frames of that tick.

    bridge_frame: what was heard, for the ears of others, with lost frames concealed. wide_frame: the 160 bytes of G.722
    behind it, None where it is not G.722 that came.
    """

    __slots__ = ("_concealment", "_noise", "_wideband", "bridge_frame", "jitter", "wide_frame")

    def __init__(self) -> None:
        self.jitter = JitterBuffer()
        self.bridge_frame: bytes | None = None
        self.wide_frame: bytes | None = None
        self._wideband: WidebandDecoder | None = None
        self._noise = ComfortNoise()
        self._concealment = Concealment()

    def push(self, codec: Codec, sequence: int, timestamp: int, payload: bytes, waited_ms: int = 0) -> None:
        """Sound came, and has waited for so long, where that is known."""
        if (codec is _G722) != (self._wideband is not None):
            self.jitter.reset()
            self.wide_frame = None
            self._wideband = WidebandDecoder() if codec is _G722 else None
        if self._noise.described:
            self._noise.stop()
        alaw_or_wide = payload.translate(ULAW_TO_ALAW) if codec is _PCMU else payload
        self.jitter.push(sequence, timestamp, alaw_or_wide, waited_ms)

    def push_noise(self, sequence: int, payload: bytes) -> None:
        """Comfort noise came: what is missing from now on is no loss."""
        self.jitter.pass_over(sequence)
        self._noise.describe(payload)

    def pull(self) -> bytes | None:
        """The next 20 ms, 160 A-law bytes as they came; None where nothing came."""
        frame = self.jitter.pull()
        if self._wideband is not None:
            self.wide_frame = frame
            frame = None if frame is None else self._wideband.alaw(frame)
        noise = self._noise.frame() if frame is None else None
        self.bridge_frame = self._concealment.frame(frame) if noise is None else noise
        return frame

    def reset(self) -> None:
        """Another source speaks."""
        self.jitter.reset()
        self._noise.stop()
        if self._wideband is not None:
            self._wideband = WidebandDecoder()
