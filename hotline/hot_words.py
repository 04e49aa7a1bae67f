"""The city's hot words on their way: the role `assist` owns the files and says their words; who listens takes them up.

The bus keeps the last ones, so that a listener has them at its start wherever it runs and whether `assist` runs or not.
"""

import asyncio
import hashlib
import time
from pathlib import Path

import msgspec
import structlog

from agent_assist.city_words import city_files, city_words
from agent_assist.settings import AssistSettings
from asr.hot_words import Shelf
from domain.errors import KnowledgeError
from domain.ports import EventLog, Subscription
from domain.speech import HotWord, HotWords
from domain.stopping import set_within
from domain.topics import HOT_WORDS
from hotline.roles.context import RoleContext

LOOK_EVERY_S = 5.0
logger = structlog.get_logger(__name__)

_Stamps = tuple[tuple[Path, int, int], ...]


class HotWordTeller:
    """Says the words of the city's files on the bus, again whenever a file has changed."""

    def __init__(self, log: EventLog, settings: AssistSettings, look_every_s: float = LOOK_EVERY_S) -> None:
        self._log = log
        self._settings = settings
        self._look_every_s = look_every_s
        self._stamps: _Stamps = ()

    async def tell(self) -> None:
        """Say them, unless they are what was said last. KnowledgeError when a file is wrong."""
        self._stamps = _stamps(self._settings)
        words = await asyncio.to_thread(city_words, self._settings)
        kept = await self._log.replay(HOT_WORDS, ())
        version = _version(words)
        if not kept or kept[-1].value.version != version:
            event_id = f"hot_words.{version}.{time.time_ns()}"
            await self._log.append(HOT_WORDS, (), HotWords(version=version, words=words), event_id=event_id)
            logger.info("hot words told", words=len(words), version=version)

    async def watch(self, stopping: asyncio.Event) -> None:
        """Until `stopping`; a changed file that is wrong is a warning, and the words stay as they were."""
        while not await set_within(stopping, self._look_every_s):
            if _stamps(self._settings) == self._stamps:
                continue
            try:
                await self.tell()
            except KnowledgeError as error:
                logger.warning("hot words stay as they were", where=error.where, what=error.what, remedy=error.remedy)


async def shelve_hot_words(context: RoleContext, *shelves: Shelf) -> Subscription:
    """Put the last words that were said on the shelves, and from then on all that are said."""
    version = ""

    async def take(_subject: str, said: HotWords) -> None:
        nonlocal version
        if said.version != version:
            version = said.version
            for shelf in shelves:
                await asyncio.to_thread(shelf.put, said.words)
            context.logger.info("hot words taken up", words=len(said.words), version=version)

    subscription = await context.bus.subscribe(HOT_WORDS, (), take)
    for record in (await context.log.replay(HOT_WORDS, ()))[-1:]:
        if not version:
            await take("", record.value)
    return subscription


def _version(words: tuple[HotWord, ...]) -> str:
    return hashlib.sha256(msgspec.json.encode(words)).hexdigest()[:12]


def _stamps(settings: AssistSettings) -> _Stamps:
    """What tells whether a file has changed; a file that is gone has none."""
    found = []
    for file in city_files(settings):
        try:
            status = file.stat()
        except OSError:
            continue
        found.append((file, status.st_mtime_ns, status.st_size))
    return tuple(found)
