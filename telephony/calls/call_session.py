"""One call on the switch, from its first INVITE to the closed recording: a citizen's, or one that we place to them.

It joins the caller's telephone, the script that steers the call until a person answers, the ringing of agents, the
conversation, the recording and the sound for the listeners. Everything happens on the asyncio loop; `run` ends when all
that the call used is freed.
"""

import asyncio
from collections.abc import Coroutine
from functools import partial

from domain.call import CallAnswered, CallArrived, CallEnded, EndedBy
from domain.command import DialOut
from domain.errors import RefusedError
from domain.side import Side
from domain.speech import LivePartial, SideSilent, SpeechHealthChanged, SpeechMessage
from domain.target import Target
from telephony.calls.agent_keys import AgentKeys
from telephony.calls.agent_ring import AgentRing
from telephony.calls.arrival import Arrival
from telephony.calls.call_commands import CallCommands
from telephony.calls.call_ears import CallEars
from telephony.calls.call_silence import SilenceNotes
from telephony.calls.call_sound import CallSound
from telephony.calls.caller_silence import CallerSilence
from telephony.calls.conversation import Conversation
from telephony.calls.dialled_line import DialledLine
from telephony.calls.feature_codes import FeatureKeys
from telephony.calls.journal import CallJournal
from telephony.calls.keyed_hand_over import KeyedHandOver
from telephony.calls.outgoing import Outgoing
from telephony.calls.party import (
    Answered,
    Back,
    Gone,
    HeardEarly,
    Party,
    PartyEvent,
    Played,
    Pressed,
    Rings,
    Silent,
    Spoke,
    TransferAsked,
)
from telephony.calls.steering import Steering
from telephony.calls.switch_parts import SwitchParts
from telephony.calls.talkers import Talkers
from telephony.ports import CallStage, InboundCall, SipLeg

LAST_CHUNKS_S = 0.1
"""How long the media tick may take to hand over the last sound of closed legs."""


