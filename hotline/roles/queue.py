"""The role `queue`: who waits, who is free, who gets whom. One process leads, others stand by."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import TypeVar

from domain.acd_rules import AcdRules
from domain.errors import BusError
from hotline.queue_clock import Clock, WallClock
from hotline.queue_leader import QueueLeader
from hotline.queue_metrics import LEADER
from hotline.queue_rules import rules_of
from hotline.roles.context import RoleContext

LEASE = "queue"
RETRY_S = 0.5
T = TypeVar("T")


async def run(context: RoleContext, clock: Clock | None = None) -> None:
    """Stand by for the lease, lead while it is ours, and again, until the context stops.

    ConfigError when the rules are wrong.
    """
    rules = rules_of(context.settings)
    clock = clock or WallClock()
    _warn_of_old_calendar(context, rules, clock)
    while not context.stopping.is_set():
        lease = await _unless(context.stopping, context.leases.acquire(LEASE))
        if lease is None:
            return
        until = asyncio.Event()
        leader = QueueLeader(
            context.bus,
            context.log,
            rules,
            clock,
            context.logger,
            snapshot_every=context.settings.queue.snapshot_every,
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


def _warn_of_old_calendar(context: RoleContext, rules: AcdRules, clock: Clock) -> None:
    year = datetime.fromtimestamp((clock.now_ms() + rules.utc_offset_ms) / 1000, UTC).year
    if not any(day.startswith(str(year)) for day in rules.days):
        remedy = "name the file of this year in [queue] calendar"
        context.logger.warning("the calendar has no holidays of this year", year=year, remedy=remedy)


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
