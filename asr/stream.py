"""One side of one call as the listener hears it: chunks in, utterances out. No I/O and no clock but the chunks' own."""

from dataclasses import dataclass

import numpy as np

from asr.endpointing import Endpointer, EndpointEvent, EndpointRules, Frame, VoiceBegan, VoiceEnded, VoicePaused
from asr.recogniser import Clip
from asr.settings import AsrSettings
from asr.silence import Silence, SilenceBegan, SilenceEnded
from asr.vad import VoiceActivity, frame_rms
from domain.audio import AudioChunk
from domain.errors import AudioError
from domain.g711 import ALAW_SILENCE, RATE_HZ, alaw_decode

_PER_MS = RATE_HZ // 1000
SLOWER_PARTIALS = 2
"""How many times longer a stream waits between partials when the listener is short of time."""
PARTIALS_SLOW_DOWN = 4
"""The next partial of a long utterance waits for a quarter of its length."""
_ASK_AGAIN_MS = 400
"""A first partial of which nothing was shown by then was likely empty."""
_FIRST_WORDS_WITHIN_MS = 2000
"""Of its voice; an utterance without words so far is hardly one."""
_KEPT_MS = 1000
"""Sound kept while nobody speaks; more than the endpointer's window and the pre-roll together."""
_FILLED_MS = 3000
"""A longer gap is no loss on the bus but a jump: what was being said ends before it."""
_LONGEST_CHUNK_MS = 10000


@dataclass(frozen=True)
class Started:
    """Somebody began to speak. number: counts the stream's utterances."""

    number: int
    start_ms: int


@dataclass(frozen=True, eq=False)
class SoFar:
    """The sound of an utterance that still goes on. ending: silence has come that may be its end.

    sound_from_ms: as in Ended.
    """

    number: int
    start_ms: int
    end_ms: int
    sound_from_ms: int
    clip: Clip
    ending: bool


@dataclass(frozen=True)
class WentOn:
    """The silence of the last SoFar with `ending` was none."""

    number: int


@dataclass(frozen=True, eq=False)
class Ended:
    """A whole utterance. ended_at_ms: wall clock (Unix, ms) of the end of its voice; voiced: as in VoiceEnded.

    sound_from_ms: where the clip begins, which is before the voice.
    foretold: the last SoFar with `ending` holds all of its voice, so that its text is this one's text.
    """

    number: int
    start_ms: int
    end_ms: int
    ended_at_ms: int
    voiced: tuple[tuple[int, int], ...]
    sound_from_ms: int
    clip: Clip
    foretold: bool


StreamEvent = Started | SoFar | WentOn | Ended | SilenceBegan | SilenceEnded


def endpoint_rules(settings: AsrSettings) -> EndpointRules:
    return EndpointRules(
        hang_over_ms=settings.hang_over_ms,
        speculate_after_ms=settings.speculate_after_ms,
        min_speech_ms=settings.min_speech_ms,
        longest_ms=settings.longest_utterance_ms,
    )


