"""The words' way from the city's files to who listens, over the bus in memory."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from agent_assist.settings import AssistSettings
from asr.final_words import Writer
from asr.hot_words import HotWordShelf
from asr.recogniser import Heard
from bus.memory import MemoryBus, MemoryLog
from domain.errors import KnowledgeError
from domain.topics import HOT_WORDS
from hotline.config import Settings
from hotline.hot_words import HotWordTeller, shelve_hot_words
from hotline.roles.context import RoleContext

DEADLINE_S = 20.0


def context() -> RoleContext:
    bus = MemoryBus()
    return RoleContext(Settings(), bus, MemoryLog(bus=bus), "listen-1", structlog.get_logger())


def has(shelf: HotWordShelf, word: str) -> bool:
    return any(match.word.word == word for match in shelf.index.at_beginning(word))


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.01)


async def until_it_has(shelf: HotWordShelf, word: str) -> None:
    await until(lambda: has(shelf, word))


async def test_a_listener_has_the_words_at_its_start_and_new_ones_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("碧水湾\n十号桥\n")
    house, stopping = context(), asyncio.Event()
    teller = HotWordTeller(house.log, AssistSettings(hot_words=file), look_every_s=0.02)
    await teller.tell()
    shelf, writer = HotWordShelf(), Writer()
    heard = await shelve_hot_words(house, shelf, writer)
    assert writer.final_words(Heard("在十号桥", 0.9, 0.0), ((0, 900),), 0).text == "在十号桥"
    assert has(shelf, "碧水湾")
    assert has(shelf, "青石街道")
    watching = asyncio.create_task(teller.watch(stopping))
    file.write_text("碧水湾\n翡翠华庭\n")
    await until_it_has(shelf, "翡翠华庭")
    stopping.set()
    await watching
    await heard.close()


async def test_the_same_words_are_said_once_whoever_says_them() -> None:
    log = MemoryLog()
    for _ in range(2):
        await HotWordTeller(log, AssistSettings()).tell()
    assert len(await log.replay(HOT_WORDS, ())) == 1


async def test_a_wrong_file_is_refused_at_the_start_and_a_warning_later(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("x\n")
    house, stopping = context(), asyncio.Event()
    teller = HotWordTeller(house.log, AssistSettings(hot_words=file), look_every_s=0.02)
    with pytest.raises(KnowledgeError, match=r"words\.txt:1"):
        await teller.tell()
    file.write_text("碧水湾\n")
    await teller.tell()
    with capture_logs() as logs:
        watching = asyncio.create_task(teller.watch(stopping))
        file.write_text("碧水湾\nxyz\n")
        await until(lambda: any(line["event"] == "hot words stay as they were" for line in logs))
        stopping.set()
        await watching
    assert len(await house.log.replay(HOT_WORDS, ())) == 1


async def test_without_words_the_shelf_stays_empty() -> None:
    shelf = HotWordShelf()
    await (await shelve_hot_words(context(), shelf)).close()
    assert len(shelf.index) == 0
