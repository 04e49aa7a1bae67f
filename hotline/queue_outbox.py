"""What the queue sends out: commands to the switch that holds the call, offers and states of agents.

Nothing here keeps a decision waiting: each call's commands go in their order beside those of other calls, and agents'
states are appended by one task. What a switch answers, or that it does not, comes back as an event of the queue.
"""

import asyncio
from collections.abc import Awaitable, Callable

from structlog.typing import FilteringBoundLogger

from domain.acd import Offer
from domain.acd_event import AcdEvent, OfferRefused, SwitchAnswered, SwitchSilent
from domain.agent import AgentOffer, AgentStatus
from domain.call import DialBecause
from domain.command import AnnouncePosition, CallCommand, CancelRing, DialOut, RingAgent, TurnAway
from domain.errors import BusError, NoResponderError
from domain.ids import new_id
from domain.ports import Bus, EventLog
from domain.topics import AGENT_OFFER, AGENT_STATE, CALL_COMMAND, SWITCH_COMMAND
from hotline.queue_metrics import OFFERS
from telephony.acd.actions import SayPosition, SendAway, StopRinging

COMMAND_TIMEOUT_S = 2.0
Tell = Callable[[AcdEvent], Awaitable[None]]


class QueueOutbox:
    """tell: how an answer becomes an event. ring_timeout_s: how long a phone rings."""

    def __init__(
        self,
        bus: Bus,
        log: EventLog,
        tell: Tell,
        tasks: asyncio.TaskGroup,
        now_ms: Callable[[], int],
        ring_timeout_s: float,
        logger: FilteringBoundLogger,
    ) -> None:
        self._bus = bus
        self._log = log
        self._tell = tell
        self._tasks = tasks
        self._now_ms = now_ms
        self._ring_timeout_s = ring_timeout_s
        self._logger = logger
        self._statuses: asyncio.Queue[AgentStatus] = asyncio.Queue()
        self._latest: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Append the states of agents in their order, for ever."""
        while True:
            status = await self._statuses.get()
            await self._log.append(AGENT_STATE, (status.agent_id,), status, event_id=new_id(status.at_ms))

    def show(self, status: AgentStatus) -> None:
        self._statuses.put_nowait(status)

    def ring(self, offer: Offer, *, again: bool = False) -> None:
        """again: after a restart, when it is not known whether the switch was told; its refusal then says it was."""
        self._in_order(offer.call_id, lambda: self._ring(offer, again))

    def stop_ringing(self, action: StopRinging) -> None:
        self._in_order(action.call_id, lambda: self._stop_ringing(action))

    def send_away(self, action: SendAway) -> None:
        self._in_order(action.call_id, lambda: self._send_away(action))

    def say_position(self, action: SayPosition) -> None:
        self._in_order(action.call_id, lambda: self._say_position(action))

    def _in_order(self, call_id: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do it after what this call's switch was asked before."""
        before = self._latest.get(call_id)

        async def do() -> None:
            if before is not None:
                await asyncio.wait({before})
            await work()

        task = self._tasks.create_task(do())
        self._latest[call_id] = task
        task.add_done_callback(lambda done: self._forget(call_id, done))

    def _forget(self, call_id: str, task: asyncio.Task[None]) -> None:
        if self._latest.get(call_id) is task:
            del self._latest[call_id]

    async def _ring(self, offer: Offer, again: bool) -> None:
        if again and offer.callback_number:
            await self._refuse(offer, "the queue was restarted")  # to dial once more could reach the citizen twice
            return
        OFFERS.inc()
        await self._bus.publish(
            AGENT_OFFER,
            (offer.agent_id,),
            AgentOffer(
                agent_id=offer.agent_id,
                offer_id=offer.offer_id,
                call_id=offer.call_id,
                queue=offer.queue,
                waited_ms=offer.waited_ms,
                expires_at_ms=offer.expires_at_ms,
            ),
        )
        refusal = await (self._dial_back(offer) if offer.callback_number else self._ring_phone(offer))
        if refusal and not again:
            await self._refuse(offer, refusal)

    async def _refuse(self, offer: Offer, reason: str) -> None:
        await self._tell(
            OfferRefused(
                event_id=f"refused:{offer.offer_id}",
                at_ms=self._now_ms(),
                call_id=offer.call_id,
                offer_id=offer.offer_id,
                reason=reason,
            )
        )

    async def _ring_phone(self, offer: Offer) -> str:
        command = RingAgent(
            offer_id=offer.offer_id,
            agent_id=offer.agent_id,
            extension=offer.extension,
            timeout_s=self._ring_timeout_s,
            auto_answer=offer.auto_answer,
        )
        return await self._ask(offer.call_id, command)

    async def _dial_back(self, offer: Offer) -> str:
        """Ask any switch; why none does it, "" when one does."""
        order = DialOut(
            agent_id=offer.agent_id,
            extension=offer.extension,
            number=offer.callback_number,
            because=DialBecause.CALLBACK,
            offer_id=offer.offer_id,
            auto_answer=offer.auto_answer,
        )
        try:
            reply = await self._bus.request(SWITCH_COMMAND, (), order, timeout_s=COMMAND_TIMEOUT_S)
        except BusError as error:
            self._logger.warning("no switch calls back", offer_id=offer.offer_id, error=str(error))
            return error.what
        return "" if reply.accepted else reply.reason or "no reason given"

    async def _send_away(self, action: SendAway) -> None:
        await self._ask(action.call_id, TurnAway(because=action.because))

    async def _stop_ringing(self, action: StopRinging) -> None:
        await self._ask(action.call_id, CancelRing(offer_id=action.offer_id), tell_silence=False)

    async def _say_position(self, action: SayPosition) -> None:
        refusal = await self._ask(
            action.call_id, AnnouncePosition(before=action.before, wait_s=action.wait_s, callback=action.callback)
        )
        if action.probe and not refusal:
            now_ms = self._now_ms()
            await self._tell(
                SwitchAnswered(event_id=f"answered:{action.call_id}:{now_ms}", at_ms=now_ms, call_id=action.call_id)
            )

    async def _ask(self, call_id: str, command: CallCommand, *, tell_silence: bool = True) -> str:
        """Why it was not taken up, in the switch's words; "" when it was. Nobody there is told as SwitchSilent."""
        try:
            reply = await self._bus.request(CALL_COMMAND, (call_id,), command, timeout_s=COMMAND_TIMEOUT_S)
        except NoResponderError:
            self._logger.warning("no switch serves the call", call_id=call_id, command=type(command).__name__)
            if tell_silence:
                now_ms = self._now_ms()
                await self._tell(SwitchSilent(event_id=f"silent:{call_id}:{now_ms}", at_ms=now_ms, call_id=call_id))
            return "nobody serves it"
        except BusError as error:
            self._logger.warning("a command was not answered", call_id=call_id, error=str(error))
            return error.what
        if not reply.accepted:
            self._logger.info("a command was not taken up", call_id=call_id, reason=reply.reason)
        return "" if reply.accepted else reply.reason or "no reason given"
