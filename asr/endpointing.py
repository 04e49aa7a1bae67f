"""Where an utterance begins and ends: pure, one frame after the other, on the media clock.

            voice for min_speech_ms               hang-over of silence
    SILENT ─────────────────────────► SPEAKING ───────────────────────► SILENT
             VoiceBegan                │  ▲  │        VoiceEnded
                  speculate_after_ms   ▼  │  │ longest_ms: VoiceEnded(forced) at the quietest point,
                           VoicePaused    │  └─► VoiceBegan of the rest, SPEAKING
                                 VoiceResumed

The hang-over shrinks for long utterances (from `hang_over_ms` to half of it between 5 and 10 s), so that someone who
speaks on and on is cut at a breath rather than by force.
"""

from collections import deque
from dataclasses import dataclass

_WINDOW_MS = 400
"""Voice of min_speech_ms must lie within so long (and min_speech_ms, if that is longer)."""
_SHRINK_FROM_MS = 5000
_SHRINK_TO_MS = 10000
_SEARCH_MS = 3000
_SMOOTH_MS = 120


@dataclass(frozen=True)
class Frame:
    """One decision of the detector. start_ms, end_ms: on the media clock; level: its energy in any linear unit."""

    start_ms: int
    end_ms: int
    voiced: bool
    level: float = 0.0


@dataclass(frozen=True)
class VoiceBegan:
    start_ms: int


@dataclass(frozen=True)
class VoicePaused:
    """Silence that may become the end; voice_end_ms: the end of the voice so far."""

    voice_end_ms: int


@dataclass(frozen=True)
class VoiceResumed:
    """The pause was none."""


@dataclass(frozen=True)
class VoiceEnded:
    """An utterance. start_ms, end_ms: of the voice; sound_end_ms: how far its sound should be recognised.

    voiced: the spans (start_ms, end_ms) in which there was voice.
    """

    start_ms: int
    end_ms: int
    sound_end_ms: int
    voiced: tuple[tuple[int, int], ...]
    forced: bool = False


EndpointEvent = VoiceBegan | VoicePaused | VoiceResumed | VoiceEnded


@dataclass(frozen=True)
class EndpointRules:
    """As in AsrSettings."""

    hang_over_ms: int = 500
    speculate_after_ms: int = 130
    min_speech_ms: int = 200
    longest_ms: int = 14000


class Endpointer:
    """One stream's ends. Give it every frame in order; after a jump of the clock call `flush` first."""

    def __init__(self, rules: EndpointRules) -> None:
        self._rules = rules
        self._window: deque[Frame] = deque()
        self._speech: list[Frame] = []
        self._start_ms = 0
        self._voice_end_ms = 0
        self._paused = False

    @property
    def speaking(self) -> bool:
        return bool(self._speech)

    @property
    def start_ms(self) -> int:
        """Start of the voice of the utterance that goes on."""
        return self._start_ms

    def hear(self, frame: Frame) -> list[EndpointEvent]:
        """What this frame brings about."""
        if self._speech:
            return self._while_speaking(frame)
        return self._while_silent(frame)

    def flush(self) -> list[EndpointEvent]:
        """The stream ends or jumps: an utterance that goes on ends here."""
        self._window.clear()
        if not self._speech:
            return []
        return [self._end(self._speech[-1].end_ms)]

    def _while_silent(self, frame: Frame) -> list[EndpointEvent]:
        window = self._window
        window.append(frame)
        while window[-1].end_ms - window[0].start_ms > max(_WINDOW_MS, self._rules.min_speech_ms):
            window.popleft()
        voiced = [seen for seen in window if seen.voiced]
        if not frame.voiced or sum(seen.end_ms - seen.start_ms for seen in voiced) < self._rules.min_speech_ms:
            return []
        self._start_ms = voiced[0].start_ms
        self._voice_end_ms = frame.end_ms
        self._speech = [seen for seen in window if seen.start_ms >= self._start_ms]
        self._paused = False
        window.clear()
        return [VoiceBegan(self._start_ms)]

    def _while_speaking(self, frame: Frame) -> list[EndpointEvent]:
        self._speech.append(frame)
        events: list[EndpointEvent] = []
        if frame.voiced:
            self._voice_end_ms = frame.end_ms
            if self._paused:
                self._paused = False
                events.append(VoiceResumed())
        silence_ms = frame.end_ms - self._voice_end_ms
        if silence_ms >= self._hang_over_ms(self._voice_end_ms - self._start_ms):
            return [self._end(frame.end_ms)]
        if frame.end_ms - self._start_ms >= self._rules.longest_ms:
            return [*events, *self._cut()]
        if not self._paused and silence_ms >= self._rules.speculate_after_ms:
            self._paused = True
            events.append(VoicePaused(self._voice_end_ms))
        return events

    def _hang_over_ms(self, spoken_ms: int) -> int:
        full = self._rules.hang_over_ms
        share = min(1.0, max(0.0, (spoken_ms - _SHRINK_FROM_MS) / (_SHRINK_TO_MS - _SHRINK_FROM_MS)))
        return round(full * (1.0 - share / 2))

    def _end(self, sound_end_ms: int) -> VoiceEnded:
        ended = VoiceEnded(self._start_ms, self._voice_end_ms, sound_end_ms, _spans(self._speech))
        self._speech = []
        self._paused = False
        return ended

    def _cut(self) -> list[EndpointEvent]:
        """Speech without a pause is cut at the quietest point of its last seconds; what follows goes on."""
        place = _quietest(self._speech, self._speech[-1].end_ms - _SEARCH_MS)
        head, tail = self._speech[:place], self._speech[place:]
        cut_ms = head[-1].end_ms
        last_voice_ms = max((frame.end_ms for frame in head if frame.voiced), default=cut_ms)
        events: list[EndpointEvent] = [VoiceEnded(self._start_ms, last_voice_ms, cut_ms, _spans(head), forced=True)]
        self._speech, self._paused = [], False
        voiced = [frame for frame in tail if frame.voiced]
        if voiced:
            self._start_ms = voiced[0].start_ms
            self._voice_end_ms = voiced[-1].end_ms
            self._speech = [frame for frame in tail if frame.start_ms >= self._start_ms]
            events.append(VoiceBegan(self._start_ms))
        return events


def _spans(speech: list[Frame]) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    for frame in speech:
        if frame.voiced and spans and spans[-1][1] == frame.start_ms:
            spans[-1] = (spans[-1][0], frame.end_ms)
        elif frame.voiced:
            spans.append((frame.start_ms, frame.end_ms))
    return tuple(spans)


def _quietest(speech: list[Frame], from_ms: int) -> int:
    """The place in `speech` (1 at least, before its end) where _SMOOTH_MS around it have the least energy."""
    best, least = len(speech) - 1, float("inf")
    for place in range(1, len(speech)):
        middle = speech[place].start_ms
        if middle < from_ms:
            continue
        near = [
            frame.level
            for frame in speech[max(0, place - 8) : place + 8]
            if abs(frame.start_ms - middle) <= _SMOOTH_MS / 2
        ]
        level = sum(near) / len(near)
        if level < least:
            best, least = place, level
    return best
