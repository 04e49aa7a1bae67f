"""listen: wait for a key or speech, but not for long."""

from enum import StrEnum

import msgspec

from ivr_flows.actions import Expect
from ivr_flows.ear import Ear, Heard, HeardKind
from ivr_flows.events import FlowEvent, TimerFired
from ivr_flows.section import Section
from ivr_flows.state import FlowState, NextStep, Turn
from ivr_flows.verbs.verb import cancel_timer, expect_nothing, start_timer

WORDS_TIMER = "words"
SPEECH_TIMER = "speech"
SILENCE_TIMER = "silence"


class ListenFor(StrEnum):
    KEYS = "keys"
    SPEECH = "speech"
    BOTH = "both"


class Listen(msgspec.Struct, frozen=True, kw_only=True):
    """It ends with the first key, the end of an utterance, or one of three times:

    silence_ms: nothing was heard at all. words_ms: a voice began, and no word came of it (a cough, a lorry).
    speech_ms: the caller talks on; enough was heard to go on.
    urgent: words that end it before the utterance does (those that the `branch` behind it names).
    closed: nothing but those words leads anywhere, so that the nearest of them is meant.
    When speech cannot be recognised it ends at once, as a fault.
    """

    line: int
    wants: ListenFor = ListenFor.BOTH
    silence_ms: int = 4000
    words_ms: int = 3000
    speech_ms: int = 8000
    urgent: tuple[str, ...] = ()
    closed: bool = False

    @classmethod
    def read(cls, section: Section) -> "Listen":
        section.only("for", "silence_ms", "words_ms", "speech_ms")
        return cls(
            line=section.line,
            wants=section.choice("for", ListenFor, ListenFor.BOTH),
            silence_ms=section.whole("silence_ms", 4000, 500, 15000),
            words_ms=section.whole("words_ms", 3000, 500, 10000),
            speech_ms=section.whole("speech_ms", 8000, 1000, 30000),
        )

    def begin(self, state: FlowState, now_ms: int) -> Turn:
        heard = self._outcome(state.ear)
        if heard is not None:
            return self._end(state, heard)
        name, ms = self._next_timer(state.ear)
        begun, start = start_timer(state, name, ms)
        if not self.urgent or self.wants is ListenFor.KEYS:
            return Turn(begun, (start,))
        return Turn(msgspec.structs.replace(begun, expecting=True), (start, Expect(self.urgent, self.closed)))

    def on_event(self, state: FlowState, event: FlowEvent, now_ms: int) -> Turn:
        if isinstance(event, TimerFired):
            if event.name != state.timer:
                return Turn(state)
            return self._end(msgspec.structs.replace(state, timer=""), self._after_time(state.ear))
        heard = self._outcome(state.ear)
        if heard is not None:
            return self._end(state, heard)
        name, ms = self._next_timer(state.ear)
        if state.timer.startswith(f"{name}."):
            return Turn(state)
        quiet, cancelled = cancel_timer(state)
        restarted, start = start_timer(quiet, name, ms)
        return Turn(restarted, (*cancelled, start))

    def _next_timer(self, ear: Ear) -> tuple[str, int]:
        if not ear.began or self.wants is ListenFor.KEYS:
            return SILENCE_TIMER, self.silence_ms
        return (SPEECH_TIMER, self.speech_ms) if ear.words else (WORDS_TIMER, self.words_ms)

    def _outcome(self, ear: Ear) -> Heard | None:
        if ear.key and self.wants is not ListenFor.SPEECH:
            return Heard(HeardKind.KEY, ear.key)
        if self.wants is ListenFor.KEYS:
            return None
        if ear.words and (ear.final or contains_any(ear.words, self.urgent)):
            return Heard(HeardKind.SPEECH, ear.words)
        if not ear.available:
            return Heard(HeardKind.FAULT)
        return None

    def _after_time(self, ear: Ear) -> Heard:
        if ear.words and self.wants is not ListenFor.KEYS:
            return Heard(HeardKind.SPEECH, ear.words)
        return Heard(HeardKind.SILENCE)

    def _end(self, state: FlowState, heard: Heard) -> Turn:
        quiet, cancelled = cancel_timer(state)
        unbiased, told = expect_nothing(quiet)
        ended = msgspec.structs.replace(unbiased, heard=heard, ear=state.ear.emptied())
        return Turn(ended, (*cancelled, *told), NextStep())


def contains_any(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of the words is said in the text, whatever spaces and punctuation the recogniser put in."""
    plain = "".join(character for character in text if character.isalnum())
    return any(word in plain for word in words)
