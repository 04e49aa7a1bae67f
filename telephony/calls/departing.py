"""How a call goes on after somebody has left it, or has given it away."""

from collections.abc import Callable
from functools import partial

from domain.call import EndedBy
from domain.talk import CallTransferred, Passing, TalkPhase
from domain.target import Target
from telephony.calls.party import Party
from telephony.calls.second_line import SecondLine
from telephony.calls.supervising import Supervising
from telephony.calls.talk import TABLE, Move, Role
from telephony.calls.talkers import Talkers

_FAILED = 400
"""From this SIP status on an answered telephone did not hang up but failed."""
_GAVE_AWAY = "transferred the call"


class Departing:
    """taken_up, everywhere: told when nothing can be refused any more, before anybody is hung up."""

    def __init__(self, talkers: Talkers, supervising: Supervising, second: SecondLine) -> None:
        self._talkers = talkers
        self._supervising = supervising
        self._second = second

    def apply(self) -> None:
        """Let everybody hear whom they shall hear now, on the right line."""
        self._second.settle()
        self._talkers.apply()

    def agent_gone(self, party: Party, status: int) -> None:
        """Hung up; or the telephone failed, and the caller, who did nothing, waits for another agent, as the first."""
        talkers = self._talkers
        lost = status >= _FAILED and (talkers.talk.phase, Move.AGENT_IS_LOST) in TABLE
        talkers.step(Move.AGENT_IS_LOST if lost else Move.AGENT_LEAVES)
        if talkers.talk.phase is TalkPhase.OVER:
            talkers.host.shut(EndedBy.AGENT, "the agent hung up")
            return
        self._note_transfer(party)
        talkers.note_agent_left(party, "lost the telephone" if lost else "hung up")
        self.settle()

    def third_gone(self, party: Party, status: int) -> None:
        """The third hung up, or never came."""
        self._talkers.step(Move.THIRD_LEAVES)
        self._talkers.note_third_left(party.outcome(status), status)
        self.settle()

    def cancel(self) -> None:
        """The agent is back with the caller, without the third."""
        self._talkers.step(Move.CANCEL)
        self._talkers.drop_third()
        self.apply()

    def complete(self, taken_up: Callable[[], None]) -> None:
        """The caller is the third's, who is there or is being rung."""
        self._talkers.step(Move.COMPLETE)
        taken_up()
        self._second.give_up()
        self.give_away()

    def give_away(self) -> None:
        """As `complete`, where the step is done already."""
        self._note_transfer(self._talkers.parties[Role.AGENT])
        self._talkers.let_agent_go(_GAVE_AWAY)
        self.settle()

    def requeue(self, queue: Target, how: Passing, taken_up: Callable[[], None]) -> None:
        """The caller waits there for another agent."""
        talkers = self._talkers
        talkers.step(Move.REQUEUE)
        taken_up()
        agent = talkers.parties[Role.AGENT]
        talkers.journal.write(partial(CallTransferred, target=queue, agent_id=agent.agent_id, how=how))
        talkers.let_agent_go(_GAVE_AWAY)
        self.settle(queue=queue.value)

    def settle(self, queue: str = "") -> None:
        """After somebody came or went: the third may be the agent now, the caller may have to wait, all may be over."""
        talkers = self._talkers
        match talkers.talk.phase:
            case TalkPhase.TALKING if talkers.agent is None:
                talkers.third = None
                talkers.connect_agent(talkers.parties.pop(Role.THIRD))
            case TalkPhase.ALONE:
                self._supervising.leave()
                self.apply()
                talkers.host.back_to_queue(queue)
            case TalkPhase.OVER:
                talkers.host.shut(EndedBy.AGENT, "the one whom the call was given to hung up")
            case _:
                self.apply()

    def _note_transfer(self, agent: Party) -> None:
        if self._talkers.third is not None:
            target, how = self._talkers.third
            self._talkers.journal.write(partial(CallTransferred, target=target, agent_id=agent.agent_id, how=how))
