"""The part of a call before a person answers: the script that steers it, what that may do, and where the call is."""

from functools import partial
from typing import Protocol

from domain.acd_rules import DEFAULT_QUEUE
from domain.call import CallbackAsked, CallQueued, EndedBy, KeyPressed, PromptEnding, QueuedBecause
from domain.command import AnnouncePosition, TurnAwayBecause
from domain.errors import RefusedError
from domain.side import Side
from domain.speech import Expected, LivePartial, SpeechMessage
from telephony.calls.arrival import Arrival
from telephony.calls.call_sound import CallSound
from telephony.calls.journal import CallJournal
from telephony.calls.party import Party, Pressed
from telephony.calls.prompter import Prompter
from telephony.calls.switch_parts import SwitchParts
from telephony.calls.unscripted import Unscripted
from telephony.ports import CallScript, CallStage

FIRST_IN_QUEUE = 9
"""Priority of a caller who was given away and whom nobody took."""


class SteeredCall(Protocol):
    """The call that the script steers."""

    caller: Party

    def caller_is_there(self) -> None:
        """The citizen's line is open."""

    def shut(self, by: EndedBy, cause: str) -> None: ...


class Steering:
    """Implements ports.CallControls. called_number: by which the hotline is reached. scripted: a menu comes first."""

    def __init__(
        self,
        host: SteeredCall,
        parts: SwitchParts,
        journal: CallJournal,
        sound: CallSound,
        *,
        called_number: str,
        scripted: bool,
    ) -> None:
        self.stage = CallStage.ARRIVED
        self._host = host
        self._parts = parts
        self._journal = journal
        self._sound = sound
        self._called_number = called_number
        self._script: CallScript = parts.open_script(self, "") if scripted else Unscripted()
        self.prompter = Prompter(
            host.caller.media, parts.prompts, parts.music, journal, parts.now_ms, self._on_prompt_ended, sound.plays
        )
        self._arrival: Arrival | None = None
        self._queue = ""
        self._menu_ended_at_ms = parts.now_ms()

    # -- what the call tells -----------------------------------------------------------------------------------------

    def begin(self, arrival: Arrival, arrived_at_ms: int) -> None:
        """A citizen calls."""
        self._menu_ended_at_ms = arrived_at_ms
        self._arrival = arrival
        self.enter(CallStage.ARRIVED)

    def enter(self, stage: CallStage) -> None:
        """The call is here from now on."""
        self.stage = stage
        self._script.on_stage(stage)

    def give_way(self) -> None:
        """A person is there, or the call is over: nothing is played any more."""
        self.prompter.music(False)
        self.prompter.stop(PromptEnding.STOPPED)

    def pressed(self, key: Pressed) -> None:
        """The citizen pressed a key."""
        self._menu_ended_at_ms = self._parts.now_ms()
        self._journal.write(partial(KeyPressed, digit=key.digit, source=key.source))
        self._script.on_digit(key.digit)

    def spoken(self, message: LivePartial | SpeechMessage) -> None:
        """What the listeners say of the citizen's side."""
        self._menu_goes_on()
        self._script.on_speech(message)

    def wait_again(self, queue: str) -> None:
        """The caller waits for another agent and is told so; "": where they waited before, and before all others."""
        to = queue or self._queue or DEFAULT_QUEUE
        self._script = self._parts.open_script(self, to)
        self.prompter.music(True)
        self.enqueue(to, QueuedBecause.TRANSFER, 0 if queue else FIRST_IN_QUEUE)

    def announce(self, position: AnnouncePosition) -> None:
        """The queue says how many wait before this caller."""
        if self.stage is CallStage.WAITING:
            self._script.on_position(position)

    def turn_away(self, because: TurnAwayBecause) -> None:
        """Nobody will come; RefusedError when nobody is waited for."""
        self.check_waiting()
        self._script.on_turned_away(because)

    def check_waiting(self) -> None:
        """RefusedError when the caller does not wait."""
        if self.stage is not CallStage.WAITING:
            raise RefusedError(f"the call is {self.stage}, not waiting", code="not_waiting")

    # -- what the script asks ----------------------------------------------------------------------------------------

    def answer(self) -> None:
        if self.stage is CallStage.ARRIVED and self._arrival is not None:
            self._arrival.answer()
            self._host.caller_is_there()
            self.enter(CallStage.ANSWERED)

    def say(self, text: str, *, token: int) -> None:
        if self.stage is CallStage.ARRIVED and self._arrival is not None and not self._arrival.be_heard_early():
            self.answer()
        self.prompter.say(text, token)

    def stop_saying(self) -> None:
        self.prompter.stop(PromptEnding.BARGED_IN)

    def play_music(self, on: bool) -> None:
        self.prompter.music(on)

    def enqueue(self, queue: str, because: QueuedBecause, priority: int) -> None:
        self._queue = queue
        menu_ended_at_ms = self._parts.now_ms() if because is QueuedBecause.TRANSFER else self._menu_ended_at_ms
        self._journal.write(
            partial(
                CallQueued,
                queue=queue,
                because=because,
                menu_ended_at_ms=menu_ended_at_ms,
                priority=priority,
                caller_number=self._host.caller.address,
                called_number=self._called_number,
            )
        )
        self.enter(CallStage.WAITING)

    def expect(self, phrases: tuple[str, ...], *, only: bool) -> None:
        self._sound.expect(Side.CALLER, Expected(phrases=phrases, only=only))

    def ask_callback(self) -> None:
        if self.stage is CallStage.WAITING:
            self._journal.write(partial(CallbackAsked, callback_number=self._host.caller.address))

    def end(self, cause: str) -> None:
        self._host.shut(EndedBy.SYSTEM, cause)

    def _on_prompt_ended(self, token: int) -> None:
        if self.stage is not CallStage.ENDED:
            self._menu_goes_on()
            self._script.on_prompt_ended(token)

    def _menu_goes_on(self) -> None:
        if self.stage is CallStage.ANSWERED:
            self._menu_ended_at_ms = self._parts.now_ms()
