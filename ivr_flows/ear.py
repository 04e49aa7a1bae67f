"""What the caller has said or pressed since the flow last took note."""

from enum import StrEnum

import msgspec

from domain.call import QueuedBecause
from ivr_flows.events import DigitPressed, FlowEvent, SpeechBegan, SpeechHeard, SpeechUnavailable


class HeardKind(StrEnum):
    """What a `listen` ended with."""

    KEY = "key"
    SPEECH = "speech"
    SILENCE = "silence"
    FAULT = "fault"


class Heard(msgspec.Struct, frozen=True):
    """The outcome of a `listen`. text: the key, or the words."""

    kind: HeardKind
    text: str = ""

    @property
    def because(self) -> QueuedBecause:
        return QueuedBecause(self.kind.value)


class Ear(msgspec.Struct, frozen=True, kw_only=True):
    """key: the first key, "" for none; words: the latest; final: they are the whole utterance; began: a voice is heard.

    available: speech is recognised at all.
    """

    key: str = ""
    words: str = ""
    final: bool = False
    began: bool = False
    available: bool = True

    def emptied(self) -> "Ear":
        """The same ear with nothing in it."""
        return Ear(available=self.available)

    def hears(self, event: FlowEvent) -> "Ear":
        """The ear after this event; the same one when the event is nothing to hear."""
        match event:
            case DigitPressed(digit) if not self.key:
                return msgspec.structs.replace(self, key=digit)
            case SpeechBegan():
                return msgspec.structs.replace(self, began=True)
            case SpeechHeard(text, final) if text.strip():
                return msgspec.structs.replace(self, words=text, final=final, began=True, available=True)
            case SpeechUnavailable():
                return msgspec.structs.replace(self, available=False)
        return self
