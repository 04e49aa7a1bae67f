"""The part of a call in which people talk: carries out what `talk.py` allows, and writes down what has happened."""

from collections.abc import Callable
from functools import partial

import msgspec
import structlog

from domain.call import (
    CallConferenced,
    CallHeld,
    CallResumed,
    CallTransferred,
    EmergencyHandedOver,
    EndedBy,
    Passing,
    TalkPhase,
    ThirdAnswered,
    ThirdCalled,
)
from domain.command import CallOrder, OrderCall, PassCall, Supervise
from domain.errors import RefusedError
from domain.target import Target, TargetKind
from telephony.calls.party import Answered, Gone, HeardEarly, Party, PartyEvent, PutOnHold
from telephony.calls.supervising import Supervising
from telephony.calls.talk import TABLE, WITH_AGENT, Move, Role, Talk, step
from telephony.calls.talkers import Talkers

logger = structlog.get_logger()

_BRINGING: dict[Passing, Move] = {
    Passing.TRANSFER: Move.TRANSFER,
    Passing.CONSULT: Move.CONSULT,
    Passing.INVITE: Move.INVITE,
    Passing.HAND_OVER: Move.INVITE,
}
_FAILED = 400
"""From this SIP status on an answered telephone did not hang up but failed."""
_GAVE_AWAY = "transferred the call"


def _nobody() -> None:
    """Nobody waits to be told."""


