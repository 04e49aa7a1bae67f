"""The part of a call in which people talk: carries out what `talk.py` allows, and writes down what has happened."""

from collections.abc import Callable
from functools import partial

import msgspec
import structlog

from domain.command import CallOrder, OrderCall, PassCall, Supervise
from domain.errors import RefusedError
from domain.talk import (
    CallConferenced,
    CallHeld,
    CallResumed,
    EmergencyHandedOver,
    Passing,
    TalkPhase,
    ThirdAnswered,
    ThirdCalled,
)
from domain.target import Target, TargetKind
from telephony.calls.departing import Departing
from telephony.calls.dialled_line import DialledLine
from telephony.calls.party import Answered, Gone, HeardEarly, Party, PartyEvent, PutOnHold
from telephony.calls.second_line import SecondLine
from telephony.calls.supervising import Supervising
from telephony.calls.talk import WITH_AGENT, Move, Role, Talk, step
from telephony.calls.talkers import Talkers

logger = structlog.get_logger()

_BRINGING: dict[Passing, Move] = {
    Passing.TRANSFER: Move.TRANSFER,
    Passing.CONSULT: Move.CONSULT,
    Passing.INVITE: Move.INVITE,
    Passing.HAND_OVER: Move.INVITE,
}


def _nobody() -> None:
    """Nobody waits to be told."""


class Conversation:
    """`order`, `pass_on` and `supervise` raise RefusedError where the state of the call does not allow it."""

    def __init__(self, talkers: Talkers) -> None:
        self._talkers = talkers
        self._supervising = Supervising(talkers)
        self._second = SecondLine(talkers)
        self._departing = Departing(talkers, self._supervising, self._second)

    @property
    def phase(self) -> TalkPhase:
        return self._talkers.talk.phase

    @property
    def muted(self) -> bool:
        return self._talkers.talk.muted

    def is_agent(self, party: Party) -> bool:
        """On either line of the telephone."""
        return self._talkers.agent is party or self._second.has(party)

    @property
    def agent_id(self) -> str:
        """Of whoever is the agent now, "" without one."""
        return self._talkers.agent.agent_id if self._talkers.agent is not None else ""

    def is_at(self, extension: str) -> bool:
        """Whether the agent of the call is at this telephone."""
        return self._talkers.agent is not None and self._talkers.agent.address == extension

    def rings_at(self, target: Target) -> bool:
        """Whether it is this one whose telephone rings, and whom the agent wants to consult."""
        third = self._talkers.third
        return self.phase is TalkPhase.CALLING and third is not None and third[0].value == target.value

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
        self._departing.apply()

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
        if isinstance(event, Gone) and self._second.has(party) and self._second.is_gone(party):
            self._departing.cancel()
            return
        role = self._talkers.role_of(party)
        if role is Role.THIRD:
            self._second.follow(event)
        match event:
            case Answered() if role is Role.THIRD:
                self._third_answers(party)
            case Answered() if role is Role.LEADER:
                self._supervising.answers(party)
            case HeardEarly() if role is Role.THIRD:
                self._talkers.hear_early(TalkPhase.CALLING)
            case PutOnHold(held) if self._second.has(party):
                self._second.hold(party, held)
                self._departing.apply()
            case PutOnHold(held) if role is Role.AGENT:
                self._hold_by_phone(party, held)
            case Gone(status=status) if role is not None:
                del self._talkers.parties[role]
                self._gone(role, party, status)
            case _:
                return

    def _gone(self, role: Role, party: Party, status: int) -> None:
        match role:
            case Role.AGENT:
                self._departing.agent_gone(party, status)
            case Role.THIRD:
                self._departing.third_gone(party, status)
            case _:
                self._supervising.left(party)

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
                self._departing.cancel()
            case CallOrder.COMPLETE:
                self._departing.complete(_nobody)
        self._departing.apply()

    def dial(self, line: DialledLine, target: Target) -> None:
        """The agent's telephone consults somebody on a line of its own."""
        command = PassCall(how=Passing.CONSULT, target=target, agent_id=self.agent_id)
        self.pass_on(command, partial(self._second.open, line))

    def join(self, line: Party, sip_call_id: str, taken_up: Callable[[], None]) -> None:
        """The telephone's own attended transfer: `line` and the one with this Call-ID. taken_up: as for `pass_on`."""
        if not self._second.joins(line, sip_call_id):
            raise RefusedError("the two are not lines of one call", where=line.address, code="not_now")
        self._departing.complete(taken_up)

    def complete(self, taken_up: Callable[[], None]) -> None:
        """The caller is the third's, who may still ring. taken_up: as for `pass_on`."""
        self._departing.complete(taken_up)

    def pass_on(self, command: PassCall, taken_up: Callable[[], None] = _nobody) -> None:
        """Bring another in, or give the call away.

        taken_up: told when nothing can be refused any more, before anybody is hung up.
        """
        self._check_agent(command.agent_id)
        target = command.target
        if target.kind is TargetKind.QUEUE:
            if command.how is not Passing.TRANSFER:
                raise RefusedError("a queue can only be transferred to", where=target.value, code="not_a_person")
            self._departing.requeue(target, command.how, taken_up)
            return
        party = self._call_third(target, command.how)
        taken_up()
        talkers, write = self._talkers, self._talkers.journal.write
        write(partial(ThirdCalled, how=command.how, target=target, agent_id=command.agent_id))
        if command.how is Passing.HAND_OVER:
            handed_over = partial(EmergencyHandedOver, target=target, agent_id=command.agent_id)
            write(partial(handed_over, location=command.location, keyed=command.keyed))
        if command.how is Passing.TRANSFER:
            self._departing.give_away()
        self._departing.apply()
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
        self._departing.settle()

    def _note_conference(self) -> None:
        talkers = self._talkers
        if talkers.third is not None and talkers.agent is not None:
            agent_id = talkers.agent.agent_id
            talkers.journal.write(partial(CallConferenced, target=talkers.third[0], agent_id=agent_id))
