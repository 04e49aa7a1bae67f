"""Leases inside one process: the same contract as the ones on NATS, among those who share the object."""

import asyncio

from domain.ports import Lease


class MemoryLease:
    """domain.ports.Lease; never lost, only released."""

    def __init__(self, free: asyncio.Lock) -> None:
        self.lost = asyncio.Event()
        self._free = free

    async def release(self) -> None:
        if not self.lost.is_set():
            self.lost.set()
            self._free.release()


class MemoryLeases:
    """domain.ports.Leases among those who share this object."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}

    async def acquire(self, name: str) -> Lease:
        free = self._locks.setdefault(name, asyncio.Lock())
        await free.acquire()
        return MemoryLease(free)