class CallSession:
    """Serves the script as SteeredCall, the conversation as CallHost. caller: the citizen, whoever called whom.

    SipError (503) when there is no port for the citizen's sound.
    """

    def __init__(self, call_id: str, opening: InboundCall | DialOut, parts: SwitchParts) -> None:
        self.call_id = call_id
        order = opening if isinstance(opening, DialOut) else None
        self.caller = Party(parts.plane, self._on_party, address=_citizen_of(opening))
        self._parts = parts
        self._journal = CallJournal(call_id, parts.switch_id, parts.journal_dir, parts.log, parts.now_ms)
        self._sound = CallSound(call_id, parts)
        called = parts.hotline_number if isinstance(opening, DialOut) else opening.called_number
        self._steering = Steering(self, parts, self._journal, self._sound, called_number=called, scripted=order is None)
        talkers = Talkers(self, parts, self._journal, self._steering.prompter, self._sound.our_side, self._on_party)
        self._conversation = Conversation(talkers)
        self._tasks = asyncio.TaskGroup()
        hand_over = KeyedHandOver(call_id, parts.bus, parts.seats.directory, self._conversation, self.spawn)
        keys = FeatureKeys(parts.feature_codes)
        send_to_other = self._conversation.send_to_other
        self._agent_keys = AgentKeys(self._conversation, hand_over, keys, parts.seats, send_to_other)
        self._ring = AgentRing(self.caller, parts, self._journal, self._on_party)
        self._outgoing: Outgoing | None = None
        if order is not None:
            self._outgoing = Outgoing(order, self.caller, parts, self._journal, self._ring, self._conversation)
        self._commands = CallCommands(self._steering, self._ring, self._conversation, self.shut)
        self._answered_at_ms = 0
        self._silence = CallerSilence(parts.silent_limit_s, partial(self.shut, EndedBy.SYSTEM))
        self._silence_notes = SilenceNotes(self._journal, lambda: self._answered_at_ms)
        self._ears = CallEars(call_id, parts.bus)
        self._over = asyncio.Event()

    @property
    def stage(self) -> CallStage:
        return self._steering.stage

    # -- the call's life ---------------------------------------------------------------------------------------------

    def arrive(self, call: InboundCall, leg: SipLeg) -> None:
        """A citizen calls: the script begins, and answers at once unless it has something to say before."""
        self._journal.write(
            partial(
                CallArrived,
                caller_number=call.caller_number,
                called_number=call.called_number,
                trunk=call.trunk,
                diverted_from=call.diverted_from,
            ),
            at_ms=call.arrived_at_ms,
        )
        if call.media is not None:
            self.caller.connect(call.media)
        self.caller.leg = leg
        self._steering.begin(Arrival(call, leg, self._parts.describe(self.caller.media.port)), call.arrived_at_ms)

    def dial(self) -> None:
        """An agent calls a citizen: the agent's telephone rings first. RefusedError when there is no port for it."""
        if self._outgoing is not None:
            self._outgoing.begin()

    def dial_by_phone(self, call: InboundCall, leg: SipLeg, agent_id: str) -> Party:
        """An agent's telephone, which is returned, calls a citizen. SipError when there is no port for it."""
        line = DialledLine(call, leg, self._parts, self._on_party, agent_id=agent_id)
        if self._outgoing is not None:
            self._outgoing.begin_by_phone(line)
        return line.party

    def has_agent_at(self, extension: str) -> bool:
        """Whether the call's agent is at this telephone."""
        return self._conversation.is_at(extension)

    def consult_by_phone(self, call: InboundCall, leg: SipLeg, target: Target) -> Party:
        """The agent's telephone dials a third on a line of its own, which is returned. SipError, RefusedError."""
        line = DialledLine(call, leg, self._parts, self._on_party, agent_id=self._conversation.agent_id)
        try:
            self._conversation.dial(line, target)
        except RefusedError:
            line.party.close()
            raise
        return line.party

    def caller_is_there(self) -> None:
        """The citizen's line is open: the call's media time begins."""
        self._answered_at_ms = self._parts.now_ms()
        self._journal.write(CallAnswered, at_ms=self._answered_at_ms)
        self._sound.begins(self._answered_at_ms)
        self.caller.media.listen(0)
        self._sound.listen(Side.CALLER)

    async def run(self) -> None:
        """Serve the call until it is over and everything that it used is freed."""
        try:
            async with self._tasks as tasks:
                if not await self._ears.open(self._commands.take, self._on_speech):
                    self.shut(EndedBy.SYSTEM, "internal fault")
                tasks.create_task(self._journal.run())
                tasks.create_task(self._sound.published())
                await self._put_away()
        except Exception:
            self.shut(EndedBy.SYSTEM, "internal fault")
            await asyncio.gather(self._put_away(), self._journal.run())
            raise
        finally:
            await self._ears.close()

    async def _put_away(self) -> None:
        """Once it is over: the last sound goes out, recording and journal are closed."""
        await self._over.wait()
        self._sound.finish()
        await self._sound.close_recording(self._journal)
        self._journal.finish()

    def spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run what has to be waited for, no longer than the call lasts."""
        return self._tasks.create_task(work)

    def shut(self, by: EndedBy, cause: str) -> None:
        """End the call from our side, politely."""
        if self.stage is not CallStage.ENDED:
            self._end(by, cause)
            self.caller.hang_up()

    def _end(self, by: EndedBy, cause: str, status: int = 0) -> None:
        if self.stage is CallStage.ENDED:
            return
        self._silence.forget()
        self._silence_notes.end()
        self._steering.give_way()
        self._steering.enter(CallStage.ENDED)
        self._ring.drop()
        self._conversation.close()
        self.caller.close()
        self._journal.write(partial(CallEnded, by=by, cause=cause, sip_status=status))
        # The last chunks of the media legs are on their way from the tick's thread: they belong to the recording.
        asyncio.get_running_loop().call_later(LAST_CHUNKS_S, self._over.set)

    # -- telephones --------------------------------------------------------------------------------------------------

    def _on_party(self, party: Party, event: PartyEvent) -> None:
        """What one of the call's telephones tells: sound, ten times a second, and everything else."""
        if isinstance(event, Spoke):
            if party is self.caller:
                self._sound.caller_spoke(event.media_ms, event.alaw)
            else:
                self._sound.our_side.push(party, event.media_ms, event.alaw)
        elif isinstance(event, TransferAsked):
            self._on_transfer_asked(party, event)
        elif party is self.caller:
            self._on_caller(event)
        elif self.stage is CallStage.ENDED:
            return
        elif self._ring.is_of(party):
            self._on_ring(party, event)
        elif isinstance(event, Pressed):
            if self._conversation.is_agent(party):
                self._agent_keys.press(party, event.digit, self._parts.now_ms())
        else:
            self._conversation.on_party(party, event)

    def _on_transfer_asked(self, party: Party, asked: TransferAsked) -> None:
        if self.stage is not CallStage.ENDED and self._conversation.is_agent(party):
            self._agent_keys.transfer(party, asked)
        elif party.leg is not None:
            party.leg.tell_transfer(603, "Decline")

    def _on_caller(self, event: PartyEvent) -> None:
        match event:
            case Played(token):
                self._steering.prompter.played(token)
            case _ if self.stage is CallStage.ENDED:
                return
            case Pressed():
                self._steering.pressed(event)
            case Silent() | Back():
                self._silence.follow(event)
            case Rings() | HeardEarly() | Answered() if self._outgoing is not None:
                self._on_citizen_called(self._outgoing, event)
            case Gone(by_remote, status, reason):
                if self._outgoing is not None:
                    self._outgoing.follow(event)
                self._end(EndedBy.CALLER if by_remote else EndedBy.SYSTEM, reason, status)
            case _:
                return

    def _on_citizen_called(self, outgoing: Outgoing, event: Rings | HeardEarly | Answered) -> None:
        outgoing.follow(event)
        match event:
            case HeardEarly():
                self._conversation.citizen_is_heard_early()
            case Answered():
                self.caller_is_there()
                outgoing.citizen_answers()
            case _:
                return

    def _on_ring(self, party: Party, event: PartyEvent) -> None:
        """The telephone that rings for the caller who waits, or for the agent's own click."""
        match event:
            case Answered():
                offer_id = self._ring.end()
                if self._outgoing is not None and not self._answered_at_ms:
                    self._outgoing.agent_answers(party)
                    return
                self._steering.give_way()
                self._conversation.agent_joins(party, offer_id)
            case Gone(status=status, reason=reason):
                self._ring.end(status)
                if self._answered_at_ms:
                    self._steering.enter(CallStage.WAITING)
                else:
                    self.shut(EndedBy.AGENT, f"the agent's telephone did not answer: {reason}")
            case _:
                return

    # -- what the conversation asks ----------------------------------------------------------------------------------

    def media_ms(self) -> int:
        """How old the call's media clock is."""
        return self._parts.now_ms() - self._answered_at_ms if self._answered_at_ms else 0

    def agent_is_there(self) -> None:
        """An agent speaks with the caller, for the first time or again."""
        self._sound.listen(Side.AGENT)
        self._steering.enter(CallStage.CONNECTED)

    def back_to_queue(self, queue: str) -> None:
        """The caller waits for another agent and is told so; "": where they waited before, and before all others."""
        self._steering.wait_again(queue)

    # -- what the listeners say --------------------------------------------------------------------------------------

    async def _on_speech(self, _subject: str, message: LivePartial | SpeechMessage) -> None:
        if not isinstance(message, SpeechHealthChanged | SideSilent):
            number = int(message.utterance_id.rpartition("-")[2])
            self._sound.said(message.side, number)
        if self.stage is CallStage.ENDED:
            return
        self._silence_notes.hear(message, self._conversation.phase)
        if message.side is Side.CALLER and not isinstance(message, SideSilent):
            self._steering.spoken(message)


def _citizen_of(opening: InboundCall | DialOut) -> str:
    """Their number, whoever calls whom."""
    return opening.number if isinstance(opening, DialOut) else opening.caller_number
