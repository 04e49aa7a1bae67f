"""One citizen's call on the switch, from INVITE to the closed recording.

It joins the caller's SIP leg and media leg, the script that steers the call until a person answers, the ringing of
agents, the recording and the sound for the listeners. Everything happens on the asyncio loop; `run` ends when all that
the call used is freed.
"""

import asyncio
from functools import partial

import msgspec
import structlog

from domain.call import (
    CallAnswered,
    CallArrived,
    CallbackAsked,
    CallEnded,
    CallQueued,
    DigitSource,
    EndedBy,
    KeyPressed,
    PromptEnding,
    QueuedBecause,
    RecordingFinished,
)
from domain.command import AnnouncePosition, CallCommand, CancelRing, CommandReply, HangUp, RingAgent, TurnAway
from domain.errors import HotlineError
from domain.g711 import ALAW_SILENCE
from domain.side import Side
from domain.speech import LivePartial, SpeechHealthChanged, SpeechMessage
from domain.topics import CALL_COMMAND, CALL_PARTIAL, CALL_SPEECH
from telephony.agent_ring import AgentRing
from telephony.journal import CallJournal
from telephony.outlet import AudioOutlet
from telephony.ports import CallStage, InboundCall, MediaDescription, SipLeg
from telephony.prompter import Prompter
from telephony.switch_parts import SwitchParts

logger = structlog.get_logger()
LAST_CHUNKS_S = 0.1
"""How long the media tick may take to hand over the last sound of closed legs."""


