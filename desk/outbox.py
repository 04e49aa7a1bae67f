"""What waits to be sent to one browser: bounded, newest first to survive."""

import asyncio

import msgspec

from desk import metrics


class LiveMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message of /api/live. body: its JSON.

    key: a waiting message with the same key is replaced by this one; empty: never.
    partial: may be dropped when the browser is slow.
    """

    type: str
    body: bytes
    key: str = ""
    partial: bool = False


def live_message(kind: str, members: dict[str, object], *, key: str = "", partial: bool = False) -> LiveMessage:
    return LiveMessage(type=kind, body=msgspec.json.encode({"type": kind, **members}), key=key, partial=partial)


class Outbox:
    """Holds at most `limit` messages. The oldest partials go first; when only others are left, it closes: the page
    must come anew and ask for everything."""

    def __init__(self, limit: int = 256) -> None:
        self._limit = limit
        self._waiting: dict[str, LiveMessage] = {}
        self._count = 0
        self._news = asyncio.Event()
        self.closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, message: LiveMessage) -> None:
        """Never blocks. Nothing is taken once it is closed."""
        if self.closed:
            return
        self._count += 1
        key = message.key or f"#{self._count}"
        self._waiting.pop(key, None)
        self._waiting[key] = message
        if len(self._waiting) > self._limit and not self._drop_partial():
            metrics.DROPPED.labels(message.type).inc(len(self._waiting))
            self.close()
        self._news.set()

    def offer(self, message: LiveMessage) -> None:
        """As `put`, unless one with its key waits: what has been told meanwhile is newer than what was looked up."""
        if message.key not in self._waiting:
            self.put(message)

    async def take(self) -> LiveMessage | None:
        """The oldest message, waiting for one; None once it is closed."""
        while not self._waiting and not self.closed:
            self._news.clear()
            await self._news.wait()
        if self.closed:
            return None
        return self._waiting.pop(next(iter(self._waiting)))

    def close(self) -> None:
        """Forget what waits; whoever takes is told."""
        self.closed = True
        self._waiting.clear()
        self._news.set()

    def _drop_partial(self) -> bool:
        oldest = next((key for key, message in self._waiting.items() if message.partial), None)
        if oldest is None:
            return False
        metrics.DROPPED.labels(self._waiting.pop(oldest).type).inc()
        return True
