"""A call's own history: events numbered in order, appended to the event log, and noted on disk until the call is over.

The note `<call_id>.json` is what a restarted switch finds of a call that it lost.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from domain.call import CallEvent
from domain.ports import EventLog
from domain.topics import CALL_EVENT

logger = structlog.get_logger()
NUMBERS_AT_ONCE = 1000
"""A note keeps so many numbers for its call at a time, so that not each event costs a file; a crash leaves a gap."""


class CallNote(msgspec.Struct, frozen=True, kw_only=True):
    """What the disk knows of a call that is up. next_number: no event of the call has this number, or a greater one.

    between_colleagues: no citizen is in it.
    """

    call_id: str
    switch_id: str
    next_number: int
    between_colleagues: bool = False


class CallJournal:
    """Numbers a call's events and hands them to the log in that order; `write` never blocks."""

    def __init__(
        self,
        call_id: str,
        switch_id: str,
        folder: Path,
        log: EventLog,
        now_ms: Callable[[], int],
        *,
        first: int = 0,
        between_colleagues: bool = False,
    ) -> None:
        self.call_id = call_id
        self._switch_id = switch_id
        self._note = folder / f"{call_id}.json"
        self._log = log
        self._now_ms = now_ms
        self._number = self._noted_to = first
        self._between_colleagues = between_colleagues
        self._events: asyncio.Queue[CallEvent | None] = asyncio.Queue()

    def write(self, event: Callable[..., CallEvent], *, at_ms: int | None = None) -> None:
        """Append `event`, a partial of one of domain.call's types that lacks only the fields of CallEventBase."""
        self._events.put_nowait(
            event(
                call_id=self.call_id,
                number=self._number,
                at_ms=self._now_ms() if at_ms is None else at_ms,
                switch_id=self._switch_id,
            )
        )
        self._number += 1

    def finish(self) -> None:
        """No more events; `run` returns when all are appended."""
        self._events.put_nowait(None)

    async def run(self) -> None:
        """Append until `finish`; then forget the call."""
        while (event := await self._events.get()) is not None:
            if event.number >= self._noted_to:
                self._try_to_note(event.number + NUMBERS_AT_ONCE)
            await self._log.append(CALL_EVENT, (self.call_id,), event, event_id=event.event_id)
        self._note.unlink(missing_ok=True)

    def _try_to_note(self, next_number: int) -> None:
        """A disk that refuses must not end the call: the next event tries again."""
        try:
            self._keep_note(next_number)
        except OSError as error:
            logger.error("a call is not noted on disk", call_id=self.call_id, error=error.strerror)

    def _keep_note(self, next_number: int) -> None:
        """On disk before the first event that it stands for is anywhere else; not in `write`, where a caller waits."""
        note = CallNote(
            call_id=self.call_id,
            switch_id=self._switch_id,
            next_number=next_number,
            between_colleagues=self._between_colleagues,
        )
        self._note.write_bytes(msgspec.json.encode(note))
        self._noted_to = next_number


def read_notes(folder: Path) -> list[CallNote]:
    """The calls that were up when the switch before us ended; a note cut short by the crash counts from 10,000."""
    notes = []
    for file in sorted(folder.glob("*.json")):
        try:
            notes.append(msgspec.json.decode(file.read_bytes(), type=CallNote))
        except msgspec.DecodeError:
            notes.append(CallNote(call_id=file.stem, switch_id="unknown", next_number=10_000))
    return notes
