"""Where the sides of a call go: recording and listeners. Left is the caller, right is what the caller hears of us.

What the caller is played goes to the listeners only, who know the echo of it by that.
"""

from functools import partial

import structlog

from domain.call import RecordingFinished
from domain.errors import HotlineError
from domain.side import Side
from domain.speech import Expected
from domain.topics import CALL_AUDIO, CALL_PLAYED
from telephony.calls.journal import CallJournal
from telephony.calls.our_side import OurSide
from telephony.calls.outlet import AudioOutlet
from telephony.calls.played_sound import PlayedSound
from telephony.calls.switch_parts import SwitchParts

logger = structlog.get_logger()
_SAID_EARLIER_MS = 40
"""What is played is said to be played so much earlier than it was asked for: two ticks, since its echo is looked for
after it and never before."""


class CallSound:
    """Of one call; it is over when `finish` was called and all is `published`."""

    def __init__(self, call_id: str, parts: SwitchParts) -> None:
        self._call_id = call_id
        self._listening = parts.listening
        self._recorder = parts.open_recorder(call_id)
        post, now_ms = parts.post, parts.now_ms
        self._outlets = {
            side: AudioOutlet(call_id, side, CALL_AUDIO, post, now_ms, record=self._recorder.write) for side in Side
        }
        self._now_ms = now_ms
        self._zero_ms = 0
        self._played = PlayedSound()
        self._played_outlet = AudioOutlet(call_id, Side.CALLER, CALL_PLAYED, post, now_ms)
        self._listened: set[Side] = set()
        self.our_side = OurSide(self._outlets[Side.AGENT].push)

    def listen(self, side: Side) -> None:
        """Have this side listened to from now on; it is one stream, whoever of us speaks in it."""
        if side not in self._listened:
            self._listened.add(side)
            self._listening.begin(self._call_id, side)

    def said(self, side: Side, utterance: int) -> None:
        """An utterance with this number was begun or written down."""
        self._listening.said(self._call_id, side, utterance)

    def expect(self, side: Side, expected: Expected) -> None:
        """A menu waits for this from now on."""
        self._listening.expect(self._call_id, side, expected)

    def begins(self, at_ms: int) -> None:
        """The call's media time begins now (wall clock)."""
        self._zero_ms = at_ms

    def plays(self, alaw: bytes, loop: bool) -> None:
        """From now on the caller is played this, again and again with `loop`; b"": nothing."""
        self._played.begin(self._now_ms(), alaw, loop=loop)

    def caller_spoke(self, media_ms: int, alaw: bytes) -> None:
        """A chunk of the caller, whose clock our own side keeps up with."""
        if played := self._played.cut(self._zero_ms + media_ms + _SAID_EARLIER_MS, len(alaw)):
            self._played_outlet.push(media_ms, played)
        self._outlets[Side.CALLER].push(media_ms, alaw)
        self.our_side.keep_up(media_ms + len(alaw) // 8)

    async def published(self) -> None:
        """Wait until the last sound is out."""
        for outlet in (self._played_outlet, *self._outlets.values()):
            await outlet.over.wait()

    def finish(self) -> None:
        """No more sound will come."""
        self.our_side.finish()
        self._played_outlet.finish()
        for side, outlet in self._outlets.items():
            outlet.finish()
            self._listening.end(self._call_id, side)

    async def close_recording(self, journal: CallJournal) -> None:
        """Close the file and write down where it is."""
        try:
            path, duration_ms, sha256 = await self._recorder.close()
        except HotlineError as error:
            logger.error("recording could not be closed", call_id=self._call_id, error=str(error))
            return
        journal.write(partial(RecordingFinished, path=path, duration_ms=duration_ms, sha256=sha256))
