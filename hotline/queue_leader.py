"""The leading queue: the ACD's core between its log, the switches, the agents and the clock."""

import asyncio
import contextlib
import time
from collections import OrderedDict

from structlog.typing import FilteringBoundLogger

from bus.ending import end
from domain.acd import SnapshotPlace
from domain.acd_event import AcdEvent, CallEntered, RulesSet, SnapshotTaken, TimePassed
from domain.acd_rules import AcdRules
from domain.agent import AgentCommand, AgentReply, PhoneState
from domain.call import CallEvent
from domain.errors import BusError, RefusedError
from domain.ids import new_id
from domain.ports import Bus, EventLog, Record
from domain.queueing import QueueSnapshot, SnapshotRequest
from domain.speech import LanguageHeard
from domain.topics import (
    ACD_LOG,
    ACD_SNAPSHOT,
    AGENT_COMMAND,
    CALL_EVENT,
    CALL_LANGUAGE,
    PHONE_STATE,
    QUEUE_SNAPSHOT,
    QUEUE_STATE,
)
from hotline.queue_clock import Clock
from hotline.queue_metrics import DECISION, LONGEST_WAIT
from hotline.queue_outbox import QueueOutbox
from hotline.queue_sources import event_of_call, event_of_language, event_of_phone
from hotline.queue_view import agent_status, count, longest_wait_s, snapshot_of, status_of
from telephony.acd.actions import AcdAction, DropCall, RingPhone, SayPosition, SendAway, ShowAgent, StopRinging
from telephony.acd.commands import event_of_command
from telephony.acd.decision import decide
from telephony.acd.state import begun, snapshot_parts
from telephony.acd.time import next_deadline

CONSUMER = "queue"
_REMEMBERED_LANGUAGES = 1000
SHOW_EVERY_S = 0.1
"""QUEUE_STATE is said after a change, and at most so often."""


