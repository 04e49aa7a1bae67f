"""How long-running tasks are ended."""

import asyncio

AGAIN_S = 2.0


async def end(*tasks: asyncio.Task[None]) -> None:
    """Cancel, and wait until all are done.

    Before Python 3.12 `asyncio.wait_for` forgets a cancellation that comes together with its result (as each answer of
    NATS does), so a task that lives on is cancelled again.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN_S)
