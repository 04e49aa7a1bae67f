"""Waiting that an event cuts short."""

import asyncio


async def set_within(event: asyncio.Event, timeout_s: float) -> bool:
    """Whether the event is set, at the latest after so long; returns as soon as it is."""
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return False
    return True
