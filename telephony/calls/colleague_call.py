"""A call between two telephones of ours: the one that dials rings the other, and no citizen is in it.

It is nobody's who waits: it comes to no queue, no figure, no list, and it is neither recorded nor listened to, like
what agents say to each other while a citizen is on hold (`our_side`). The queue hears of it, so that neither of the two
is offered a caller meanwhile, and the audit trail does.
"""

import asyncio
from functools import partial

import structlog

from domain.agent import AgentStatus
from domain.call import EndedBy
from domain.colleague_call import ColleagueAnswered, ColleagueCalled, ColleagueCallEnded
from domain.target import Target
from telephony.calls.dialled_line import DialledLine
from telephony.calls.journal import CallJournal
from telephony.calls.party import (
    Answered,
    Gone,
    HeardEarly,
    Party,
    PartyEvent,
    Pressed,
    PutOnHold,
    Rings,
    Silent,
    TransferAsked,
)
from telephony.calls.switch_parts import SwitchParts
from telephony.calls.talk import Ear, Role, Sound
from telephony.ports import InboundCall, SipLeg

logger = structlog.get_logger()


class ColleagueCall:
    """caller, callee: who has dialled and who is rung. SipError (503) when there is no port for their sound."""

    def __init__(
        self,
        call_id: str,
        call: InboundCall,
        leg: SipLeg,
        target: Target,
        parts: SwitchParts,
        agent: AgentStatus | None,
    ) -> None:
        self.call_id = call_id
        self._parts = parts
        self._target = target
        self._journal = CallJournal(
            call_id, parts.switch_id, parts.journal_dir, parts.log, parts.now_ms, between_colleagues=True
        )
        agent_id = agent.agent_id if agent is not None else ""
        self._line = DialledLine(call, leg, parts, self._on_party, agent_id=agent_id)
        self.caller = self._line.party
        try:
            self.callee = Party(parts.plane, self._on_party, address=target.value, agent_id=target.agent_id)
        except Exception:
            self.caller.close()
            raise
        self._over = asyncio.Event()

    def has_agent_at(self, extension: str) -> bool:
        """Whether this telephone is in it, or rung for it."""
        return extension in (self.caller.address, self.callee.address)

    def begin(self) -> None:
        """Ring the other; it is shown who calls."""
        self._write(ColleagueCalled)
        parts = self._parts
        self.callee.ring(
            parts.endpoint,
            self._target.address,
            caller_number=self.caller.address,
            describe=parts.describe,
            timeout_s=parts.transfer_ring_s,
            codec=self.caller.codec,
        )

    async def run(self) -> None:
        """Until it is over and all that was written down is kept."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._journal.run())
                await self._over.wait()
                self._journal.finish()
        except Exception:
            self.shut(EndedBy.SYSTEM, "internal fault")
            self._journal.finish()
            await self._journal.run()
            raise

    def shut(self, by: EndedBy, cause: str) -> None:
        """End it from our side."""
        if not self._over.is_set():
            self._line.give_up(503, "Service Unavailable")
            self._leave(self.callee)
            self._end(cause)

    def _on_party(self, party: Party, event: PartyEvent) -> None:
        if isinstance(event, TransferAsked):
            if party.leg is not None:
                party.leg.tell_transfer(603, "Decline")
            return
        if self._over.is_set():
            return
        other = self.callee if party is self.caller else self.caller
        match event:
            case Gone(status=status, reason=reason):
                self._gone(party, status, reason)
            case Rings() | HeardEarly() | Answered() if party is self.callee:
                self._follow(event)
            case Pressed(digit=digit):
                other.media.send_digit(digit)
            case PutOnHold(held):
                self._hold(other, held)
            case Silent(seconds=seconds):
                logger.info("a telephone sends no sound", call_id=self.call_id, seconds=seconds)
            case _:
                return

    def _follow(self, event: Rings | HeardEarly | Answered) -> None:
        self._line.follow(event)
        if isinstance(event, Rings):
            return
        plane = self._parts.plane
        plane.hear(self.caller.media, [self.callee.media])
        if isinstance(event, Answered):
            plane.hear(self.callee.media, [self.caller.media])
            self._write(ColleagueAnswered)

    def _hold(self, other: Party, held: bool) -> None:
        """The hold key of one: the other hears our music meanwhile, whatever that telephone would have sent."""
        parties = {Role.CALLER: self.caller, Role.AGENT: self.callee}
        role = Role.AGENT if other is self.caller else Role.CALLER
        ear = Ear(sound=Sound.MUSIC) if held else Ear(frozenset({role}))
        other.hear(ear, parties, {Sound.MUSIC: self._parts.music})

    def _gone(self, party: Party, status: int, reason: str) -> None:
        if party is self.callee:
            if self.caller.answered:
                self._leave(self.caller)
            else:
                self._line.follow(Gone(by_remote=True, status=480 if status == 408 else status, reason=reason))
                self.caller.close()
        else:
            self._leave(self.callee)
        self._end(reason, 0 if self.callee.answered else status)

    @staticmethod
    def _leave(party: Party) -> None:
        if not party.over:
            party.close()
            party.hang_up()

    def _write(self, event: type[ColleagueCalled] | type[ColleagueAnswered]) -> None:
        caller, callee = self.caller, self.callee
        told = partial(event, extension=caller.address, agent_id=caller.agent_id)
        self._journal.write(partial(told, called_extension=callee.address, called_agent_id=callee.agent_id))

    def _end(self, cause: str, status: int = 0) -> None:
        self._journal.write(partial(ColleagueCallEnded, cause=cause, sip_status=status))
        self._over.set()
