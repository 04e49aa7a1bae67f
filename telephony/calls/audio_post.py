"""Publishes the sound of all calls of a switch: what the media plane brings in one tick goes out in one go.

A task for each side of each call would be woken for each chunk, which costs as much as publishing it.
"""

import asyncio
from collections import deque
from typing import Protocol

import structlog

from domain.audio import AudioChunk
from domain.ports import Bus
from domain.topic import Topic

logger = structlog.get_logger()


class Sender(Protocol):
    """One stream of sound. waiting: oldest first; over: set when the last chunk is out. keys: of `topic`."""

    topic: Topic[AudioChunk]
    keys: tuple[str, ...]
    waiting: deque[AudioChunk]
    over: asyncio.Event


class AudioPost:
    """Its task lives as long as something waits."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._senders: deque[Sender] = deque()
        self._task: asyncio.Task[None] | None = None

    def take(self, sender: Sender) -> None:
        """Something will wait at this sender, where nothing did."""
        self._senders.append(sender)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._publish())

    async def _publish(self) -> None:
        """In the order in which the senders had something; a fault with one chunk does not silence the others."""
        publish = self._bus.publish
        while self._senders:
            sender = self._senders.popleft()
            topic, keys, waiting = sender.topic, sender.keys, sender.waiting
            while waiting:
                chunk = waiting.popleft()
                try:
                    await publish(topic, keys, chunk)
                except Exception:
                    logger.exception("a chunk of sound could not be published", topic=topic.pattern)
                if chunk.last:
                    sender.over.set()
        self._task = None
