"""Keys that are only heard: the tones of one leg followed through time, pure; and keys sent that way.

A key is told once its tones have held for 30 ms (ITU-T Q.24: 40 ms must be enough), and is over after 30 ms without
them. A frame that was lost counts as what comes after it, more of the tone or more of the pause; so loss neither drops
a key nor makes two of one, nor one of two.
"""

from collections import deque

from domain.g711 import ALAW_SILENCE, BYTES_PER_FRAME
from telephony.media.dtmf_tones import BLOCKS_PER_FRAME, KEYS, NO_KEY, tone

_BLOCKS_TO_BEGIN = 3
_BLOCKS_TO_END = 3
_MOST_LOST_BLOCKS = 10
TONE_MS = 160
PAUSE_MS = 100
_MOST_WAITING = 64


class InbandDigits:
    """`hear` what `dtmf_tones.spot` found in each frame, `lose` each frame that did not come.

    key: the one whose tone is under way, as a place in KEYS; with NO_KEY, frames without tones need not be told.
    """

    __slots__ = ("_gone", "_held", "_lost", "_told", "key")

    def __init__(self) -> None:
        self.key = NO_KEY
        self._held = 0
        self._gone = 0
        self._lost = 0
        self._told = False

    def hear(self, found: tuple[int, ...]) -> str | None:
        """The key that this frame completes. found: places in KEYS or NO_KEY, one for each 10 ms."""
        completed = None
        for key in found:
            completed = self._follow(key) or completed
            self._lost = 0
        return completed

    def lose(self) -> str | None:
        """20 ms did not come."""
        self._lost += BLOCKS_PER_FRAME
        if self.key == NO_KEY:
            return None
        if self._lost > _MOST_LOST_BLOCKS:
            self.key = NO_KEY
            return None
        return None if self._told or self._gone else self._hold(BLOCKS_PER_FRAME)

    def _follow(self, key: int) -> str | None:
        if key == self.key:
            if key == NO_KEY:
                return None
            self._gone = 0
            return self._hold(1)
        self._gone += 1 + self._lost
        if key != NO_KEY and (not self._told or self._gone >= _BLOCKS_TO_END):
            self.key, self._held, self._gone, self._told = key, 0, 0, False
            return self._hold(1)
        if not self._told or self._gone >= _BLOCKS_TO_END:
            self.key = NO_KEY
        return None

    def _hold(self, blocks: int) -> str | None:
        self._held += blocks
        if self._told or self._held < _BLOCKS_TO_BEGIN:
            return None
        self._told = True
        return KEYS[self.key]


class InbandSender:
    """Keys as sound for a far end that takes no telephone-events: 160 ms each, and a pause before the next."""

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque()
        self._sound = b""

    @property
    def idle(self) -> bool:
        """Whether no key is under way and none waits."""
        return not self._sound and not self._waiting

    def add(self, digit: str) -> bool:
        """Queue a key; False when it is not one of 0-9 * # A-D, or too many wait."""
        key = digit.upper()
        if len(key) != 1 or key not in KEYS or len(self._waiting) >= _MOST_WAITING:
            return False
        self._waiting.append(tone(key, TONE_MS) + bytes([ALAW_SILENCE]) * (PAUSE_MS * 8))
        return True

    def next_frame(self) -> bytes | None:
        """What to send in this 20 ms instead of sound; None when no key is under way."""
        if not self._sound:
            if not self._waiting:
                return None
            self._sound = self._waiting.popleft()
        frame, self._sound = self._sound[:BYTES_PER_FRAME], self._sound[BYTES_PER_FRAME:]
        return frame
