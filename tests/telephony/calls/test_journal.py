"""A call's events on their way to the log, and the note that outlives a switch which is lost."""

import asyncio
from functools import partial
from pathlib import Path

from bus.memory import MemoryBus, MemoryLog
from domain.call import CallEvent, DigitSource, KeyPressed
from domain.topics import CALL_EVENT
from telephony.calls.journal import NUMBERS_AT_ONCE, CallJournal, read_notes

DEADLINE_S = 30.0


class WatchedLog(MemoryLog):
    """Remembers, of each event that is appended, how many files were written until then and what the note promised."""

    def __init__(self, folder: Path) -> None:
        super().__init__(bus=MemoryBus())
        self._folder = folder
        self.promised: list[tuple[int, int]] = []
        self.appended = asyncio.Event()

    async def append(self, *words: object, **more: object) -> None:
        event = words[2]
        assert isinstance(event, CallEvent)
        [note] = read_notes(self._folder)
        self.promised.append((event.number, note.next_number))
        await super().append(*words, **more)
        self.appended.set()


def key(journal: CallJournal) -> None:
    journal.write(partial(KeyPressed, digit="1", source=DigitSource.INFO))


async def test_nothing_is_on_disk_before_the_call_is_served_and_nothing_in_the_log_without_a_note(
    tmp_path: Path,
) -> None:
    log = WatchedLog(tmp_path)
    journal = CallJournal("c1", "switch-1", tmp_path, log, lambda: 5)
    for _ in range(NUMBERS_AT_ONCE + 2):
        key(journal)
    assert read_notes(tmp_path) == []
    served = asyncio.create_task(journal.run())
    journal.finish()
    await served
    assert [number for number, _ in log.promised] == list(range(NUMBERS_AT_ONCE + 2))
    assert all(number < free for number, free in log.promised)
    assert {free for _, free in log.promised} == {NUMBERS_AT_ONCE, 2 * NUMBERS_AT_ONCE}
    assert read_notes(tmp_path) == []
    assert len(await log.replay(CALL_EVENT, ())) == NUMBERS_AT_ONCE + 2


async def test_a_call_of_a_lost_switch_goes_on_after_its_numbers(tmp_path: Path) -> None:
    log = WatchedLog(tmp_path)
    journal = CallJournal("c1", "switch-1", tmp_path, log, lambda: 5)
    key(journal)
    lost = asyncio.create_task(journal.run())
    await asyncio.wait_for(log.appended.wait(), DEADLINE_S)
    lost.cancel()
    [note] = read_notes(tmp_path)
    later = CallJournal("c1", "switch-2", tmp_path, log, lambda: 9, first=note.next_number)
    key(later)
    later.finish()
    await later.run()
    assert [number for number, _ in log.promised] == [0, NUMBERS_AT_ONCE]
