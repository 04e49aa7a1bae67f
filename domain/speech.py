"""What the listeners write down."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from domain.side import Side

UNDETERMINED = "und"
"""ISO 639-3: a language that is not known, or speech that is hard to understand (a dialect, a bad line)."""


class SpeechHealth(StrEnum):
    """How well the call is being listened to; travels with every transcript event and is shown on the desk.

    From the best to the worst: slower shows words later while somebody speaks, finals_only when an utterance is over,
    after_call when the recording is transcribed.
    """

    LIVE = "live"
    SLOWER = "slower"
    FINALS_ONLY = "finals_only"
    AFTER_CALL = "after_call"
    OFF = "off"


class SpeechStarted(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="started"):
    """Voice activity began (subject `call.<id>.speech.partial`, never stored); the flow engine uses it for barge-in."""

    call_id: str
    side: Side
    utterance_id: str
    start_ms: int


class UtterancePartial(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="partial"):
    """Words so far of an utterance that still goes on (subject `call.<id>.speech.partial`, never stored).

    firm: text[:firm] is what two hypotheses agreed on: only the final, or an empty partial, changes it again.
    """

    call_id: str
    side: Side
    utterance_id: str
    start_ms: int
    end_ms: int
    text: str
    health: SpeechHealth
    firm: int = 0


class SideSilent(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="silent"):
    """One side has not spoken for long, and then that this is over (subject `call.<id>.speech.partial`, never stored).

    since_ms: on the call's media clock, the end of its last voice, or where its time began to count: with the
    listening, and anew with each phase of the talk (domain.talk.TalkPhase). until_ms: None while it lasts.
    spoke: whether it has ever spoken in the call. Sound that was lost does not count: of that the health tells.
    """

    call_id: str
    side: Side
    since_ms: int
    spoke: bool
    until_ms: int | None = None


class Correction(msgspec.Struct, frozen=True):
    """text[start:end] of an utterance stands for `original`, which the recogniser wrote and which sounds alike."""

    start: int
    end: int
    original: str


class NumberKind(StrEnum):
    """What a read-out number can be. LOCAL: a telephone of eight digits without the area's code. TICKET: the day
    (YYYYMMDD) and six digits more of one of our own tickets, without the letters before them."""

    MOBILE = "mobile"
    LOCAL = "local"
    IDENTITY = "identity"
    TICKET = "ticket"


class SpokenNumber(msgspec.Struct, frozen=True, kw_only=True):
    """text[start:end] of an utterance is a number that was read out, digit by digit: personal data.

    sure: every hearing agreed; else somebody has to confirm it. candidates: the likeliest ones, `digits` first.
    """

    start: int
    end: int
    kind: NumberKind
    digits: str
    sure: bool
    candidates: tuple[str, ...]


class SpokenWords(msgspec.Struct, frozen=True):
    """text[start:end] of an utterance is the written form of `words`, which were said: 下午三点半 is 下午3点半."""

    start: int
    end: int
    words: str


class UtteranceFinal(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="final"):
    """An utterance and its words (subject `call.<id>.speech`, stored).

    start_ms, end_ms: on the call's media clock, end of the voice and not of the hang-over.
    text: simplified characters with punctuation, numbers in digits where they surely are numbers; never empty.
    char_ms: for each character of text the start of its sound on the media clock; those of a number share its sounds.
    times_approximate: these times are spread over the voice, since the engine tells none.
    confidence: 0..1, the share of the text's characters that is expected to be right.
    char_confidence: for each character how likely it is right, () where the engine does not tell.
    corrections: where another spelling was believed than the recogniser's, in order.
    numbers: what was read out digit by digit, in order.
    spoken: what was said where the text writes a number otherwise than it was said, in order.
    ended_at_ms, recognised_at_ms: wall clock (Unix, ms) of the end of the voice and of this text, for latency figures.
    language: what this side is believed to speak by now: "" for Mandarin, an ISO 639-1 code, or UNDETERMINED.
    """

    call_id: str
    side: Side
    utterance_id: str
    start_ms: int
    end_ms: int
    text: str
    char_ms: tuple[int, ...]
    confidence: float
    engine: str
    health: SpeechHealth
    ended_at_ms: int
    recognised_at_ms: int
    corrections: tuple[Correction, ...] = ()
    char_confidence: tuple[float, ...] = ()
    times_approximate: bool = True
    numbers: tuple[SpokenNumber, ...] = ()
    language: str = ""
    spoken: tuple[SpokenWords, ...] = ()

    def as_said(self) -> str:
        """The text with every number in the words that were said, for who compares words."""
        return as_said(self.text, self.spoken)


def as_said(text: str, spoken: Sequence[SpokenWords]) -> str:
    """A final's text with what was said in the places of `spoken`."""
    for one in reversed(spoken):
        text = text[: one.start] + one.words + text[one.end :]
    return text


class SpeechHealthChanged(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="health"):
    """The listening of one side became better or worse (subject `call.<id>.speech`, stored)."""

    call_id: str
    side: Side
    health: SpeechHealth
    reason: str
    at_ms: int


class LanguageHeard(msgspec.Struct, frozen=True, kw_only=True):
    """A caller probably speaks something else than Mandarin (subject `call.<id>.language`, stored; once a call).

    language: ISO 639-1, or UNDETERMINED; probability: 0..1, of the language, or of a character's being wrong.
    utterance_id: of the utterance after which it was believed.
    """

    call_id: str
    side: Side
    language: str
    probability: float
    utterance_id: str
    at_ms: int


SpeechMessage = UtteranceFinal | SpeechHealthChanged
LivePartial = SpeechStarted | UtterancePartial | SideSilent


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller is likely to say now (subject `call.<id>.expected.<side>`, never stored); first, nothing.

    phrases: a menu's choices. only: nothing else counts, so that the nearest of them is meant.
    """

    phrases: tuple[str, ...] = ()
    only: bool = False


class OpenStream(msgspec.Struct, frozen=True, kw_only=True):
    """Request `asr.open`: please listen to `call.<id>.audio.<side>`.

    first_utterance: the number that the stream's first utterance shall have; not 0 when a stream is taken over.
    expected: what a menu waits for at this moment.
    """

    call_id: str
    side: Side
    first_utterance: int = 0
    expected: Expected = Expected()


class StreamOpened(msgspec.Struct, frozen=True, kw_only=True):
    """Reply: who listens, or why nobody does (accepted false)."""

    accepted: bool
    listener_id: str = ""
    health: SpeechHealth = SpeechHealth.OFF
    reason: str = ""


SHORTEST_HOT_WORD, LONGEST_HOT_WORD = 2, 12
"""Characters."""


class HotWord(msgspec.Struct, frozen=True, array_like=True):
    """A word that callers of this city say. weight: 1.0 as most; a higher one is sooner believed, 0 is never."""

    word: str
    weight: float = 1.0


class HotWords(msgspec.Struct, frozen=True, kw_only=True):
    """All of the city's hot words (topic `asr.hot_words`, the last one is kept). version: equal for equal words."""

    version: str
    words: tuple[HotWord, ...]


class ListenerAlive(msgspec.Struct, frozen=True, kw_only=True):
    """Every second on `asr.alive`: a stream that is missing from its listener's list for 3 s is opened anew elsewhere.

    streams: "<call_id>.<side>" each.
    """

    listener_id: str
    at_ms: int
    streams: tuple[str, ...]
    headroom: int
    health: SpeechHealth
