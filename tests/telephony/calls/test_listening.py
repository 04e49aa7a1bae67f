"""What a menu expects reaches the listener of the stream, and the one that takes it over."""

import asyncio

from bus.memory import MemoryBus, MemoryLog
from domain.side import Side
from domain.speech import Expected, OpenStream, StreamOpened
from domain.topics import ASR_OPEN, CALL_EXPECTED
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
