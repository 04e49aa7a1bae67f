"""Where the sides of a call go: recording and listeners. Left is the caller, right is what the caller hears of us."""

import asyncio
from functools import partial

import structlog

from domain.call import RecordingFinished
from domain.errors import HotlineError
from domain.side import Side
from domain.speech import Expected
from telephony.calls.journal import CallJournal
from telephony.calls.our_side import OurSide
from telephony.calls.outlet import AudioOutlet
from telephony.calls.switch_parts import SwitchParts

logger = structlog.get_logger()


class CallSound:
    """Of one call. `run` publishes until `finish`."""

    def __init__(self, call_id: str, parts: SwitchParts) -> None:
        self._call_id = call_id
        self._listening = parts.listening
        self._recorder = parts.open_recorder(call_id)
        self._outlets = {side: AudioOutlet(call_id, side, parts.bus, self._recorder, parts.now_ms) for side in Side}
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

    def caller_spoke(self, media_ms: int, alaw: bytes) -> None:
        """A chunk of the caller, whose clock our own side keeps up with."""
        self._outlets[Side.CALLER].push(media_ms, alaw)
        self.our_side.keep_up(media_ms + len(alaw) // 8)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for outlet in self._outlets.values():
                tasks.create_task(outlet.run())

    def finish(self) -> None:
        """No more sound will come."""
        self.our_side.finish()
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
