"""Numbers that are read out, heard again: whisper restricted to digits at two speeds, and the states of digits."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asr.digit_hearing import DigitHearing
from asr.digit_states import DigitStates
from asr.log_mel import RATE_HZ
from asr.number_span import NumberSpan, may_hide_number, number_span, sounding_digit, span_between, told_by_value
from asr.recogniser import Heard
from asr.spoken_number import Reading, agreed, fits, heard_alike, heard_in_words, with_number
from asr.thinned_padding import FRAMES_PER_S
from asr.whisper_digits import WhisperDigits, slowed
from asr.whisper_times import WhisperTimes

Wide = NDArray[np.float32]
"""Samples −1..1 at 16 kHz."""


def frames_of_sound(encoded: Any, wide: Wide) -> NDArray[np.float32]:
    """(frames, width): of one clip's encoding what is not its padding."""
    frames: NDArray[np.float32] = np.asarray(encoded)[0][: math.ceil(len(wide) * FRAMES_PER_S / RATE_HZ)]
    return frames


@dataclass(eq=False)
class _Clip:
    """A clip whose words may have a number. encoded: of its sound; slower: of the sound played slower; states: what the
    states of digits hear in it."""

    heard: Heard
    encoded: Any
    slower: Callable[[], Any]
    states: DigitHearing | None

    @cached_property
    def sounds(self) -> tuple[Any, Any]:
        return self.encoded, self.slower()


class WhisperNumbers:
    """encode: what the model's encoder makes of a sound, as for a final. states: without them whisper hears alone."""

    def __init__(
        self, digits: WhisperDigits, times: WhisperTimes, encode: Callable[[Wide], Any], states: DigitStates | None
    ) -> None:
        self._digits = digits
        self._times = times
        self._encode = encode
        self._states = states

    def with_number(self, heard: Heard, wide: Wide, encoding: Callable[[], Any]) -> Heard:
        """The words with the number that is read out in them, if one is. encoding: of the clip's sound."""
        span = number_span(heard.text)
        if span is None and (self._states is None or not may_hide_number(heard.text)):
            return heard
        encoded = encoding()
        states = DigitHearing(self._states.scores(frames_of_sound(encoded, wide))) if self._states else None
        clip = _Clip(heard, encoded, lambda: self._encode(slowed(wide)), states)
        found = self._hidden(clip, span, len(wide) / RATE_HZ)
        return found or (heard if span is None else self._in_span(clip, span))

    def _in_span(self, clip: _Clip, span: NumberSpan) -> Heard:
        """Words that sound like a number."""
        head, length = clip.heard.text[: span.start], span.length
        own = heard_in_words(clip.heard.alternatives, length)
        freely = [self._digits.heard(sound, head, length) for sound in clip.sounds]
        if span.faint and not heard_alike(span.kind, *freely):
            return clip.heard
        reading = _agreed(clip, span, (own, *freely))
        if reading is None or not reading.sure:
            # Free hearings often end too early; the words tell about how many of the digits are zeros.
            zeros = sum(sounding_digit(char) == "0" for char in clip.heard.text[span.start : span.end])
            forced = [self._digits.forced(sound, head, length, zeros) for sound in clip.sounds]
            reading = _agreed(clip, span, (own, *freely, *forced))
        if reading is None:
            return clip.heard
        if reading.digits not in heard_in_words(clip.heard.alternatives[:1], length):
            reading = replace(reading, sure=False)
        return with_number(clip.heard, span, reading)

    def _hidden(self, clip: _Clip, span: NumberSpan | None, seconds: float) -> Heard | None:
        """A number that the words do not show, or show as another kind: where the states hear one, and whisper the
        same when it is asked for digits there. Never sure."""
        if clip.states is None:
            return None
        kind = clip.states.kind()
        path = clip.states.path(kind) if kind else None
        if kind is None or path is None or (span is not None and span.kind is kind and not span.faint):
            return None
        words = self._times.timed(clip.heard, np.asarray(clip.encoded)[0], seconds).words
        said = span_between(clip.heard.text, words, path.first / FRAMES_PER_S, path.end / FRAMES_PER_S, kind)
        if said is None:
            return None
        head, zeros = clip.heard.text[: said.start], path.digits.count("0")
        hearings = [self._digits.heard(sound, head, said.length) for sound in clip.sounds]
        hearings += [self._digits.forced(sound, head, said.length, zeros) for sound in clip.sounds]
        if not any(path.digits in hearing for hearing in hearings):
            return None
        reading = _agreed(clip, said, hearings)
        return with_number(clip.heard, said, replace(reading, sure=False)) if reading else None


def _agreed(clip: _Clip, span: NumberSpan, hearings: Sequence[Mapping[str, float]]) -> Reading | None:
    """What these hearings and the states' say together. The states are not believed alone but where they take it for a
    number of this kind, and the words for none by its value."""
    if clip.states is None:
        return agreed(span.kind, hearings)
    alone = not any(fits(span.kind, digits) for hearing in hearings for digits in hearing)
    if alone and (clip.states.kind() is not span.kind or told_by_value(clip.heard.text[span.start : span.end])):
        return None
    return agreed(span.kind, (*hearings, clip.states.beside(span.kind, hearings)))
