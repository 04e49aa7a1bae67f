"""Ending tasks that forget a cancellation."""

import asyncio

import pytest

from bus import ending


async def test_a_task_that_forgets_its_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "AGAIN_S", 0.01)
    forgotten = 0

    async def forgetful() -> None:
        nonlocal forgotten
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                forgotten += 1
                if forgotten == 3:
                    raise

    task = asyncio.create_task(forgetful())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await ending.end(task)
    assert task.cancelled()


async def test_nothing_to_end_is_no_trouble() -> None:
    await ending.end()
