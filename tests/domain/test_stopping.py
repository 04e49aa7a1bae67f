import asyncio

from domain.stopping import set_within


async def test_an_event_that_is_set_is_not_waited_for() -> None:
    event = asyncio.Event()
    event.set()
    assert await set_within(event, 3600)


async def test_an_event_that_is_set_meanwhile_ends_the_waiting() -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_soon(event.set)
    assert await set_within(event, 3600)


async def test_an_event_that_nobody_sets_is_waited_for_no_longer() -> None:
    assert not await set_within(asyncio.Event(), 0.01)
