"""What domain.ports promises, of the bus in memory and of the one on NATS."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import pytest

from bus.connection import connect
from bus.memory import MemoryBus, MemoryLog
from bus.memory_lease import MemoryLeases
from bus.server import NatsServer
from bus.settings import BusSettings
from domain.agent import AgentState, AgentStatus
from domain.call import CallAnswered, CallEvent
from domain.command import AnnouncePosition, CommandReply
from domain.errors import BusError, NoResponderError
from domain.job import InspectJob, TranscribeJob
from domain.ports import Bus, EventLog, Leases, Record
from domain.side import Side
from domain.speech import LivePartial, SpeechHealth, SpeechHealthChanged, SpeechMessage, SpeechStarted
from domain.topics import AGENT_STATE, CALL_COMMAND, CALL_EVENT, CALL_PARTIAL, CALL_SPEECH, JOB_INSPECT, JOB_TRANSCRIBE

T = TypeVar("T")


@dataclass
class Ports:
    """Two roles on one bus."""

    bus: Bus
    log: EventLog
    other_bus: Bus
    other_log: EventLog
    leases: Leases
    other_leases: Leases


@pytest.fixture(params=["memory", "nats"])
async def ports(request: pytest.FixtureRequest, tmp_path: Path, settings: BusSettings) -> AsyncIterator[Ports]:
    if request.param == "memory":
        bus, leases = MemoryBus(), MemoryLeases()
        log = MemoryLog(bus=bus)
        yield Ports(bus, log, bus, log, leases, leases)
        return
    server = NatsServer(tmp_path, settings)
    await server.start()
    one = await connect(settings, "one-1", tmp_path)
    other = await connect(settings, "other-1", tmp_path)
    yield Ports(one.bus, one.log, other.bus, other.log, one.leases, other.leases)
    await one.close()
    await other.close()
    await server.stop()


class Heard(Generic[T]):
    """Collects, and waits until enough came."""

    def __init__(self) -> None:
        self.items: list[T] = []
        self._news = asyncio.Condition()

    async def add(self, item: T) -> None:
        async with self._news:
            self.items.append(item)
            self._news.notify_all()

    async def until(self, count: int, within_s: float = 20) -> list[T]:
        async with asyncio.timeout(within_s), self._news:
            await self._news.wait_for(lambda: len(self.items) >= count)
        return self.items


def started(number: int, call_id: str = "c1") -> SpeechStarted:
    return SpeechStarted(call_id=call_id, side=Side.CALLER, utterance_id=f"u{number}", start_ms=number)


def health(number: int, call_id: str = "c1") -> SpeechHealthChanged:
    return SpeechHealthChanged(
        call_id=call_id, side=Side.CALLER, health=SpeechHealth.LIVE, reason=str(number), at_ms=number
    )


def status(agent_id: str, state: AgentState, at_ms: int) -> AgentStatus:
    return AgentStatus(agent_id=agent_id, name="王", extension="1001", state=state, since_ms=at_ms, at_ms=at_ms)


async def test_publish_is_heard_in_order_by_all_who_listen_to_that_subject(ports: Ports) -> None:
    everyone, mine, others = Heard[tuple[str, int]](), Heard[int](), Heard[int]()

    async def hear_all(subject: str, message: LivePartial) -> None:
        await everyone.add((subject, message.start_ms))

    async def hear_mine(_: str, message: LivePartial) -> None:
        await mine.add(message.start_ms)

    async def hear_others(_: str, message: LivePartial) -> None:
        await others.add(message.start_ms)

    await ports.other_bus.subscribe(CALL_PARTIAL, (), hear_all)
    await ports.other_bus.subscribe(CALL_PARTIAL, ("c1",), hear_mine)
    await ports.other_bus.subscribe(CALL_PARTIAL, ("c2",), hear_others)
    for number in range(50):
        await ports.bus.publish(CALL_PARTIAL, ("c1",), started(number))
    await ports.bus.publish(CALL_PARTIAL, ("c2",), started(50, "c2"))
    assert await everyone.until(51) == [("call.c1.speech.partial", n) for n in range(50)] + [
        ("call.c2.speech.partial", 50)
    ]
    assert await mine.until(50) == list(range(50))
    assert await others.until(1) == [50]


async def test_one_member_of_a_group_hears_each_message(ports: Ports) -> None:
    heard = Heard[int]()

    async def hear(_: str, message: LivePartial) -> None:
        await heard.add(message.start_ms)

    await ports.bus.subscribe(CALL_PARTIAL, (), hear, group="g")
    await ports.other_bus.subscribe(CALL_PARTIAL, (), hear, group="g")
    for number in range(100):
        await ports.bus.publish(CALL_PARTIAL, ("c1",), started(number))
    assert sorted(await heard.until(100)) == list(range(100))


async def test_a_handler_that_fails_hears_the_next_message(ports: Ports) -> None:
    heard = Heard[int]()

    async def hear(_: str, message: LivePartial) -> None:
        if message.start_ms == 0:
            raise ValueError("on purpose")
        await heard.add(message.start_ms)

    await ports.bus.subscribe(CALL_PARTIAL, (), hear)
    for number in range(2):
        await ports.bus.publish(CALL_PARTIAL, ("c1",), started(number))
    assert await heard.until(1) == [1]


async def test_closing_a_subscription_awaits_the_handler_and_hears_no_more(ports: Ports) -> None:
    begun, go_on, finished = asyncio.Event(), asyncio.Event(), []

    async def hear(_: str, message: LivePartial) -> None:
        begun.set()
        await go_on.wait()
        finished.append(message.start_ms)

    subscription = await ports.bus.subscribe(CALL_PARTIAL, (), hear)
    for number in range(2):
        await ports.bus.publish(CALL_PARTIAL, ("c1",), started(number))
    await begun.wait()
    closing = asyncio.create_task(subscription.close())
    asyncio.get_running_loop().call_later(0.05, go_on.set)
    await closing
    assert finished == [0]


async def test_request_is_answered_and_several_at_once(ports: Ports) -> None:
    both = asyncio.Barrier(2)

    async def answer(subject: str, question: object) -> CommandReply:
        await both.wait()
        return CommandReply(accepted=True, reason=subject)

    await ports.other_bus.serve(CALL_COMMAND, (), answer)
    replies = await asyncio.gather(
        *(ports.bus.request(CALL_COMMAND, (call,), AnnouncePosition(before=1), timeout_s=5) for call in ("a", "b"))
    )
    assert [reply.reason for reply in replies] == ["call.a.command", "call.b.command"]


async def test_who_has_begun_to_serve_is_reached_at_once(ports: Ports) -> None:
    async def answer(subject: str, question: object) -> CommandReply:
        return CommandReply(accepted=True, reason=subject)

    for number in range(100):
        serving = await ports.other_bus.serve(CALL_COMMAND, (f"c{number}",), answer)
        reply = await ports.bus.request(CALL_COMMAND, (f"c{number}",), AnnouncePosition(before=1), timeout_s=5)
        assert reply.accepted
        await serving.close()


async def test_request_without_a_server_says_so_at_once(ports: Ports) -> None:
    with pytest.raises(NoResponderError, match=r"call\.nobody\.command"):
        await ports.bus.request(CALL_COMMAND, ("nobody",), AnnouncePosition(before=1), timeout_s=60)


async def test_request_that_is_not_answered_in_time_is_an_error(ports: Ports) -> None:
    async def never(_: str, question: object) -> CommandReply:
        await asyncio.sleep(0.5)
        return CommandReply(accepted=True)

    await ports.bus.serve(CALL_COMMAND, ("c",), never)
    with pytest.raises(BusError) as caught:
        await ports.bus.request(CALL_COMMAND, ("c",), AnnouncePosition(before=1), timeout_s=0.05)
    assert not isinstance(caught.value, NoResponderError)


async def test_a_server_that_fails_is_an_error_at_once(ports: Ports) -> None:
    async def fail(_: str, question: object) -> CommandReply:
        raise ValueError("line one\nline two 换行")

    await ports.bus.serve(CALL_COMMAND, ("c",), fail)
    async with asyncio.timeout(10):
        with pytest.raises(BusError, match="line one"):
            await ports.bus.request(CALL_COMMAND, ("c",), AnnouncePosition(before=1), timeout_s=60)


async def test_appended_events_are_kept_once_each_and_replayed_in_order(ports: Ports) -> None:
    for number in (0, 1, 1, 2):
        await ports.log.append(CALL_SPEECH, ("c1",), health(number), event_id=f"c1.{number}")
    await ports.log.append(CALL_SPEECH, ("c2",), health(7, "c2"), event_id="c2.7")
    everything = await ports.other_log.replay(CALL_SPEECH, ())
    assert [(record.value.call_id, record.value.at_ms) for record in everything if is_health(record)] == [
        ("c1", 0), ("c1", 1), ("c1", 2), ("c2", 7),
    ]  # fmt: skip
    assert [record.sequence for record in everything] == sorted({record.sequence for record in everything})
    assert everything[0].subject == "call.c1.speech"
    assert all(record.at_ms > 1_600_000_000_000 for record in everything)
    later = await ports.other_log.replay(CALL_SPEECH, ("c1",), after=everything[0].sequence)
    assert [record.value.reason for record in later if is_health(record)] == ["1", "2"]
    assert await ports.other_log.replay(CALL_SPEECH, ("nobody",)) == []


async def test_a_replay_can_begin_at_a_time(ports: Ports) -> None:
    await ports.log.append(CALL_SPEECH, ("c1",), health(1), event_id="c1.1")
    await asyncio.sleep(0.05)
    await ports.log.append(CALL_SPEECH, ("c1",), health(2), event_id="c1.2")
    first, second = await ports.other_log.replay(CALL_SPEECH, ())
    assert await ports.other_log.replay(CALL_SPEECH, (), since_ms=first.at_ms - 1000) == [first, second]
    assert await ports.other_log.replay(CALL_SPEECH, (), since_ms=second.at_ms) == [second]
    assert await ports.other_log.replay(CALL_SPEECH, (), since_ms=second.at_ms + 60_000) == []


def is_health(record: Record[SpeechMessage]) -> bool:
    return isinstance(record.value, SpeechHealthChanged)


async def test_what_is_appended_is_heard_live_too(ports: Ports) -> None:
    heard: Heard[str] = Heard()

    async def hear(_subject: str, event: CallEvent) -> None:
        await heard.add(event.event_id)

    subscription = await ports.bus.subscribe(CALL_EVENT, ("c1",), hear)
    for number in range(3):
        event = CallAnswered(call_id="c1", number=number, at_ms=number, switch_id="s")
        await ports.other_log.append(CALL_EVENT, ("c1",), event, event_id=event.event_id)
    assert await heard.until(3) == ["c1.0", "c1.1", "c1.2"]
    await subscription.close()


async def test_more_events_than_one_batch_are_replayed(ports: Ports) -> None:
    for number in range(600):
        await ports.log.append(CALL_SPEECH, ("c1",), health(number), event_id=str(number))
    assert len(await ports.log.replay(CALL_SPEECH, ())) == 600


async def test_a_state_topic_keeps_the_last_of_each_subject(ports: Ports) -> None:
    states = [("a", AgentState.BREAK), ("a", AgentState.READY), ("b", AgentState.BREAK)]
    for number, (agent_id, state) in enumerate(states):
        await ports.log.append(AGENT_STATE, (agent_id,), status(agent_id, state, number), event_id=str(number))
    kept = await ports.log.replay(AGENT_STATE, ())
    assert [(record.value.agent_id, record.value.state) for record in kept] == [
        ("a", AgentState.READY),
        ("b", AgentState.BREAK),
    ]


async def test_a_consumer_goes_on_where_it_stopped(ports: Ports) -> None:
    first, second, late = Heard[int](), Heard[int](), Heard[int]()

    async def hear_first(record: Record[SpeechMessage]) -> None:
        assert isinstance(record.value, SpeechHealthChanged)
        await first.add(record.value.at_ms)

    async def hear_second(record: Record[SpeechMessage]) -> None:
        assert isinstance(record.value, SpeechHealthChanged)
        await second.add(record.value.at_ms)

    async def hear_late(record: Record[SpeechMessage]) -> None:
        assert isinstance(record.value, SpeechHealthChanged)
        await late.add(record.value.at_ms)

    await ports.log.append(CALL_SPEECH, ("c1",), health(0), event_id="0")
    subscription = await ports.log.consume(CALL_SPEECH, hear_first, consumer="reader")
    await ports.log.append(CALL_SPEECH, ("c2",), health(1), event_id="1")
    await first.until(2)
    await subscription.close()
    await ports.log.append(CALL_SPEECH, ("c1",), health(2), event_id="2")
    await ports.other_log.consume(CALL_SPEECH, hear_second, consumer="reader")
    await ports.other_log.consume(CALL_SPEECH, hear_late, consumer="late", from_now=True)
    await ports.log.append(CALL_SPEECH, ("c1",), health(3), event_id="3")
    assert await second.until(2) == [2, 3]
    assert first.items == [0, 1]
    assert await late.until(1) == [3]


async def test_what_a_handler_refused_comes_again_before_what_follows(ports: Ports) -> None:
    heard = Heard[int]()

    async def hear(record: Record[SpeechMessage]) -> None:
        assert isinstance(record.value, SpeechHealthChanged)
        await heard.add(record.value.at_ms)
        if record.value.at_ms == 1 and heard.items.count(1) < 3:
            raise ValueError("on purpose")

    await ports.log.consume(CALL_SPEECH, hear, consumer="reader")
    for number in range(3):
        await ports.log.append(CALL_SPEECH, ("c1",), health(number), event_id=str(number))
    assert await heard.until(5) == [0, 1, 1, 1, 2]


async def test_each_job_is_done_by_one_worker_and_then_gone(ports: Ports) -> None:
    done = Heard[str]()

    async def work(record: Record[InspectJob]) -> None:
        await done.add(record.value.call_id)

    await ports.log.consume(JOB_INSPECT, work, consumer="inspect")
    await ports.other_log.consume(JOB_INSPECT, work, consumer="inspect")
    for number in range(20):
        job = InspectJob(call_id=f"c{number}", path="x.wav", sha256="")
        await ports.log.append(JOB_INSPECT, (), job, event_id=f"c{number}")
    assert sorted(await done.until(20)) == sorted(f"c{number}" for number in range(20))


async def test_jobs_of_two_kinds_in_one_stream_each_find_their_worker(ports: Ports) -> None:
    inspected, transcribed = Heard[str](), Heard[str]()

    async def inspect(record: Record[InspectJob]) -> None:
        await inspected.add(record.value.call_id)

    async def transcribe(record: Record[TranscribeJob]) -> None:
        await transcribed.add(record.value.call_id)

    await ports.log.consume(JOB_INSPECT, inspect, consumer="inspect")
    await ports.log.consume(JOB_TRANSCRIBE, transcribe, consumer="transcribe")
    for number in range(3):
        path, name = "x.wav", f"c{number}"
        await ports.log.append(JOB_TRANSCRIBE, (), TranscribeJob(call_id=name, path=path), event_id=f"{name}.t")
        await ports.log.append(JOB_INSPECT, (), InspectJob(call_id=name, path=path, sha256=""), event_id=f"{name}.i")
    assert await inspected.until(3) == await transcribed.until(3) == ["c0", "c1", "c2"]


async def test_a_topic_that_is_not_kept_is_refused(ports: Ports) -> None:
    with pytest.raises(BusError, match="no stream keeps"):
        await ports.log.append(CALL_PARTIAL, ("c1",), started(0), event_id="0")


async def test_a_lease_has_one_holder_and_passes_on_when_released(ports: Ports) -> None:
    lease = await ports.leases.acquire("queue")
    waiting = asyncio.create_task(ports.other_leases.acquire("queue"))
    done, _ = await asyncio.wait({waiting}, timeout=0.8)
    assert not done
    assert not lease.lost.is_set()
    await lease.release()
    async with asyncio.timeout(10):
        next_lease = await waiting
    assert not next_lease.lost.is_set()
    await next_lease.release()
