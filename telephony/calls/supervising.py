"""The team leader in a call: listens, whispers to the agent, barges in, takes over."""

from functools import partial

import msgspec

from domain.command import Supervise
from domain.errors import RefusedError
from domain.talk import CallSupervised, Supervision, TalkPhase
from domain.target import Target, TargetKind
from telephony.calls.party import Party
from telephony.calls.talk import WITH_AGENT, Move, Role, step
from telephony.calls.talkers import Talkers


class Supervising:
    """One leader at a time for each call; the leader's telephone is rung when they come in."""

    def __init__(self, talkers: Talkers) -> None:
        self._talkers = talkers
        self._wish = Supervision.LISTEN

    def ask(self, command: Supervise) -> None:
        """Come in, be in it in another way, or leave; RefusedError where that is not possible."""
        talkers = self._talkers
        leader = talkers.parties.get(Role.LEADER)
        if leader is not None and leader.agent_id != command.leader_id:
            raise RefusedError("another leader is in the call", where=leader.agent_id, code="leader_there")
        if command.how is Supervision.END:
            self.leave()
            return
        self._check(command)
        self._wish = command.how
        if leader is None:
            leader = talkers.parties[Role.LEADER] = talkers.open(command.extension, command.leader_id)
            talkers.ring(leader, Target(kind=TargetKind.AGENT, value=command.extension))
        elif leader.answered:
            self.answers(leader)

    def answers(self, leader: Party) -> None:
        """The leader's telephone is off the hook: what they wanted begins."""
        talkers, how = self._talkers, self._wish
        leader.media.listen(talkers.host.media_ms())
        if talkers.talk.phase not in WITH_AGENT:  # while it rang, the agent gave the call away
            talkers.let_go(Role.LEADER)
            return
        talkers.journal.write(partial(CallSupervised, leader_id=leader.agent_id, how=how))
        if how is Supervision.TAKE_OVER:
            self._take_over(leader)
            return
        talkers.talk = msgspec.structs.replace(talkers.talk, supervision=how)
        talkers.apply()

    def leave(self) -> None:
        """Hang the leader up, if there is one."""
        if Role.LEADER in self._talkers.parties:
            self.left(self._talkers.let_go(Role.LEADER))

    def left(self, leader: Party) -> None:
        """The leader has hung up."""
        talkers = self._talkers
        if talkers.talk.supervision is not None:
            talkers.journal.write(partial(CallSupervised, leader_id=leader.agent_id, how=Supervision.END))
        talkers.talk = msgspec.structs.replace(talkers.talk, supervision=None)
        talkers.apply()

    def _check(self, command: Supervise) -> None:
        talkers = self._talkers
        if talkers.talk.phase not in WITH_AGENT:
            raise RefusedError(f"no agent is in the call ({talkers.talk.phase})", where="call", code="not_now")
        if command.how is Supervision.TAKE_OVER:
            step(talkers.talk, Move.TAKE_OVER)
        others = [party.address for role, party in talkers.parties.items() if role is not Role.LEADER]
        if command.extension in others:
            raise RefusedError("that telephone is in this call already", where=command.extension, code="own_phone")

    def _take_over(self, leader: Party) -> None:
        """The leader is the agent from now on; only a conference keeps its third."""
        talkers = self._talkers
        talkers.step(Move.TAKE_OVER)
        if talkers.talk.phase is not TalkPhase.CONFERENCE and talkers.third is not None:
            talkers.drop_third()
        talkers.let_agent_go("the team leader took over")
        del talkers.parties[Role.LEADER]
        talkers.talk = msgspec.structs.replace(talkers.talk, supervision=None)
        talkers.connect_agent(leader)
