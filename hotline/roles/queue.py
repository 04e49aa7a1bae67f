"""The role `queue`: who waits, who is free, who gets whom. One process leads, others stand by."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from domain.errors import BusError
from hotline.queue_clock import Clock, WallClock
from hotline.queue_leader import QueueLeader
from hotline.queue_metrics import LEADER
from hotline.roles.context import RoleContext
from telephony.acd_draft import AcdRules
from telephony.settings import TelephonySettings

LEASE = "queue"
RETRY_S = 0.5
T = TypeVar("T")


async def run(context: RoleContext, clock: Clock | None = None) -> None:
    """Stand by for the lease, lead while it is ours, and again, until the context stops."""
    settings = context.settings.telephony
    while not context.stopping.is_set():
        lease = await _unless(context.stopping, context.leases.acquire(LEASE))
        if lease is None:
            return
        until = asyncio.Event()
        leader = QueueLeader(
            context.bus,
            context.log,
            rules_of(settings),
            clock or WallClock(),
            context.logger,
            snapshot_every=settings.queue_snapshot_every,
        )
        LEADER.set(1)
        watch = asyncio.create_task(_set_at_either(until, context.stopping, lease.lost))
        try:
            await leader.lead(until)
        except* BusError as errors:
            context.logger.warning("cannot lead the queue yet", error=str(errors.exceptions[0]))
            await _unless(context.stopping, asyncio.sleep(RETRY_S))
        finally:
            LEADER.set(0)
            watch.cancel()
            await lease.release()


def rules_of(settings: TelephonySettings) -> AcdRules:
    """The core's rules as hotline.toml sets them."""
    return AcdRules(
        ring_timeout_ms=round(settings.queue_ring_timeout_s * 1000),
        wrap_up_limit_ms=round(settings.queue_wrap_up_limit_s * 1000),
        announce_every_ms=round(settings.queue_announce_every_s * 1000),
        lost_after_ms=round(settings.queue_lost_after_s * 1000),
    )


async def _unless(stopping: asyncio.Event, work: Awaitable[T]) -> T | None:
    """The work's result; None, and the work cancelled, when `stopping` is set first."""
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        task.cancel()
        stop.cancel()


async def _set_at_either(until: asyncio.Event, one: asyncio.Event, other: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in (one, other)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    until.set()