class QueueLeader:
    """One life as the leader. Every event is kept in the log first, then applied, then acted upon, one at a time."""

    def __init__(
        self,
        bus: Bus,
        log: EventLog,
        rules: AcdRules,
        clock: Clock,
        logger: FilteringBoundLogger,
        *,
        snapshot_every: int = 2000,
    ) -> None:
        self.state = begun(rules)
        self._bus = bus
        self._log = log
        self._rules = rules
        self._clock = clock
        self._logger = logger
        self._snapshot_every = snapshot_every
        self._since_snapshot = 0
        self._snapshot_at = 0
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self._shown = asyncio.Event()
        self._languages: OrderedDict[str, LanguageHeard] = OrderedDict()
        self._outbox: QueueOutbox | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._over = False

    async def lead(self, until: asyncio.Event) -> None:
        """Lead until the event is set. BusError when the log cannot be read at the beginning."""
        await self._restore()
        phones = await self._log.replay(PHONE_STATE, ())
        async with asyncio.TaskGroup() as tasks:
            outbox = QueueOutbox(
                self._bus,
                self._log,
                self.tell,
                tasks,
                self._clock.now_ms,
                self._rules.ring_timeout_ms / 1000,
                self._logger,
            )
            self._tasks, self._outbox = tasks, outbox
            self._resume(outbox)
            await self._set_rules()
            for record in phones:  # before the clock starts: what we slept through must not count as expired
                await self._on_phone(record)
            LONGEST_WAIT.set_function(lambda: longest_wait_s(self.state, self._clock.now_ms()))
            works = (outbox.run(), self._keep_time(), self._show_queue(), self._listen())
            lasting = [tasks.create_task(work) for work in works]
            try:
                await until.wait()
            finally:
                self._over = True
                await end(*lasting)

    async def _listen(self) -> None:
        """Hear the switches and serve the agents, for ever."""
        log, bus = self._log, self._bus
        async with contextlib.AsyncExitStack() as open_now:
            keep = open_now.push_async_callback
            keep((await log.consume(PHONE_STATE, self._on_phone, consumer=CONSUMER)).close)
            keep((await log.consume(CALL_EVENT, self._on_call, consumer=CONSUMER)).close)
            keep((await log.consume(CALL_LANGUAGE, self._on_language, consumer=CONSUMER)).close)
            keep((await bus.serve(AGENT_COMMAND, (), self._on_command)).close)
            keep((await bus.serve(QUEUE_SNAPSHOT, (), self._on_snapshot_request)).close)
            await asyncio.Event().wait()

    async def tell(self, event: AcdEvent) -> None:
        """Keep the event, apply it, act; nothing any more when another may lead."""
        async with self._turn:
            if not self._over:
                await self._apply(event)

    async def _apply(self, event: AcdEvent) -> None:
        if self.state.was_seen(event.event_id):
            return
        begun_s = time.perf_counter()
        await self._log.append(ACD_LOG, (), event, event_id=event.event_id)
        self.state, actions = decide(self.state, event)
        for action in actions:
            self._act(action, event.at_ms)
        DECISION.observe(time.perf_counter() - begun_s)
        self._changed.set()
        self._shown.set()
        self._since_snapshot += 1
        if self._since_snapshot >= self._snapshot_every:
            await self._take_snapshot()

    def _act(self, action: AcdAction, at_ms: int) -> None:
        outbox = self._outbox
        if outbox is None or self._over:
            return
        match action:
            case RingPhone(offer=offer, reason=reason):
                self._logger.info(
                    "call offered",
                    call_id=offer.call_id,
                    agent_id=offer.agent_id,
                    offer_id=offer.offer_id,
                    waited_ms=offer.waited_ms,
                    reason=reason,
                )
                outbox.ring(offer)
            case StopRinging(call_id=call_id, offer_id=offer_id, reason=reason):
                self._logger.info("offer withdrawn", call_id=call_id, offer_id=offer_id, reason=reason)
                outbox.stop_ringing(action)
            case SayPosition():
                outbox.say_position(action)
            case SendAway(call_id=call_id, reason=reason):
                self._logger.info("caller turned away", call_id=call_id, reason=reason)
                outbox.send_away(action)
            case ShowAgent(agent=agent, phone_registered=phone_registered, reason=reason):
                self._logger.info("agent", agent_id=agent.agent_id, state=agent.state.value, reason=reason)
                outbox.show(status_of(agent, phone_registered=phone_registered, at_ms=at_ms))
            case DropCall(call_id=call_id, reason=reason):
                self._logger.info("call waits no longer", call_id=call_id, reason=reason)

    # -- the log -----------------------------------------------------------------------------------------------------

    async def _restore(self) -> None:
        """The state that the log tells, from its latest snapshot on."""
        places = await self._log.replay(ACD_SNAPSHOT, ())
        self._snapshot_at = places[-1].value.sequence if places else 0
        records = await self._log.replay(ACD_LOG, (), after=max(0, self._snapshot_at - 1))
        for record in records:
            self.state, _ = decide(self.state, record.value)
        self._since_snapshot = len(records)
        self._logger.info(
            "the queue is restored", events=len(records), waiting=len(self.state.calls), agents=len(self.state.agents)
        )

    async def _set_rules(self) -> None:
        """By our configuration is decided from now on; the log says so, since a replay must decide the same."""
        if self.state.rules != self._rules:
            now_ms = self._clock.now_ms()
            await self.tell(RulesSet(event_id=f"rules:{new_id(now_ms)}", at_ms=now_ms, rules=self._rules))

    def _resume(self, outbox: QueueOutbox) -> None:
        """Say again what the leader before us may not have said."""
        for agent_id in self.state.agents:
            status = agent_status(self.state, agent_id, self._clock.now_ms())
            if status is not None:
                outbox.show(status)
        for offer in self.state.offers.values():
            if not offer.ringing:
                outbox.ring(offer, again=True)
        self._shown.set()

    async def _take_snapshot(self) -> None:
        """Keep the whole state in the log, and where it is, so that the next restart reads no further back."""
        self._since_snapshot = 0
        now_ms = self._clock.now_ms()
        first: SnapshotTaken | None = None
        for part, state in enumerate(snapshot_parts(self.state)):
            event = SnapshotTaken(event_id=f"snapshot:{new_id(now_ms)}", at_ms=now_ms, state=state, part=part)
            await self._log.append(ACD_LOG, (), event, event_id=event.event_id)
            first = first or event
        if self._tasks is not None and first is not None:
            self._tasks.create_task(self._place_snapshot(first))

    async def _place_snapshot(self, event: SnapshotTaken) -> None:
        """Note where in the log the snapshot is; without it a restart reads from the one before."""
        try:
            records = await self._log.replay(ACD_LOG, (), after=self._snapshot_at)
        except BusError as error:
            self._logger.warning("the snapshot was not placed", error=str(error))
            return
        for record in reversed(records):
            if record.value.event_id == event.event_id:
                self._snapshot_at = record.sequence
                place = SnapshotPlace(sequence=record.sequence, at_ms=event.at_ms)
                await self._log.append(ACD_SNAPSHOT, (), place, event_id=event.event_id)
                return

    # -- what comes in -----------------------------------------------------------------------------------------------

    async def _on_call(self, record: Record[CallEvent]) -> None:
        async with self._turn:
            self._check_leading()
            event = event_of_call(self.state, record.value, self._clock.now_ms())
            if event is not None:
                await self._apply(event)
            if isinstance(event, CallEntered) and not event.transferred:
                heard = self._languages.pop(event.call_id, None)
                if heard is not None:
                    await self._apply(event_of_language(heard, self._clock.now_ms()))

    async def _on_language(self, record: Record[LanguageHeard]) -> None:
        """Of a caller who waits; of one who is still in the menu it is remembered until they wait."""
        heard = record.value
        async with self._turn:
            self._check_leading()
            if heard.call_id in self.state.calls:
                await self._apply(event_of_language(heard, self._clock.now_ms()))
                return
            self._languages[heard.call_id] = heard
            if len(self._languages) > _REMEMBERED_LANGUAGES:
                self._languages.popitem(last=False)

    async def _on_phone(self, record: Record[PhoneState]) -> None:
        async with self._turn:
            self._check_leading()
            await self._apply(event_of_phone(record.value, self._clock.now_ms()))

    def _check_leading(self) -> None:
        """What comes to us after our time must come again to the next leader, so it is not taken as heard."""
        if self._over:
            raise BusError("this queue leads no longer", where="acd.log", remedy="the next leader hears it")

    async def _on_command(self, subject: str, command: AgentCommand) -> AgentReply:
        agent_id = subject.split(".")[1]
        async with self._turn:
            self._check_leading()
            now_ms = self._clock.now_ms()
            try:
                event = event_of_command(self.state, agent_id, command, f"command:{new_id(now_ms)}", now_ms)
            except RefusedError as error:
                self._logger.info("command refused", agent_id=agent_id, reason=error.what)
                status = agent_status(self.state, agent_id, now_ms)
                return AgentReply(accepted=False, reason=error.what, status=status, code=error.code)
            await self._apply(event)
            return AgentReply(accepted=True, status=agent_status(self.state, agent_id, now_ms))

    async def _on_snapshot_request(self, _subject: str, _request: SnapshotRequest) -> QueueSnapshot:
        return snapshot_of(self.state, self._clock.now_ms())

    # -- time --------------------------------------------------------------------------------------------------------

    async def _keep_time(self) -> None:
        """Let time pass at the core's next deadline."""
        while True:
            self._changed.clear()
            deadline_ms = next_deadline(self.state)
            now_ms = self._clock.now_ms()
            if deadline_ms is not None and deadline_ms <= now_ms:
                await self.tell(TimePassed(event_id=f"time:{new_id(now_ms)}", at_ms=now_ms))
            else:
                await self._clock.wait(self._changed, deadline_ms)

    async def _show_queue(self) -> None:
        """Say the queue's state after changes, and count it."""
        while True:
            await self._shown.wait()
            self._shown.clear()
            count(self.state)
            await self._bus.publish(QUEUE_STATE, (), snapshot_of(self.state, self._clock.now_ms()))
            await asyncio.sleep(SHOW_EVERY_S)