class Conversation:
    """`order`, `pass_on` and `supervise` raise RefusedError where the state of the call does not allow it."""

    def __init__(self, talkers: Talkers) -> None:
        self._talkers = talkers
        self._supervising = Supervising(talkers)

    @property
    def phase(self) -> TalkPhase:
        return self._talkers.talk.phase

    @property
    def muted(self) -> bool:
        return self._talkers.talk.muted

    def is_agent(self, party: Party) -> bool:
        return self._talkers.agent is party

    def send_to_other(self, digit: str) -> None:
        """A key for whoever the agent speaks with: the third in a consultation, else the caller."""
        role = Role.THIRD if self.phase is TalkPhase.CONSULTING else Role.CALLER
        if role in self._talkers.parties:
            self._talkers.parties[role].media.send_digit(digit)

    # -- joining and leaving -----------------------------------------------------------------------------------------

    def begin_dialling(self, agent: Party) -> None:
        """The agent is there and waits until the citizen answers."""
        self._talkers.parties[Role.AGENT] = agent
        self._talkers.talk = Talk(phase=TalkPhase.DIALLING)
        self._talkers.apply()

    def citizen_is_heard_early(self) -> None:
        self._talkers.hear_early(TalkPhase.DIALLING)

    def citizen_answers(self, offer_id: str) -> None:
        self._talkers.step(Move.CALLER_ANSWERS)
        self._talkers.connect_agent(self._talkers.parties[Role.AGENT], offer_id)

    def agent_joins(self, agent: Party, offer_id: str) -> None:
        """The agent whose telephone the queue had rung."""
        self._talkers.step(Move.AGENT_JOINS)
        self._talkers.connect_agent(agent, offer_id)

    def close(self) -> None:
        """The call is over: everybody but the caller is hung up."""
        self._talkers.close()

    def on_party(self, party: Party, event: PartyEvent) -> None:
        """What a telephone of ours tells; of one that has left nothing is of interest."""
        role = self._talkers.role_of(party)
        match event:
            case Answered() if role is Role.THIRD:
                self._third_answers(party)
            case Answered() if role is Role.LEADER:
                self._supervising.answers(party)
            case HeardEarly() if role is Role.THIRD:
                self._talkers.hear_early(TalkPhase.CALLING)
            case PutOnHold(held) if role is Role.AGENT:
                self._hold_by_phone(party, held)
            case Gone(status=status) if role is not None:
                del self._talkers.parties[role]
                self._gone(role, party, status)
            case _:
                return

    def _gone(self, role: Role, party: Party, status: int) -> None:
        talkers = self._talkers
        match role:
            case Role.AGENT:
                self._agent_gone(party, status)
            case Role.THIRD:
                talkers.step(Move.THIRD_LEAVES)
                talkers.note_third_left(party.outcome(status), status)
                self._settle()
            case _:
                self._supervising.left(party)

    def _agent_gone(self, party: Party, status: int) -> None:
        """Hung up; or the telephone failed, and the caller, who did nothing, waits for another agent, as the first."""
        talkers = self._talkers
        lost = status >= _FAILED and (self.phase, Move.AGENT_IS_LOST) in TABLE
        talkers.step(Move.AGENT_IS_LOST if lost else Move.AGENT_LEAVES)
        if self.phase is TalkPhase.OVER:
            talkers.host.shut(EndedBy.AGENT, "the agent hung up")
            return
        self._note_transfer(party)
        talkers.note_agent_left(party, "lost the telephone" if lost else "hung up")
        self._settle()

    # -- what the agent asks -----------------------------------------------------------------------------------------

    def order(self, command: OrderCall) -> None:
        """What needs no more words."""
        self._check_agent(command.agent_id)
        talkers = self._talkers
        match command.order:
            case CallOrder.HOLD:
                talkers.step(Move.HOLD)
                talkers.journal.write(partial(CallHeld, agent_id=command.agent_id))
            case CallOrder.RESUME:
                talkers.step(Move.RESUME)
                talkers.journal.write(partial(CallResumed, agent_id=command.agent_id))
            case CallOrder.MUTE | CallOrder.UNMUTE:
                muted = command.order is CallOrder.MUTE
                talkers.talk = msgspec.structs.replace(talkers.talk, muted=muted)
            case CallOrder.SWAP:
                talkers.step(Move.SWAP)
            case CallOrder.CONFERENCE:
                talkers.step(Move.CONFERENCE)
                self._note_conference()
            case CallOrder.CANCEL:
                talkers.step(Move.CANCEL)
                talkers.drop_third()
            case CallOrder.COMPLETE:
                talkers.step(Move.COMPLETE)
                self._give_away()
        talkers.apply()

    def pass_on(self, command: PassCall, taken_up: Callable[[], None] = _nobody) -> None:
        """Bring another in, or give the call away.

        taken_up: told when nothing can be refused any more, before anybody is hung up.
        """
        self._check_agent(command.agent_id)
        target = command.target
        if target.kind is TargetKind.QUEUE:
            self._requeue(target, command.how, taken_up)
            return
        party = self._call_third(target, command.how)
        taken_up()
        talkers, write = self._talkers, self._talkers.journal.write
        write(partial(ThirdCalled, how=command.how, target=target, agent_id=command.agent_id))
        if command.how is Passing.HAND_OVER:
            handed_over = partial(EmergencyHandedOver, target=target, agent_id=command.agent_id)
            write(partial(handed_over, location=command.location, keyed=command.keyed))
        if command.how is Passing.TRANSFER:
            self._give_away()
        talkers.apply()
        talkers.ring(party, target)
        if command.how is Passing.HAND_OVER and talkers.agent is not None:
            talkers.whisper.begin(talkers.agent, command.location)

    def supervise(self, command: Supervise) -> None:
        """A leader comes in, changes how they are in, or leaves."""
        self._supervising.ask(command)

    def _call_third(self, target: Target, how: Passing) -> Party:
        """The third's telephone, not yet rung. An emergency goes before whatever third there was."""
        talkers, move = self._talkers, _BRINGING[how]
        if talkers.agent is not None and target.value == talkers.agent.address:
            raise RefusedError("that is the agent's own telephone", where=target.value, code="own_phone")
        drops = how is Passing.HAND_OVER and talkers.third is not None
        step(step(talkers.talk, Move.CANCEL) if drops else talkers.talk, move)
        party = talkers.open(target.value, target.agent_id)
        if drops:
            talkers.step(Move.CANCEL)
            talkers.drop_third()
        talkers.step(move)
        talkers.third = (target, how)
        talkers.parties[Role.THIRD] = party
        return party

    def _requeue(self, target: Target, how: Passing, taken_up: Callable[[], None]) -> None:
        if how is not Passing.TRANSFER:
            raise RefusedError("a queue can only be transferred to", where=target.value, code="not_a_person")
        talkers = self._talkers
        talkers.step(Move.REQUEUE)
        taken_up()
        agent = talkers.parties[Role.AGENT]
        talkers.journal.write(partial(CallTransferred, target=target, agent_id=agent.agent_id, how=how))
        talkers.let_agent_go(_GAVE_AWAY)
        self._settle(queue=target.value)

    def _check_agent(self, agent_id: str) -> None:
        agent = self._talkers.agent
        if agent is None or self.phase not in WITH_AGENT:
            raise RefusedError("no agent is in the call", where="call control", code="not_now")
        if agent.agent_id != agent_id:
            raise RefusedError(f"agent {agent_id} is not in the call", where="call control", code="not_yours")

    def _hold_by_phone(self, agent: Party, held: bool) -> None:
        """The telephone's own hold key: the caller gets our music, whatever that telephone would have sent."""
        order = CallOrder.HOLD if held else CallOrder.RESUME
        try:
            self.order(OrderCall(order=order, agent_id=agent.agent_id))
        except RefusedError as error:
            logger.info("a telephone's hold key means nothing now", phase=self.phase, reason=error.what)

    # -- the third ---------------------------------------------------------------------------------------------------

    def _third_answers(self, party: Party) -> None:
        talkers = self._talkers
        party.media.listen(talkers.host.media_ms())
        talkers.step(Move.THIRD_ANSWERS)
        if talkers.third is not None:
            talkers.journal.write(partial(ThirdAnswered, target=talkers.third[0]))
        if self.phase is TalkPhase.CONFERENCE:
            self._note_conference()
        self._settle()

    def _give_away(self) -> None:
        """The agent leaves the caller to the third, who is there or is being rung."""
        self._note_transfer(self._talkers.parties[Role.AGENT])
        self._talkers.let_agent_go(_GAVE_AWAY)
        self._settle()

    def _settle(self, queue: str = "") -> None:
        """After somebody came or went: the third may be the agent now, the caller may have to wait, all may be over."""
        talkers = self._talkers
        match self.phase:
            case TalkPhase.TALKING if talkers.agent is None:
                talkers.third = None
                talkers.connect_agent(talkers.parties.pop(Role.THIRD))
            case TalkPhase.ALONE:
                self._supervising.leave()
                talkers.apply()
                talkers.host.back_to_queue(queue)
            case TalkPhase.OVER:
                talkers.host.shut(EndedBy.AGENT, "the one whom the call was given to hung up")
            case _:
                talkers.apply()

    def _note_transfer(self, agent: Party) -> None:
        if self._talkers.third is not None:
            target, how = self._talkers.third
            self._talkers.journal.write(partial(CallTransferred, target=target, agent_id=agent.agent_id, how=how))

    def _note_conference(self) -> None:
        talkers = self._talkers
        if talkers.third is not None and talkers.agent is not None:
            agent_id = talkers.agent.agent_id
            talkers.journal.write(partial(CallConferenced, target=talkers.third[0], agent_id=agent_id))
