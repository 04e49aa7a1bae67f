"""The queue role's clock."""

import asyncio
import contextlib
import time
from typing import Protocol


class Clock(Protocol):
    def now_ms(self) -> int:
        """Wall clock (Unix, ms)."""

    async def wait(self, news: asyncio.Event, until_ms: int | None) -> None:
        """Return when `news` is set, or at `until_ms`."""


class WallClock:
    """The true time."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def wait(self, news: asyncio.Event, until_ms: int | None) -> None:
        timeout_s = None if until_ms is None else max(0.0, (until_ms - self.now_ms()) / 1000)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(news.wait(), timeout_s)
