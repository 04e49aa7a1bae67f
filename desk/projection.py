"""From the bus into the database and onto the pages.

Words are pushed before they are stored, since a page must not wait for a disk; everything that depends on other rows (a
call's view, a ticket with its edits) is pushed after. When storing fails the handler raises, and the log brings the
message again; storing twice is harmless, and so is pushing twice, since pages know each message by its id.
A lock for each call keeps its view from missing words that were pushed and are not stored yet.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary

from desk import by_telephone, metrics
from desk.call_record import fold
from desk.live import CallAudience, LiveHub, Viewer
from desk.numbers_board import NumbersBoard
from desk.outbox import live_message
from desk.services import DeskServices
from desk.views import final_view, health_members, inspection_view, partial_view, read_call, read_summaries, second_view
from domain.agent import AgentStatus
from domain.call import CallEvent
from domain.colleague_call import COLLEAGUE_CALL
from domain.inspection import Inspection
from domain.knowledge import AssistMessage
from domain.ports import Record
from domain.speech import LivePartial, SpeechHealthChanged, SpeechMessage, UtterancePartial
from domain.ticket import DraftUpdated
from domain.transcript import TranscriptMessage, TranscriptWords
from storage import agents, calls, inspections, second_transcripts, suggestions, tickets, transcript
from storage.calls import CallRow

_REMEMBERED_CALLS = 2000


class Projection:
    """The desk's consumers. Each handler returns when its message is stored."""

    def __init__(self, services: DeskServices, hub: LiveHub, board: NumbersBoard) -> None:
        self._database = services.database
        self._hub = hub
        self._board = board
        self._agents: OrderedDict[str, frozenset[str]] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def on_call_event(self, record: Record[CallEvent]) -> None:
        event = record.value
        if isinstance(event, COLLEAGUE_CALL):
            async with self._database.write() as tx:
                await by_telephone.note_colleagues(tx, event)
            return
        with _measured("event"):
            async with self.call_lock(event.call_id):
                async with self._database.write() as tx:
                    before = await calls.find(tx, event.call_id)
                    await by_telephone.note(tx, event)
                    row = fold(await calls.add_event(tx, event))
                    await calls.save(tx, row)
                self._remember(row.call_id, row.listeners)
                self._board.put_call(row)
                if row != before:
                    await self._show_call(row, before)

    async def on_speech(self, record: Record[SpeechMessage]) -> None:
        message = record.value
        with _measured("speech"):
            async with self.call_lock(message.call_id):
                audience = await self._audience(message.call_id)
                if isinstance(message, SpeechHealthChanged):
                    self._hub.about_call(audience, live_message("health", health_members(message)))
                else:
                    self._hub.utterance(audience, final_view(message))
                async with self._database.write() as tx:
                    if isinstance(message, SpeechHealthChanged):
                        await transcript.set_health(tx, message)
                    else:
                        await transcript.add(tx, message)

    async def on_assist(self, record: Record[AssistMessage]) -> None:
        message = record.value
        with _measured("assist"):
            async with self.call_lock(message.call_id):
                audience = await self._audience(message.call_id)
                async with self._database.write() as tx:
                    if isinstance(message, DraftUpdated):
                        changed = await tickets.save_draft(tx, message)
                        ticket = await tickets.read(tx, message.call_id)
                    else:
                        changed = await suggestions.save(tx, message)
                if not changed:
                    return
                if isinstance(message, DraftUpdated):
                    self._hub.ticket(audience, ticket, message.final_at_ms)
                else:
                    self._hub.suggestions(audience, message.suggestions, message.final_at_ms)

    async def on_inspection(self, record: Record[Inspection]) -> None:
        inspection = record.value
        with _measured("inspection"):
            async with self.call_lock(inspection.call_id):
                audience = await self._audience(inspection.call_id)
                async with self._database.write() as tx:
                    changed = await inspections.save(tx, inspection)
                if changed:
                    self._hub.inspection(audience, inspection_view(inspection))

    async def on_transcript(self, record: Record[TranscriptMessage]) -> None:
        message = record.value
        with _measured("transcript"):
            async with self.call_lock(message.call_id):
                audience = await self._audience(message.call_id)
                async with self._database.write() as tx:
                    if isinstance(message, TranscriptWords):
                        await second_transcripts.add_words(tx, message)
                        return
                    changed = await second_transcripts.save(tx, message)
                    second = await second_transcripts.newest(tx, message.call_id)
                if changed and second is not None:
                    self._hub.second_transcript(audience, second_view(second))

    async def on_agent_state(self, record: Record[AgentStatus]) -> None:
        with _measured("agent"):
            async with self._database.write() as tx:
                changed = await agents.save(tx, record.value)
            self._board.put_agent(record.value)
            if changed:
                self._hub.agent(record.value)

    async def on_partial(self, _subject: str, message: LivePartial) -> None:
        """Never stored; nobody waits for a database for its sake."""
        agents = self._agents.get(message.call_id)
        if isinstance(message, UtterancePartial) and agents is not None:
            self._hub.utterance(CallAudience(message.call_id, agents), partial_view(message))

    def call_lock(self, call_id: str) -> asyncio.Lock:
        """Held while a call's words are pushed and stored, and while its view is read."""
        lock = self._locks.get(call_id)
        if lock is None:
            lock = self._locks[call_id] = asyncio.Lock()
        return lock

    async def show_to(self, viewer: Viewer, call_id: str) -> None:
        """From now on the viewer watches the call, which need not have come yet, and is told how it stands."""
        async with self.call_lock(call_id):
            async with self._database.read() as tx:
                row = await calls.find(tx, call_id)
                view = await read_call(tx, row) if row else None
            viewer.watched.add(call_id)
            if row is not None and view is not None:
                self._hub.call_to(viewer, CallAudience(call_id, row.listeners), view)

    async def _show_call(self, row: CallRow, before: CallRow | None) -> None:
        audience = CallAudience(row.call_id, row.listeners | (before.listeners if before else frozenset()))
        async with self._database.read() as tx:
            (summary,) = await read_summaries(tx, [row])
            view = await read_call(tx, row) if self._hub.has_listeners(audience) else None
        self._hub.summary(summary)
        if view is not None:
            self._hub.call(audience, view)

    async def _audience(self, call_id: str) -> CallAudience:
        if call_id not in self._agents:
            async with self._database.read() as tx:
                row = await calls.find(tx, call_id)
            self._remember(call_id, row.listeners if row else frozenset())
        return CallAudience(call_id, self._agents[call_id])

    def _remember(self, call_id: str, agents: frozenset[str]) -> None:
        self._agents[call_id] = agents
        self._agents.move_to_end(call_id)
        while len(self._agents) > _REMEMBERED_CALLS:
            self._agents.popitem(last=False)


@contextmanager
def _measured(topic: str) -> Iterator[None]:
    """Count and time the storing of one message; a failure is counted and passed on."""
    start = time.perf_counter()
    try:
        yield
    except BaseException:
        metrics.APPLY_FAILED.labels(topic).inc()
        raise
    metrics.APPLIED.labels(topic).inc()
    metrics.APPLY_SECONDS.labels(topic).observe(time.perf_counter() - start)