class CallSession:
    """As LegEvents and MediaEvents it hears the caller's legs; as CallControls it serves the script."""

    def __init__(self, call_id: str, call: InboundCall, leg: SipLeg, parts: SwitchParts) -> None:
        self.call_id = call_id
        self.stage = CallStage.ARRIVED
        self._call = call
        self._leg = leg
        self._parts = parts
        self._journal = CallJournal(call_id, parts.switch_id, parts.journal_dir, parts.log, parts.now_ms)
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
        self._media = parts.plane.open_leg(self)
        self._recorder = parts.open_recorder(call_id)
        self._outlets = {side: AudioOutlet(call_id, side, parts.bus, self._recorder, parts.now_ms) for side in Side}
        self._script = parts.open_script(self)
        self._prompter = Prompter(
            self._media, parts.prompts, parts.music, self._journal, parts.now_ms, self._on_prompt_ended
        )
        self._ring: AgentRing | None = None
        self._menu_ended_at_ms = call.arrived_at_ms
        self._answered_at_ms = 0
        self._silence: asyncio.TimerHandle | None = None
        self._over = asyncio.Event()

    # -- the call's life ---------------------------------------------------------------------------------------------

    def answer(self) -> None:
        """200 OK at once, and the script begins."""
        local = self._parts.describe(self._media.port)
        offer = self._call.media
        if offer is not None:
            local = msgspec.structs.replace(
                local, codec=offer.codec, payload=offer.payload, digits_payload=offer.digits_payload
            )
            self._media.connect(offer)
        self._leg.answer(local)
        self._journal.write(CallAnswered)
        self._answered_at_ms = self._parts.now_ms()
        self._media.listen(0)
        self._parts.listening.begin(self.call_id, Side.CALLER)
        self._enter(CallStage.ANSWERED)

    async def run(self) -> None:
        """Serve the call until it is over and everything that it used is freed."""
        bus, keys = self._parts.bus, (self.call_id,)
        subscriptions = [
            await bus.serve(CALL_COMMAND, keys, self._on_command),
            await bus.subscribe(CALL_SPEECH, keys, self._on_speech),
            await bus.subscribe(CALL_PARTIAL, keys, self._on_speech),
        ]
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._journal.run())
                for outlet in self._outlets.values():
                    tasks.create_task(outlet.run())
                await self._over.wait()
                await self._close_recording()
                self._journal.finish()
        finally:
            for subscription in subscriptions:
                await subscription.close()

    def shut(self, by: EndedBy, cause: str) -> None:
        """End the call from our side, politely."""
        if self.stage is not CallStage.ENDED:
            self._end(by, cause)
            self._leg.hang_up()

    async def _close_recording(self) -> None:
        try:
            path, duration_ms, sha256 = await self._recorder.close()
        except HotlineError as error:
            logger.error("recording could not be closed", call_id=self.call_id, error=str(error))
            return
        self._journal.write(partial(RecordingFinished, path=path, duration_ms=duration_ms, sha256=sha256))

    def _enter(self, stage: CallStage) -> None:
        self.stage = stage
        self._script.on_stage(stage)

    def _end(self, by: EndedBy, cause: str, status: int = 0) -> None:
        if self.stage is CallStage.ENDED:
            return
        self._forget_silence()
        self._prompter.music(False)
        self._prompter.stop(PromptEnding.STOPPED)
        self._enter(CallStage.ENDED)
        if self._ring is not None:
            self._ring.cancel()
            self._ring.media.close()
        self._media.close()
        self._journal.write(partial(CallEnded, by=by, cause=cause, sip_status=status))
        # The last chunks of the media legs are on their way from the tick's thread: they belong to the recording.
        asyncio.get_running_loop().call_later(LAST_CHUNKS_S, self._wind_up)

    def _wind_up(self) -> None:
        for side, outlet in self._outlets.items():
            outlet.finish()
            self._parts.listening.end(self.call_id, side)
        self._over.set()

    # -- the caller's SIP leg ----------------------------------------------------------------------------------------

    def on_progress(self, status: int, media: MediaDescription | None = None) -> None:
        """Only outbound legs ring."""

    def on_answered(self, media: MediaDescription) -> None:
        self._media.connect(media)

    def on_media_changed(self, media: MediaDescription) -> None:
        self._media.connect(media)

    def on_transfer_asked(self, target: str, replaces: str) -> None:
        """Citizens do not transfer."""
        self._leg.tell_transfer(603, "Decline")

    def on_ended(self, *, by_remote: bool, status: int, reason: str) -> None:
        self._end(EndedBy.CALLER if by_remote else EndedBy.SYSTEM, reason, status)

    # -- the caller's media leg --------------------------------------------------------------------------------------

    def on_digit(self, digit: str, source: DigitSource = DigitSource.INFO) -> None:
        if self.stage is CallStage.ENDED:
            return
        self._menu_ended_at_ms = self._parts.now_ms()
        self._journal.write(partial(KeyPressed, digit=digit, source=source))
        self._script.on_digit(digit)

    def on_played(self, token: int) -> None:
        self._prompter.played(token)

    def on_chunk(self, media_ms: int, alaw: bytes) -> None:
        if self._silence is not None and alaw.count(ALAW_SILENCE) < len(alaw):
            self._forget_silence()
        self._outlets[Side.CALLER].push(media_ms, alaw)

    def on_silent(self, seconds: float) -> None:
        """A caller whose sound never comes, or stopped, is let go after a while: the BYE may be lost."""
        if self._silence is None and self.stage is not CallStage.ENDED:
            limit_s = self._parts.silent_limit_s
            cause = f"no sound from the caller for {limit_s:.0f} s"
            self._silence = asyncio.get_running_loop().call_later(
                max(0.0, limit_s - seconds), self.shut, EndedBy.SYSTEM, cause
            )

    def _forget_silence(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def _on_prompt_ended(self, token: int) -> None:
        if self.stage is CallStage.ENDED:
            return
        if self.stage is CallStage.ANSWERED:
            self._menu_ended_at_ms = self._parts.now_ms()
        self._script.on_prompt_ended(token)

    # -- what the script asks ----------------------------------------------------------------------------------------

    def say(self, text: str, *, token: int) -> None:
        self._prompter.say(text, token)

    def stop_saying(self) -> None:
        self._prompter.stop(PromptEnding.BARGED_IN)

    def play_music(self, on: bool) -> None:
        self._prompter.music(on)

    def enqueue(self, queue: str, because: QueuedBecause, priority: int) -> None:
        self._journal.write(
            partial(
                CallQueued,
                queue=queue,
                because=because,
                menu_ended_at_ms=self._menu_ended_at_ms,
                priority=priority,
                caller_number=self._call.caller_number,
                called_number=self._call.called_number,
            )
        )
        self._enter(CallStage.WAITING)

    def ask_callback(self) -> None:
        if self.stage is CallStage.WAITING:
            self._journal.write(partial(CallbackAsked, callback_number=self._call.caller_number))

    def end(self, cause: str) -> None:
        self.shut(EndedBy.SYSTEM, cause)

    # -- what the queue and the desk ask -----------------------------------------------------------------------------

    async def _on_command(self, _subject: str, command: CallCommand) -> CommandReply:
        if self.stage is CallStage.ENDED:
            return CommandReply(accepted=False, reason="the call is over", code="call_over")
        match command:
            case RingAgent():
                return self._ring_agent(command)
            case CancelRing(offer_id=offer_id):
                if self._ring is None or self._ring.command.offer_id != offer_id or self._ring.answered:
                    return CommandReply(accepted=False, reason="that offer is not ringing", code="not_ringing")
                self._ring.cancel()
            case AnnouncePosition():
                if self.stage is CallStage.WAITING:
                    self._script.on_position(command)
            case TurnAway(because=because):
                if self.stage is not CallStage.WAITING:
                    return CommandReply(accepted=False, reason="the call does not wait", code="not_waiting")
                self._script.on_turned_away(because)
            case HangUp(by=by, cause=cause):
                self.shut(EndedBy(by), cause)
        return CommandReply(accepted=True)

    def _ring_agent(self, command: RingAgent) -> CommandReply:
        if self.stage is not CallStage.WAITING:
            return CommandReply(accepted=False, reason=f"the call is {self.stage}, not waiting", code="not_waiting")
        try:
            ring = AgentRing(
                command, self, self._journal, self._parts.endpoint, self._parts.plane, self._parts.describe
            )
        except HotlineError as error:
            return CommandReply(accepted=False, reason=str(error), code="switch_fault")
        self._ring = ring
        self._enter(CallStage.RINGING)
        ring.start(self._call.caller_number)
        return CommandReply(accepted=True)

    # -- the agent's phone -------------------------------------------------------------------------------------------

    def agent_answered(self, ring: AgentRing) -> None:
        self._prompter.music(False)
        self._prompter.stop(PromptEnding.STOPPED)
        self._parts.plane.bridge(self._media, ring.media)
        ring.media.listen(self._parts.now_ms() - self._answered_at_ms)
        self._parts.listening.begin(self.call_id, Side.AGENT)
        self._enter(CallStage.CONNECTED)

    def agent_gone(self, ring: AgentRing) -> None:
        if self._ring is not ring or self.stage is CallStage.ENDED:
            return
        self._ring = None
        if ring.answered:
            self._end(EndedBy.AGENT, "the agent hung up")
            self._leg.hang_up()
        else:
            self._enter(CallStage.WAITING)

    def agent_sound(self, media_ms: int, alaw: bytes) -> None:
        self._outlets[Side.AGENT].push(media_ms, alaw)

    # -- what the listeners say --------------------------------------------------------------------------------------

    async def _on_speech(self, _subject: str, message: LivePartial | SpeechMessage) -> None:
        if not isinstance(message, SpeechHealthChanged):
            number = int(message.utterance_id.rpartition("-")[2])
            self._parts.listening.said(self.call_id, message.side, number)
        if message.side is Side.CALLER and self.stage is not CallStage.ENDED:
            if self.stage is CallStage.ANSWERED:
                self._menu_ended_at_ms = self._parts.now_ms()
            self._script.on_speech(message)
