"""The sound of all calls on its way to the bus: in order, bounded, and nobody silenced by another's fault."""

import asyncio

from bus.memory import MemoryBus
from domain.audio import AudioChunk
from domain.side import Side
from domain.topic import Message, Topic
from domain.topics import CALL_AUDIO
from telephony.calls.audio_post import AudioPost
from telephony.calls.outlet import CHUNKS_KEPT, AudioOutlet

SOUND = b"\x55" * 800
DEADLINE_S = 20.0


class Line(MemoryBus):
    """A bus that can be held up, and whose codec fails for one call."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()
        self.open.set()
        self.said: list[tuple[str, int, bool]] = []
        self.faulty = ""

    async def publish(self, topic: Topic[Message], keys: tuple[str, ...], value: Message) -> None:
        await self.open.wait()
        if keys[0] == self.faulty:
            raise RuntimeError("a defect")
        assert isinstance(value, AudioChunk)
        self.said.append((keys[0], value.sequence, value.last))


def outlets(line: Line, *names: str) -> list[AudioOutlet]:
    post = AudioPost(line)
    return [AudioOutlet(name, Side.CALLER, CALL_AUDIO, post, lambda: 0) for name in names]


async def over(*ended: AudioOutlet) -> None:
    async with asyncio.timeout(DEADLINE_S):
        for outlet in ended:
            await outlet.over.wait()


async def test_chunks_of_many_calls_go_out_in_order_and_each_end_is_told() -> None:
    line = Line()
    calls = outlets(line, "a", "b", "c")
    for number in range(3):
        for call in calls:
            call.push(number * 100, SOUND)
        await asyncio.sleep(0)
    for call in calls:
        call.finish()
    await over(*calls)
    for name in ("a", "b", "c"):
        assert [said[1:] for said in line.said if said[0] == name] == [(0, False), (1, False), (2, False), (3, True)]


async def test_what_waits_for_a_slow_bus_is_bounded_and_the_newest_is_kept() -> None:
    line = Line()
    slow, other = outlets(line, "slow", "other")
    line.open.clear()
    slow.push(0, SOUND)
    await asyncio.sleep(0)
    for number in range(1, 200):
        slow.push(number * 100, SOUND)
    other.push(0, SOUND)
    slow.finish()
    other.finish()
    line.open.set()
    await over(slow, other)
    numbers = [number for name, number, _ in line.said if name == "slow"]
    assert numbers == [0, *range(201 - CHUNKS_KEPT, 201)]
    assert [number for name, number, _ in line.said if name == "other"] == [0, 1]


async def test_a_fault_with_one_call_neither_silences_the_others_nor_keeps_it_from_ending() -> None:
    line = Line()
    line.faulty = "bad"
    bad, good = outlets(line, "bad", "good")
    for outlet in (bad, good):
        outlet.push(0, SOUND)
        outlet.finish()
    await over(bad, good)
    good.push(100, SOUND)
    await asyncio.sleep(0)
    assert [said[0] for said in line.said] == ["good"] * 3
