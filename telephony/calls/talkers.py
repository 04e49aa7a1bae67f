"""The telephones of a call by what they are in it, and the one place that lets everybody hear whom they shall hear."""

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Protocol

import msgspec

from domain.call import CallConnected, EndedBy
from domain.errors import RefusedError, SipError
from domain.talk import AgentLeft, Passing, TalkChanged, TalkPhase, ThirdLeft
from domain.target import OfferOutcome, Target, TargetKind
from telephony.calls.journal import CallJournal
from telephony.calls.our_side import OurSide
from telephony.calls.party import Party, Tell
from telephony.calls.prompter import Prompter
from telephony.calls.switch_parts import SwitchParts
from telephony.calls.talk import Ear, Move, Role, Sound, Talk, hearing, step
from telephony.calls.whisper import LocationWhisper
from telephony.media.tone import ring_back


class CallHost(Protocol):
    """The call that people talk in."""

    caller: Party

    def media_ms(self) -> int:
        """How old the call's media clock is."""

    def agent_is_there(self) -> None:
        """An agent speaks with the caller, for the first time or again."""

    def back_to_queue(self, queue: str) -> None:
        """The caller waits for a person; "": where they waited before, and before all others."""

    def shut(self, by: EndedBy, cause: str) -> None: ...

    def spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run what has to be waited for, no longer than the call lasts."""


class Talkers:
    """talk: where the call is. third: whom the agent has called, and what for. tell: who hears of the telephones.

    parked: the other line of the agent's telephone, on which nobody is heard.
    """

    def __init__(
        self,
        host: CallHost,
        parts: SwitchParts,
        journal: CallJournal,
        prompter: Prompter,
        our_side: OurSide,
        tell: Tell,
    ) -> None:
        self.host = host
        self.journal = journal
        self.talk = Talk()
        self.third: tuple[Target, Passing] | None = None
        self.parties: dict[Role, Party] = {Role.CALLER: host.caller}
        self.parked: Party | None = None
        self._parts = parts
        self._prompter = prompter
        self._our_side = our_side
        self._tell = tell
        self._sounds = {Sound.MUSIC: parts.music, Sound.RING_BACK: ring_back()}
        self._shown = Talk()
        self.whisper = LocationWhisper(parts.speaker, host.spawn)

    @property
    def agent(self) -> Party | None:
        return self.parties.get(Role.AGENT)

    def role_of(self, party: Party) -> Role | None:
        """None for one that has left."""
        return next((role for role, each in self.parties.items() if each is party), None)

    def step(self, move: Move) -> None:
        """RefusedError when the call's phase does not allow it; who hears whom changes with `apply`."""
        third_is_agent = self.third is not None and self.third[0].kind is TargetKind.AGENT
        self.talk = step(self.talk, move, third_is_agent=third_is_agent)

    def open(self, address: str, agent_id: str) -> Party:
        """A telephone that will be rung; RefusedError when there is no port for it."""
        try:
            return Party(self._parts.plane, self._tell, address=address, agent_id=agent_id)
        except SipError as error:
            raise RefusedError(error.what, where=error.where, remedy=error.remedy, code="switch_fault") from error

    def ring(self, party: Party, target: Target) -> None:
        """A number outside is shown the hotline's own, a colleague is shown the citizen's."""
        outside = target.kind is TargetKind.NUMBER
        party.ring(
            self._parts.endpoint,
            target.address,
            caller_number=self._parts.hotline_number if outside else self.host.caller.address,
            describe=self._parts.describe,
            timeout_s=self._parts.transfer_ring_s,
            codec=self.host.caller.codec,
        )

    def let_go(self, role: Role) -> Party:
        """Hang it up, an agent on both lines; what it still tells is nobody's any more."""
        if role is Role.AGENT and self.parked is not None:
            parked, self.parked = self.parked, None
            parked.close()
            parked.hang_up()
        party = self.parties.pop(role)
        party.hang_up()
        return party

    def let_agent_go(self, reason: str) -> Party:
        """The agent is out of a call that goes on."""
        agent = self.let_go(Role.AGENT)
        self.note_agent_left(agent, reason)
        return agent

    def note_agent_left(self, agent: Party, reason: str) -> None:
        self.journal.write(partial(AgentLeft, agent_id=agent.agent_id, reason=reason))

    def drop_third(self) -> None:
        """Hang the third up."""
        party = self.let_go(Role.THIRD)
        self.note_third_left(OfferOutcome.ANSWERED if party.answered else OfferOutcome.CANCELLED)

    def note_third_left(self, outcome: OfferOutcome, status: int = 0) -> None:
        """The third is out of the call, or never came."""
        if self.third is not None:
            target, _ = self.third
            self.third = None
            self.journal.write(partial(ThirdLeft, target=target, outcome=outcome, sip_status=status))

    def connect_agent(self, agent: Party, offer_id: str = "") -> None:
        """The agent of the call is this one; caller and agent hear each other from now on."""
        self.parties[Role.AGENT] = agent
        now_ms = self.host.media_ms()
        agent.media.listen(now_ms)
        if not self._our_side.begun:
            self._our_side.begin(now_ms)
        self.journal.write(partial(CallConnected, offer_id=offer_id, agent_id=agent.agent_id, extension=agent.address))
        self.apply()
        self.host.agent_is_there()

    def hear_early(self, phase: TalkPhase) -> None:
        """Whoever is called in this phase has sound of their own before they answer."""
        if self.talk.phase is phase:
            self.talk = msgspec.structs.replace(self.talk, early=True)
            self.apply()

    def close(self) -> None:
        """The call is over: everybody but the caller is hung up."""
        self.whisper.stop()
        for role in (Role.LEADER, Role.THIRD, Role.AGENT):
            if role in self.parties:
                self.let_go(role).close()
        self.talk = Talk(phase=TalkPhase.OVER)

    def apply(self) -> None:
        """Let everybody hear whom they shall hear, and tell the pages."""
        if self.talk.phase is not TalkPhase.INVITING:
            self.whisper.stop()
        ears = hearing(self.talk)
        for role, party in self.parties.items():
            # What is played to the caller is the prompter's, which has prompts besides music.
            ear = Ear(ears[role].sources) if role is Role.CALLER else ears[role]
            party.hear(ear, self.parties, self._sounds)
        if self.parked is not None:
            self.parked.hear(Ear(), self.parties, self._sounds)
        if self.talk.phase is not TalkPhase.ALONE:  # there the music is the menu's and the queue's
            self._prompter.music(ears[Role.CALLER].sound is Sound.MUSIC)
        heard = frozenset(self.parties[role] for role in ears[Role.CALLER].sources if role in self.parties)
        self._our_side.hear(heard, self.host.media_ms())
        if self.talk != self._shown:
            self._shown = self.talk
            self._show()

    def _show(self) -> None:
        talk, leader = self.talk, self.parties.get(Role.LEADER)
        self.journal.write(
            partial(
                TalkChanged,
                phase=talk.phase,
                muted=talk.muted,
                third=self.third[0] if self.third is not None else None,
                leader_id=leader.agent_id if leader is not None and talk.supervision is not None else "",
                supervision=talk.supervision,
            )
        )
