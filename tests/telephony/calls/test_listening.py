"""Who listens to a side: looked for, lost, taken over; and what a menu expects reaches the listener of the stream."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bus.memory import MemoryBus, MemoryLog
from domain.side import Side
from domain.speech import Expected, ListenerAlive, OpenStream, SpeechHealth, StreamOpened
from domain.topics import ASR_ALIVE, ASR_OPEN, CALL_EXPECTED
from telephony.calls.listening import Listening

DEADLINE_S = 20.0
MENU = Expected(phrases=("投诉", "咨询"), only=True)


async def test_a_listener_is_told_what_is_expected_whether_before_or_after_it_opened() -> None:
    bus = MemoryBus()
    opened: asyncio.Queue[OpenStream] = asyncio.Queue()
    told: asyncio.Queue[Expected] = asyncio.Queue()

    async def on_open(_subject: str, question: OpenStream) -> StreamOpened:
        opened.put_nowait(question)
        return StreamOpened(accepted=True, listener_id="listen-1")

    async def on_expected(_subject: str, expected: Expected) -> None:
        told.put_nowait(expected)

    await bus.serve(ASR_OPEN, (), on_open)
    await bus.subscribe(CALL_EXPECTED, ("c", Side.CALLER), on_expected)
    listening = Listening(bus, MemoryLog(), lambda: 0)
    async with asyncio.timeout(DEADLINE_S):
        running = asyncio.create_task(listening.run())
        await asyncio.sleep(0)
        listening.begin("c", Side.CALLER)
        assert (await opened.get()).expected == Expected()
        listening.expect("c", Side.CALLER, MENU)
        assert await told.get() == MENU
        listening.expect("c", Side.CALLER, MENU)
        listening.expect("c", Side.CALLER, Expected())
        while await told.get() != Expected():
            pass  # what was wanted while the stream was being opened may be said twice
        listening.expect("c", Side.AGENT, MENU)
        listening.begin("other", Side.CALLER)
        listening.expect("other", Side.CALLER, MENU)
        assert (await opened.get()).expected == MENU
        assert told.empty()
        listening.end("c", Side.CALLER)
        listening.end("other", Side.CALLER)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


class Floor:
    """Sides of calls to listen to, and listeners that say what the test says. A clock that the test moves."""

    def __init__(self) -> None:
        self.bus = MemoryBus()
        self.now_ms = 0
        self.listening = Listening(self.bus, MemoryLog(), lambda: self.now_ms)
        self.asked: list[tuple[int, str]] = []
        self.accepts = False

    async def on_open(self, _subject: str, question: OpenStream) -> StreamOpened:
        self.asked.append((self.now_ms, question.call_id))
        return StreamOpened(accepted=self.accepts, listener_id="listen-1", reason="all streams are taken")

    async def pass_ms(self, duration_ms: int) -> None:
        for _ in range(0, duration_ms, 500):
            self.now_ms += 500
            self.listening.check(self.now_ms)
            await self.settle()

    async def alive(self, *streams: str, headroom: int = 0) -> None:
        alive = ListenerAlive(
            listener_id="listen-1", at_ms=self.now_ms, streams=streams, headroom=headroom, health=SpeechHealth.LIVE
        )
        await self.bus.publish(ASR_ALIVE, (), alive)
        await self.settle()

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


@pytest.fixture
async def floor() -> AsyncIterator[Floor]:
    floor = Floor()
    await floor.bus.serve(ASR_OPEN, (), floor.on_open)
    running = asyncio.create_task(floor.listening.run())
    await asyncio.sleep(0)
    yield floor
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_side_that_nobody_takes_is_asked_for_ever_more_rarely(floor: Floor) -> None:
    floor.listening.begin("c", Side.CALLER)
    await floor.settle()
    await floor.pass_ms(40_000)
    assert [at_ms for at_ms, _ in floor.asked] == [0, 500, 1500, 3500, 7500, 15_500, 23_500, 31_500, 39_500]


async def test_a_listener_that_has_room_is_asked_at_once_for_as_many_as_it_takes(floor: Floor) -> None:
    for number in range(5):
        floor.listening.begin(f"c{number}", Side.CALLER)
    await floor.settle()
    floor.accepts = True
    floor.asked.clear()
    await floor.alive(headroom=2)
    assert floor.asked == [(0, "c0"), (0, "c1")]
    await floor.alive("c0.caller", "c1.caller", headroom=0)
    assert len(floor.asked) == 2
    await floor.alive("c0.caller", "c1.caller", headroom=9)
    assert floor.asked[2:] == [(0, "c2"), (0, "c3"), (0, "c4")]


async def test_a_side_that_no_listener_names_is_opened_anew(floor: Floor) -> None:
    floor.accepts = True
    floor.listening.begin("c", Side.CALLER)
    floor.listening.begin("d", Side.CALLER)
    await floor.settle()
    floor.asked.clear()
    for _ in range(8):
        await floor.pass_ms(500)
        await floor.alive("d.caller")
    assert floor.asked == [(3000, "c")]
    floor.listening.end("c", Side.CALLER)
    await floor.pass_ms(10_000)
    assert {call_id for at_ms, call_id in floor.asked if at_ms > 4000} == {"d"}
