"""The queue role between its neighbours: a switch that obeys or does not, agents, phones, a clock moved by hand."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import pytest
import structlog

from bus.memory import MemoryBus, MemoryLog
from bus.memory_lease import MemoryLeases
from domain.acd_event import AgentBecameReady
from domain.acd_rules import AcdRules
from domain.agent import (
    AgentCommand,
    AgentOffer,
    AgentReply,
    AgentState,
    AgentStatus,
    PhoneState,
    SetReady,
    SignIn,
    SignOut,
    TakeBreak,
)
from domain.call import (
    AgentOffered,
    CallConnected,
    CallEnded,
    CallEvent,
    CallQueued,
    EndedBy,
    OfferEnded,
    QueuedBecause,
)
from domain.command import AnnouncePosition, CallCommand, CancelRing, CommandReply, RingAgent
from domain.ports import Bus, EventLog, Leases, Record, Subscription
from domain.queueing import QueueSnapshot, SnapshotRequest
from domain.side import Side
from domain.speech import LanguageHeard
from domain.target import OfferOutcome
from domain.topics import (
    ACD_LOG,
    ACD_SNAPSHOT,
    AGENT_COMMAND,
    AGENT_OFFER,
    AGENT_STATE,
    CALL_COMMAND,
    CALL_EVENT,
    CALL_LANGUAGE,
    PHONE_STATE,
    QUEUE_SNAPSHOT,
)
from hotline.config import Settings
from hotline.queue_clock import Clock
from hotline.queue_rules import rules_of
from hotline.roles.context import RoleContext
from hotline.roles.queue import run
from telephony.acd.queue_settings import OverflowSettings, QueueEntry, QueueSettings

START_MS = 1_700_000_000_000
LOOP_TURNS = 200
"""More than anything needs that sleeps nowhere; a poll every millisecond would need thousands."""
T = TypeVar("T")


class HandClock:
    """Time that moves only when told."""

    def __init__(self) -> None:
        self._now_ms = START_MS
        self._moved = asyncio.Event()

    def now_ms(self) -> int:
        return self._now_ms

    def advance(self, seconds: float) -> None:
        self._now_ms += round(seconds * 1000)
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait(self, news: asyncio.Event, until_ms: int | None) -> None:
        while not news.is_set() and (until_ms is None or self._now_ms < until_ms):
            waits = [asyncio.ensure_future(event.wait()) for event in (news, self._moved)]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()


async def eventually(look: Callable[[], Awaitable[T]], wanted: Callable[[T], bool], within_s: float = 30) -> T:
    """What `look` finds, as soon as it is what is wanted."""
    found = await look()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while not wanted(found):
                await asyncio.sleep(0.005)
                found = await look()
    assert wanted(found), found
    return found


class PaperSwitch:
    """Holds calls that exist only here, and notes what it is asked."""

    def __init__(self, bus: Bus, log: EventLog, now_ms: Callable[[], int]) -> None:
        self._bus = bus
        self._log = log
        self._now_ms = now_ms
        self._numbers: dict[str, int] = {}
        self._serving: dict[str, Subscription] = {}
        self.asked: list[tuple[str, CallCommand]] = []
        self.was_asked = asyncio.Event()
        self.refuses = ""

    async def say(self, of: Callable[..., CallEvent], call_id: str, **fields: object) -> None:
        number = self._numbers.get(call_id, 0)
        self._numbers[call_id] = number + 1
        event = of(call_id=call_id, number=number, at_ms=self._now_ms(), switch_id="switch-1", **fields)
        await self._log.append(CALL_EVENT, (call_id,), event, event_id=event.event_id)

    async def queue(self, call_id: str, queue: str = "default", caller_number: str = "") -> None:
        self._serving[call_id] = await self._bus.serve(CALL_COMMAND, (call_id,), self._on_command)
        await self.say(
            CallQueued,
            call_id,
            queue=queue,
            because=QueuedBecause.SPEECH,
            menu_ended_at_ms=self._now_ms(),
            caller_number=caller_number,
        )

    async def die(self) -> None:
        """kill -9: nobody serves its calls, nothing is said."""
        for serving in self._serving.values():
            await serving.close()

    async def end(self, call_id: str) -> None:
        await self.say(CallEnded, call_id, by=EndedBy.CALLER, cause="bye")

    async def answer(self, ring: RingAgent, call_id: str) -> None:
        fields = {"offer_id": ring.offer_id, "agent_id": ring.agent_id}
        await self.say(OfferEnded, call_id, outcome=OfferOutcome.ANSWERED, **fields)
        await self.say(CallConnected, call_id, extension=ring.extension, **fields)

    async def _on_command(self, subject: str, command: CallCommand) -> CommandReply:
        call_id = subject.split(".")[1]
        self.asked.append((call_id, command))
        self.was_asked.set()
        if isinstance(command, RingAgent):
            if self.refuses:
                return CommandReply(accepted=False, reason=self.refuses)
            await self.say(
                AgentOffered,
                call_id,
                offer_id=command.offer_id,
                agent_id=command.agent_id,
                extension=command.extension,
            )
        return CommandReply(accepted=True)

    async def rings(self, count: int) -> list[tuple[str, RingAgent]]:
        """The first `count` requests to ring, by call."""

        async def look() -> list[tuple[str, RingAgent]]:
            return [(call_id, asked) for call_id, asked in self.asked if isinstance(asked, RingAgent)]

        return (await eventually(look, lambda rings: len(rings) >= count))[:count]

    async def has_asked(self, call_id: str, command: CallCommand) -> None:
        async def look() -> bool:
            return (call_id, command) in self.asked

        await eventually(look, bool)


class House:
    """A queue role and its neighbours on one bus."""

    def __init__(self, bus: Bus, log: EventLog, leases: Leases, clock: Clock | None, settings: QueueSettings) -> None:
        self.bus = bus
        self.log = log
        self._leases = leases
        self._clock = clock
        self._settings = Settings(queue=settings)
        self._roles: list[tuple[asyncio.Task[None], asyncio.Event]] = []
        self.switch = PaperSwitch(bus, log, self.now_ms)

    def now_ms(self) -> int:
        return self._clock.now_ms() if self._clock is not None else time.time_ns() // 1_000_000

    def rules(self) -> AcdRules:
        return rules_of(self._settings)

    def start(self, name: str = "queue-1") -> None:
        stopping = asyncio.Event()
        context = RoleContext(self._settings, self.bus, self.log, name, structlog.get_logger(), stopping, self._leases)
        self._roles.append((asyncio.create_task(run(context, self._clock)), stopping))

    async def stop(self) -> None:
        roles, self._roles = self._roles, []
        for _, stopping in roles:
            stopping.set()
        for task, _ in roles:
            await task

    async def kill(self) -> None:
        """As with kill -9, as far as a task can die so."""
        roles, self._roles = self._roles, []
        for task, _ in roles:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def command(self, agent_id: str, command: AgentCommand) -> AgentReply:
        return await self.bus.request(AGENT_COMMAND, (agent_id,), command, timeout_s=5)

    async def snapshot(self) -> QueueSnapshot:
        return await self.bus.request(QUEUE_SNAPSHOT, (), SnapshotRequest(), timeout_s=5)

    async def until(self, wanted: Callable[[QueueSnapshot], bool]) -> QueueSnapshot:
        return await eventually(self.snapshot, wanted)

    async def until_leading(self) -> None:
        async def look() -> bool:
            try:
                await self.snapshot()
            except Exception:
                return False
            return True

        await eventually(look, bool)

    async def phone(self, extension: str, registered: bool = True, for_s: float = 36_000) -> None:
        now_ms = self.now_ms()
        state = PhoneState(
            extension=extension,
            registered=registered,
            switch_id="switch-1",
            at_ms=now_ms,
            expires_at_ms=now_ms + round(for_s * 1000),
        )
        await self.log.append(PHONE_STATE, (extension,), state, event_id=f"{extension}.{now_ms}.{registered}")

    async def ready(self, agent_id: str, extension: str, *, auto_answer: bool = False) -> None:
        await self.phone(extension)
        sign_in = SignIn(name="王小明", extension=extension, auto_answer=auto_answer)
        assert (await self.command(agent_id, sign_in)).accepted

        async def look() -> AgentReply:
            return await self.command(agent_id, SetReady())

        await eventually(look, lambda reply: reply.accepted)


def state_of(agent_id: str, state: AgentState) -> Callable[[QueueSnapshot], bool]:
    return lambda snapshot: any(a.agent_id == agent_id and a.state is state for a in snapshot.agents)


def waiting(*call_ids: str) -> Callable[[QueueSnapshot], bool]:
    return lambda snapshot: tuple(call.call_id for call in snapshot.waiting) == call_ids


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def house(clock: HandClock) -> AsyncIterator[House]:
    house = House(MemoryBus(), MemoryLog(clock.now_ms), MemoryLeases(), clock, QueueSettings(snapshot_every=10))
    house.start()
    await house.until_leading()
    yield house
    await house.stop()


async def test_a_caller_is_rung_through_to_the_agent_and_both_are_shown(house: House) -> None:
    offers: list[AgentOffer] = []
    states: list[AgentStatus] = []

    async def on_offer(_: str, offer: AgentOffer) -> None:
        offers.append(offer)

    async def on_state(record: Record[AgentStatus]) -> None:
        states.append(record.value)

    await house.bus.subscribe(AGENT_OFFER, (), on_offer)
    await house.log.consume(AGENT_STATE, on_state, consumer="desk")
    await house.ready("a", "1001")
    await house.switch.queue("c1")
    ((call_id, ring),) = await house.switch.rings(1)
    assert (call_id, ring.agent_id, ring.extension, ring.timeout_s) == ("c1", "a", "1001", 15.0)

    async def told() -> list[AgentOffer]:
        return offers

    assert (await eventually(told, bool))[0].offer_id == ring.offer_id
    await house.switch.answer(ring, "c1")
    await house.until(state_of("a", AgentState.TALKING))
    await house.switch.end("c1")
    snapshot = await house.until(state_of("a", AgentState.WRAP_UP))
    assert snapshot.waiting == ()
    assert snapshot.agents[0].call_id == "c1"
    wanted = ["break", "ready", "ringing", "talking", "wrap_up"]

    async def look() -> list[str]:
        return list(dict.fromkeys(status.state.value for status in states))

    await eventually(look, lambda seen: seen == wanted)


async def test_a_second_caller_is_told_their_place_and_waits_their_turn(house: House) -> None:
    await house.ready("a", "1001")
    for call_id in ("c1", "c2", "c3"):
        await house.switch.queue(call_id)
        await house.until(
            lambda snapshot, call_id=call_id: snapshot.waiting[-1:] != () and snapshot.waiting[-1].call_id == call_id
        )
    await house.switch.has_asked("c3", AnnouncePosition(before=2))
    snapshot = await house.snapshot()
    assert [(call.call_id, call.position, call.offered_to) for call in snapshot.waiting] == [
        ("c1", 1, "a"),
        ("c2", 2, ""),
        ("c3", 3, ""),
    ]


@pytest.mark.parametrize("first", ["waits", "speaks"])
async def test_a_caller_who_speaks_english_waits_for_one_who_does(clock: HandClock, first: str) -> None:
    english = QueueEntry(name="英语", skill="英语", overflow=(OverflowSettings(after_s=30),))
    settings = QueueSettings(queues=(english,), languages={"en": "英语"})
    house = House(MemoryBus(), MemoryLog(clock.now_ms), MemoryLeases(), clock, settings)
    house.start()
    await house.until_leading()
    heard = LanguageHeard(
        call_id="c1", side=Side.CALLER, language="en", probability=0.98, utterance_id="c1-caller-0000", at_ms=START_MS
    )
    if first == "waits":
        await house.switch.queue("c1")
        await house.until(waiting("c1"))
    await house.log.append(CALL_LANGUAGE, ("c1",), heard, event_id="c1.caller.language")
    if first == "speaks":
        await house.switch.queue("c1")
    await house.until(lambda snapshot: [call.queue for call in snapshot.waiting] == ["英语"])
    await house.stop()


async def test_no_answer_goes_to_the_next_agent_by_the_clock_alone(house: House, clock: HandClock) -> None:
    await house.ready("a", "1001")
    clock.advance(1)
    await house.ready("b", "1002")
    await house.switch.queue("c1")
    ((_, first),) = await house.switch.rings(1)
    clock.advance(18)
    await house.switch.has_asked("c1", CancelRing(offer_id=first.offer_id))
    clock.advance(0.5)
    _, (_, second) = await house.switch.rings(2)
    assert (first.agent_id, second.agent_id) == ("a", "b")
    snapshot = await house.until(state_of("a", AgentState.BREAK))
    assert snapshot.agents[0].reason == "no answer"


async def test_a_caller_who_hangs_up_while_ringing_frees_the_agent(house: House) -> None:
    await house.ready("a", "1001")
    await house.switch.queue("c1")
    ((_, ring),) = await house.switch.rings(1)
    await house.switch.end("c1")
    await house.switch.has_asked("c1", CancelRing(offer_id=ring.offer_id))
    await house.until(state_of("a", AgentState.READY))


async def test_a_switch_that_refuses_is_asked_again(house: House, clock: HandClock) -> None:
    house.switch.refuses = "no free port"
    await house.ready("a", "1001")
    await house.switch.queue("c1")
    await house.switch.rings(1)
    await house.until(
        lambda snapshot: state_of("a", AgentState.READY)(snapshot) and snapshot.waiting[0].offered_to == ""
    )
    house.switch.refuses = ""
    clock.advance(0.5)
    await house.switch.rings(2)


async def test_calls_of_a_dead_switch_are_dropped_after_30_s_and_keep_no_agent(house: House, clock: HandClock) -> None:
    await house.switch.queue("c1")
    await house.until(waiting("c1"))
    await house.switch.has_asked("c1", AnnouncePosition(before=0))
    await house.switch.die()
    await house.ready("a", "1001")
    await house.until(state_of("a", AgentState.READY))
    dead_ms = clock.now_ms()

    async def later() -> QueueSnapshot:
        clock.advance(2)
        return await house.snapshot()

    await eventually(later, waiting())
    assert clock.now_ms() - dead_ms >= 30_000
    await house.until(state_of("a", AgentState.READY))


async def test_commands_are_refused_with_the_reason(house: House) -> None:
    assert (await house.command("a", SetReady())).reason == "not signed in"
    reply = await house.command("a", SignIn(name="王", extension="1001"))
    assert reply.accepted
    assert reply.status is not None
    assert reply.status.state is AgentState.BREAK
    reply = await house.command("b", SignIn(name="李", extension="1001"))
    assert not reply.accepted
    assert "1001 is used by" in reply.reason
    assert (await house.command("a", TakeBreak(reason="tea"))).accepted
    reply = await house.command("a", SignOut())
    assert (reply.accepted, reply.status) == (True, None)


async def test_a_phone_that_goes_takes_its_agent_out(house: House) -> None:
    await house.ready("a", "1001")
    await house.phone("1001", registered=False)
    snapshot = await house.until(state_of("a", AgentState.BREAK))
    assert (snapshot.agents[0].reason, snapshot.agents[0].phone_registered) == ("phone unregistered", False)


async def test_a_restart_loses_nobody_and_forgets_no_offer(house: House, clock: HandClock) -> None:
    await house.ready("a", "1001")
    for number in range(8):
        await house.switch.queue(f"c{number}")
    before = await house.until(lambda snapshot: len(snapshot.waiting) == 8)
    ((_, ring),) = await house.switch.rings(1)
    await house.kill()
    await house.switch.queue("c8")  # while nobody leads
    house.start("queue-2")
    await house.until_leading()
    after = await house.until(lambda snapshot: len(snapshot.waiting) == 9)
    assert after.waiting[:8] == before.waiting
    assert [(agent.agent_id, agent.state) for agent in after.agents] == [("a", AgentState.RINGING)]
    clock.advance(18)
    await house.switch.has_asked("c0", CancelRing(offer_id=ring.offer_id))
    await house.until(state_of("a", AgentState.BREAK))
    assert len(await house.log.replay(ACD_SNAPSHOT, ())) == 1  # the restart read from a snapshot on


async def test_what_was_decided_but_not_said_before_the_crash_is_said_after_it(house: House, clock: HandClock) -> None:
    await house.switch.queue("c1")
    await house.until(waiting("c1"))
    await house.phone("1001")
    await house.command("a", SignIn(name="王", extension="1001"))
    await house.until(lambda snapshot: snapshot.agents[0].phone_registered)
    await house.kill()
    ready = AgentBecameReady(event_id="command:last", at_ms=clock.now_ms(), agent_id="a")
    await house.log.append(ACD_LOG, (), ready, event_id=ready.event_id)  # logged, and then the power went
    house.start("queue-2")
    assert [call_id for call_id, _ in await house.switch.rings(1)] == ["c1"]


async def test_a_standby_takes_over_and_only_one_leads(house: House) -> None:
    house.start("queue-2")
    await house.ready("a", "1001")
    await house.switch.queue("c1")
    await house.switch.rings(1)
    first, stopping = house._roles.pop(0)
    stopping.set()
    await first
    await house.until_leading()
    await house.until(waiting("c1"))
    await asyncio.sleep(0.05)
    assert len(await house.switch.rings(1)) == 1
    assert [type(asked).__name__ for _, asked in house.switch.asked].count("RingAgent") == 1


async def test_from_queued_to_ringing_nobody_waits_for_a_clock(house: House) -> None:
    """It takes turns of the loop and nothing else: 1 ms where the machine has nothing better to do."""
    await house.ready("a", "1001")
    await house.switch.queue("c1")
    for _ in range(LOOP_TURNS):
        if house.switch.was_asked.is_set():
            break
        await asyncio.sleep(0)
    assert house.switch.was_asked.is_set()
