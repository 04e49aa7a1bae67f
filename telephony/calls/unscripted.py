"""The script of a call that we place, or that comes back to the queue from an agent: no menu, only music."""

from domain.command import AnnouncePosition, TurnAwayBecause
from domain.speech import LivePartial, SpeechMessage
from telephony.ports import CallControls, CallStage


class Unscripted:
    """A CallScript that only lets the caller go where nobody will come."""

    def __init__(self, controls: CallControls) -> None:
        self._controls = controls

    def on_stage(self, stage: CallStage) -> None: ...

    def on_prompt_ended(self, token: int) -> None: ...

    def on_digit(self, digit: str) -> None: ...

    def on_speech(self, message: LivePartial | SpeechMessage) -> None: ...

    def on_position(self, position: AnnouncePosition) -> None: ...

    def on_turned_away(self, because: TurnAwayBecause) -> None:
        self._controls.end(f"turned away: {because.value}")