class SpeechStream:
    """The state of one stream. Times of sound are counted in samples on the call's media clock."""

    def __init__(
        self,
        settings: AsrSettings,
        detector: VoiceActivity,
        *,
        first_utterance: int = 0,
        continues: bool = False,
    ) -> None:
        """continues: as in Recogniser: what was heard once costs nothing again."""
        self._settings = settings
        self._continues = continues
        self._detector = detector
        self._endpointer = Endpointer(endpoint_rules(settings))
        self._silence = Silence(round(settings.long_silence_s * 1000), spoke=first_utterance > 0)
        self._number = first_utterance
        self._alaw = bytearray()
        self._first = 0
        self._begun = False
        self._framed = 0
        self._free_from = 0
        self._wall_offset_ms = 0
        self._told_ms = 0
        self._foretold_ms = -1
        self.slower = False
        """Whether partials after an utterance's first come at the slower pace; may be changed at any time."""
        self.unseen = True
        """Whether no word of the utterance that goes on was shown yet; whoever shows them says so."""
        self.lost_ms = 0
        """Sound that never came and was taken for silence."""
        self.late_chunks = 0
        """Chunks that came after their time, or twice; they were dropped."""

    def hear(self, chunk: AudioChunk) -> list[StreamEvent]:
        """What a chunk brings about; AudioError when it holds no sound of ours."""
        if len(chunk.alaw) > _LONGEST_CHUNK_MS * _PER_MS:
            raise AudioError(f"a chunk of {len(chunk.alaw)} bytes", where=repr(chunk), remedy="send 100 ms at a time")
        start = chunk.media_ms * _PER_MS
        end = start + len(chunk.alaw)
        if not self._begun:
            self._begun = True
            self._jump(start)
            self._silence.start(chunk.media_ms)
        events: list[StreamEvent] = []
        behind = self._end - start
        if behind >= len(chunk.alaw) and behind > 0:
            self.late_chunks += 1
        else:
            if -behind > _FILLED_MS * _PER_MS:
                events += self._flush()
                self._jump(start)
                events += self._silence.start(chunk.media_ms)
            elif behind < 0:
                self.lost_ms += -behind // _PER_MS
                self._silence.lost(-behind // _PER_MS)
                self._alaw += bytes([ALAW_SILENCE]) * -behind
            self._wall_offset_ms = chunk.captured_at_ms - end // _PER_MS
            self._alaw += chunk.alaw[max(0, behind) :]
            events += self._listen()
        if chunk.last:
            events += self.finish()
        return events

    def finish(self) -> list[StreamEvent]:
        """No more will come: an utterance that goes on ends here, and so does a long silence."""
        return [*self._flush(), *self.start_silence_anew()]

    def start_silence_anew(self) -> list[StreamEvent]:
        """Who was silent so far had reason to be (music, another call): from here on it counts."""
        return [*self._silence.start(self._framed // _PER_MS)]

    @property
    def _end(self) -> int:
        return self._first + len(self._alaw)

    def _jump(self, sample: int) -> None:
        self._alaw.clear()
        self._first = self._framed = self._free_from = sample

    def _flush(self) -> list[StreamEvent]:
        return self._translated(self._endpointer.flush())

    def _listen(self) -> list[StreamEvent]:
        """Frames of the new sound through the detector and the endpointer."""
        events: list[StreamEvent] = []
        size = self._detector.frame_samples
        while self._framed + size <= self._end:
            begin = self._framed - self._first
            samples = alaw_decode(bytes(self._alaw[begin : begin + size]))
            frame = Frame(
                start_ms=self._framed // _PER_MS,
                end_ms=(self._framed + size) // _PER_MS,
                voiced=self._detector.voiced(samples),
                level=frame_rms(samples),
            )
            self._framed += size
            events += self._translated(self._endpointer.hear(frame))
        events += self._so_far()
        events += self._silence.at(self._framed // _PER_MS)
        self._trim()
        return events

    def _translated(self, heard: list[EndpointEvent]) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        for event in heard:
            if isinstance(event, VoiceBegan):
                self._told_ms, self.unseen = event.start_ms, True
                events += self._silence.voice(event.start_ms)
                events.append(Started(self._number, event.start_ms))
            elif isinstance(event, VoicePaused):
                self._foretold_ms = event.voice_end_ms
                self._told_ms = event.voice_end_ms
                events.append(self._snapshot(event.voice_end_ms, ending=True))
            elif isinstance(event, VoiceEnded):
                self._silence.quiet(event.end_ms)
                events.append(self._ended(event))
            else:
                self._foretold_ms = -1
                events.append(WentOn(self._number))
        return events

    def _so_far(self) -> list[StreamEvent]:
        """The sound for a partial, when it is time for one and nobody waits for the end."""
        now_ms = self._framed // _PER_MS
        if not self._endpointer.speaking or self._foretold_ms >= 0:
            return []
        # A partial hears the utterance from its beginning again: at a fixed pace a long one would cost the square of
        # its length, taken from the finals of others.
        so_far_ms = now_ms - self._endpointer.start_ms
        costly_ms = 0 if self._continues else so_far_ms
        pace_ms = max(self._settings.partial_every_ms, costly_ms // PARTIALS_SLOW_DOWN)
        due_ms = self._told_ms + pace_ms * (SLOWER_PARTIALS if self.slower else 1)
        if self.unseen and so_far_ms <= _FIRST_WORDS_WITHIN_MS:
            due_ms = self._first_due_ms()
        if now_ms < due_ms:
            return []
        self._told_ms = now_ms
        return [self._snapshot(now_ms, ending=False)]

    def _first_due_ms(self) -> int:
        """When to try for the utterance's first words; soon again where a try gave none."""
        first_ms = self._endpointer.start_ms + self._settings.first_partial_ms
        again_ms = self._told_ms + (self._settings.partial_every_ms if self.slower else _ASK_AGAIN_MS)
        return first_ms if self._told_ms < first_ms else again_ms

    def _snapshot(self, end_ms: int, *, ending: bool) -> SoFar:
        start_ms = self._endpointer.start_ms
        sound_from_ms = self._sound_from(start_ms) // _PER_MS
        return SoFar(self._number, start_ms, end_ms, sound_from_ms, self._clip(start_ms, self._framed), ending)

    def _ended(self, event: VoiceEnded) -> Ended:
        foretold = not event.forced and self._foretold_ms == event.end_ms
        clip = self._clip(event.start_ms, event.sound_end_ms * _PER_MS)
        ended = Ended(
            number=self._number,
            start_ms=event.start_ms,
            end_ms=event.end_ms,
            ended_at_ms=event.end_ms + self._wall_offset_ms,
            voiced=event.voiced,
            sound_from_ms=self._sound_from(event.start_ms) // _PER_MS,
            clip=clip,
            foretold=foretold,
        )
        self._number += 1
        self._foretold_ms = -1
        self._free_from = event.sound_end_ms * _PER_MS
        return ended

    def _clip(self, start_ms: int, end: int) -> Clip:
        """The sound from the pre-roll, as far as no utterance before has it, to the sample `end`."""
        start = self._sound_from(start_ms)
        alaw = bytes(self._alaw[start - self._first : max(start, end) - self._first])
        return Clip(np.ascontiguousarray(alaw_decode(alaw)))

    def _sound_from(self, start_ms: int) -> int:
        return max(self._free_from, self._first, (start_ms - self._settings.pre_roll_ms) * _PER_MS)

    def _trim(self) -> None:
        keep_from = self._framed - _KEPT_MS * _PER_MS
        if self._endpointer.speaking:
            begun = (self._endpointer.start_ms - self._settings.pre_roll_ms) * _PER_MS
            keep_from = min(keep_from, max(begun, self._free_from))
        if keep_from > self._first:
            del self._alaw[: keep_from - self._first]
            self._first = keep_from
