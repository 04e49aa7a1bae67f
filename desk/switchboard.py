"""What the desk hears from the bus: subscribes everything, and keeps what pages ask for when they open."""

import asyncio
import contextlib

import structlog

from desk.gate import Gate
from desk.hand_over import location_of
from desk.live import LiveHub
from desk.numbers_board import NumbersBoard
from desk.outbox import live_message
from desk.projection import Projection
from desk.services import DeskServices
from desk.views import QueueView
from domain.agent import AgentOffer
from domain.errors import BusError, StorageError
from domain.ports import Subscription
from domain.queueing import QueueSnapshot, SnapshotRequest
from domain.ticket import AskLocation, TicketLocation
from domain.topics import (
    AGENT_OFFER,
    AGENT_STATE,
    CALL_ASSIST,
    CALL_EVENT,
    CALL_INSPECTION,
    CALL_PARTIAL,
    CALL_SPEECH,
    CALL_TRANSCRIPT,
    PHONE_STATE,
    QUEUE_SNAPSHOT,
    QUEUE_STATE,
    TICKET_LOCATION,
    WEB_PHONE_STATE,
)
from domain.web_phone import WebPhoneView

logger = structlog.get_logger()
TICK_S = 1.0
GROUP = "desk"
"""Of several desks, which have one database, one answers."""
CHECK_SESSIONS_EVERY_TICKS = 30


class Switchboard:
    """Durable consumers for what is stored, plain subscriptions for what is only shown."""

    def __init__(
        self, services: DeskServices, hub: LiveHub, board: NumbersBoard, projection: Projection, gate: Gate
    ) -> None:
        self._services = services
        self._hub = hub
        self._board = board
        self._projection = projection
        self._gate = gate
        self._subscriptions: list[Subscription] = []
        self._offers: dict[str, AgentOffer] = {}
        self._ticking: asyncio.Task[None] | None = None
        self.queue = QueueView()

    async def start(self) -> None:
        """Begin to hear; what was said while the desk was away comes first."""
        await self._board.load()
        bus, log, name = self._services.bus, self._services.log, self._services.consumer
        self._subscriptions = [
            await log.consume(CALL_EVENT, self._projection.on_call_event, consumer=name),
            await log.consume(CALL_SPEECH, self._projection.on_speech, consumer=name),
            await log.consume(CALL_ASSIST, self._projection.on_assist, consumer=name),
            await log.consume(CALL_INSPECTION, self._projection.on_inspection, consumer=name),
            await log.consume(CALL_TRANSCRIPT, self._projection.on_transcript, consumer=name),
            await log.consume(AGENT_STATE, self._projection.on_agent_state, consumer=name),
            await bus.subscribe(CALL_PARTIAL, (), self._projection.on_partial),
            await bus.subscribe(AGENT_OFFER, (), self._on_offer),
            await bus.subscribe(QUEUE_STATE, (), self._on_queue),
            await bus.subscribe(WEB_PHONE_STATE, (), self._on_web_phone),
            await bus.serve(TICKET_LOCATION, (), self._on_location_asked, group=GROUP),
        ]
        try:
            snapshot = await bus.request(QUEUE_SNAPSHOT, (), SnapshotRequest(), timeout_s=1.0)
            await self._on_queue("", snapshot)
        except BusError as error:
            logger.info("the queue has not told its state yet", reason=error.what)
        self._ticking = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """Hear no more; a handler that runs is awaited."""
        if self._ticking is not None:
            self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking
        for subscription in self._subscriptions:
            await subscription.close()
        self._subscriptions = []

    def offer_to(self, agent_id: str) -> AgentOffer | None:
        """The offer that rings at the agent, until it expires."""
        offer = self._offers.get(agent_id)
        return offer if offer and offer.expires_at_ms > self._services.now_ms() else None

    async def extensions(self) -> list[str]:
        """Telephones that are registered now; none known while the bus is away."""
        try:
            records = await self._services.log.replay(PHONE_STATE, ())
        except BusError as error:
            logger.warning("cannot list the telephones", reason=error.what)
            return []
        now_ms = self._services.now_ms()
        latest = {record.value.extension: record.value for record in records}
        return sorted(name for name, phone in latest.items() if phone.registered and phone.expires_at_ms > now_ms)

    async def _on_offer(self, _subject: str, offer: AgentOffer) -> None:
        self._offers[offer.agent_id] = offer
        self._hub.to_agent(offer.agent_id, live_message("offer", {"offer": offer}, key="offer"))

    async def _on_location_asked(self, _subject: str, question: AskLocation) -> TicketLocation:
        async with self._services.database.read() as tx:
            return TicketLocation(location=await location_of(tx, question.call_id))

    async def _on_web_phone(self, _subject: str, view: WebPhoneView) -> None:
        self._hub.to_agent(view.agent_id, live_message("phone", {"phone": view}, key="phone"))

    async def _on_queue(self, _subject: str, snapshot: QueueSnapshot) -> None:
        waits = [snapshot.at_ms - call.since_ms for call in snapshot.waiting if not call.callback]
        self.queue = QueueView(waiting=len(waits), longest_wait_ms=max(waits, default=0))
        members: dict[str, object] = {
            "waiting": self.queue.waiting,
            "longest_wait_ms": self.queue.longest_wait_ms,
        }
        self._hub.to_everyone(live_message("queue", members, key="queue"))

    async def _tick(self) -> None:
        """Push the numbers when they have changed; close pages whose session has ended."""
        shown = None
        ticks = 0
        while True:
            await asyncio.sleep(TICK_S)
            ticks += 1
            numbers = self._board.numbers()
            if numbers != shown:
                shown = numbers
                self._hub.to_everyone(live_message("numbers", {"numbers": numbers}, key="numbers"))
            if ticks % CHECK_SESSIONS_EVERY_TICKS == 0:
                await self._close_ended_sessions()

    async def _close_ended_sessions(self) -> None:
        for viewer in self._hub.viewers:
            try:
                if await self._gate.find(viewer.token_hash) is None:
                    viewer.outbox.close()
            except StorageError as error:
                logger.warning("cannot check a session", reason=error.what)
                return
