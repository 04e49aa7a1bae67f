"""Where one side's sound goes: as numbered chunks to the listeners on the bus and, where it is recorded, there."""

import asyncio
from collections import deque
from collections.abc import Callable

from domain.audio import AudioChunk
from domain.side import Side
from domain.topic import Topic
from telephony.calls.audio_post import AudioPost

CHUNKS_KEPT = 50
"""Five seconds of sound may wait for a slow bus; then the oldest is dropped. The recording has it all the same."""


def _not_recorded(_side: Side, _media_ms: int, _alaw: bytes) -> None:
    """Nothing is kept of it."""


class AudioOutlet:
    """One side of one call. `push` and `finish` never block; the post publishes what is `waiting`."""

    def __init__(
        self,
        call_id: str,
        side: Side,
        topic: Topic[AudioChunk],
        post: AudioPost,
        now_ms: Callable[[], int],
        *,
        record: Callable[[Side, int, bytes], None] = _not_recorded,
    ) -> None:
        self.topic = topic
        self.keys: tuple[str, ...] = (call_id, side.value)
        self.waiting: deque[AudioChunk] = deque(maxlen=CHUNKS_KEPT)
        self.over = asyncio.Event()
        self._side = side
        self._post = post
        self._record = record
        self._now_ms = now_ms
        self._sequence = 0
        self._end_ms = 0

    def push(self, media_ms: int, alaw: bytes) -> None:
        """One chunk from the media plane."""
        self._record(self._side, media_ms, alaw)
        self._end_ms = media_ms + len(alaw) // 8
        self._put(media_ms, alaw, last=False)

    def finish(self) -> None:
        """No more sound of this side: the listener is told by an empty last chunk; `over` when it is out."""
        self._put(self._end_ms, b"", last=True)

    def _put(self, media_ms: int, alaw: bytes, *, last: bool) -> None:
        chunk = AudioChunk(self._side, self._sequence, media_ms, self._now_ms(), alaw, last)
        self._sequence += 1
        if not self.waiting:
            self._post.take(self)
        self.waiting.append(chunk)
