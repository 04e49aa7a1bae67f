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


async def test_who_has_ended_already_is_left_as_it_ended_and_the_others_are_ended() -> None:
    async def fail() -> None:
        raise ValueError("broken")

    done, failed, lasting = (asyncio.create_task(each) for each in (asyncio.sleep(0), fail(), asyncio.sleep(60)))
    await asyncio.wait({done, failed})
    async with asyncio.timeout(5):
        await ending.end(done, failed, lasting)
    assert (done.cancelled(), failed.cancelled(), lasting.cancelled()) == (False, False, True)
    assert isinstance(failed.exception(), ValueError)
