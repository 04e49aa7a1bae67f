"""The script of a call that we place: no menu. Once an agent lets its citizen wait in a queue it is the flow's."""

from domain.command import AnnouncePosition, TurnAwayBecause
from domain.speech import LivePartial, SpeechMessage
from telephony.ports import CallStage


class Unscripted:
    """A CallScript that does nothing."""

    def on_stage(self, stage: CallStage) -> None: ...

    def on_prompt_ended(self, token: int) -> None: ...

    def on_digit(self, digit: str) -> None: ...

    def on_speech(self, message: LivePartial | SpeechMessage) -> None: ...

    def on_position(self, position: AnnouncePosition) -> None: ...

    def on_turned_away(self, because: TurnAwayBecause) -> None: ...
