"""Where messages wait for their handler."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

from bus.metrics import DROPPED

logger = structlog.get_logger()
Item = TypeVar("Item")
CAPACITY = 8192
ANSWERS_AT_ONCE = 256


class Inbox(Generic[Item]):
    """Hands what arrives to `handle`, one at a time, in order; when full the oldest is dropped and counted.

    A handler that raises is logged, and the next message comes.
    """

    def __init__(self, name: str, handle: Callable[[Item], Awaitable[None]], *, capacity: int = CAPACITY) -> None:
        self._name = name
        self._handle = handle
        self._waiting: deque[Item] = deque()
        self._capacity = capacity
        self._news = asyncio.Event()
        self._closed = False
        self._task = asyncio.get_running_loop().create_task(self._run())

    def put(self, item: Item) -> None:
        if self._closed:
            return
        if len(self._waiting) >= self._capacity:
            self._waiting.popleft()
            DROPPED.labels("slow").inc()
        self._waiting.append(item)
        self._news.set()

    async def close(self) -> None:
        """No more; a handler that runs is awaited (unless it is the one that closes)."""
        self._closed = True
        self._waiting.clear()
        self._news.set()
        if asyncio.current_task() is not self._task:
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            if self._closed:
                return
            item = self._waiting.popleft()
            if not self._waiting:
                self._news.clear()
            try:
                await self._handle(item)
            except Exception:
                # One message's fault must not silence the subscription.
                logger.exception("a handler failed", subject=self._name)


class Answering(Generic[Item]):
    """Runs `handle` for each question in a task of its own, a bounded number at once."""

    def __init__(self, handle: Callable[[Item], Awaitable[None]]) -> None:
        self._handle = handle
        self._room = asyncio.Semaphore(ANSWERS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def put(self, item: Item) -> None:
        await self._room.acquire()
        task = asyncio.get_running_loop().create_task(self._answer(item))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Answers that are being worked out are awaited."""
        others = self._tasks - {task for task in (asyncio.current_task(),) if task}
        if others:
            await asyncio.wait(others)

    async def _answer(self, item: Item) -> None:
        try:
            await self._handle(item)
        finally:
            self._room.release()
