"""When each character was said: by the engine's words where it has such, else spread evenly over the voice."""

from collections.abc import Sequence

from asr.recogniser import Word

Voiced = tuple[tuple[int, int], ...]
"""Spans (start_ms, end_ms) of voice in order, at least one."""


def char_times(text: str, voiced: Voiced) -> tuple[int, ...]:
    """For each character the start of its sound (ms); punctuation takes no time and stands where the next one begins.

    The times never fall and lie within the spans.
    """
    sounding = sum(character.isalnum() for character in text)
    total_ms = sum(end - start for start, end in voiced)
    times: list[int] = []
    said = 0
    for character in text:
        times.append(_at(voiced, total_ms * said // sounding if sounding else 0))
        said += character.isalnum()
    return tuple(times)


def char_times_of_words(text: str, words: Sequence[Word], sound_from_ms: int, voiced: Voiced) -> tuple[int, ...] | None:
    """As char_times, from the engine's words; sound_from_ms: where their clip begins on the media clock.

    Within a word its characters share its time. An engine may give a pause to the word behind it: what would begin in
    one begins where the voice goes on. None when the words are not those of the text (rewritten since).
    """
    starts_ms: list[int] = []
    for word in words:
        sounding = sum(character.isalnum() for character in word.text)
        for place in range(sounding):
            at_s = word.start_s + (word.end_s - word.start_s) * place / sounding
            starts_ms.append(sound_from_ms + round(1000 * at_s))
    if not words or len(starts_ms) != sum(character.isalnum() for character in text):
        return None
    end_ms = sound_from_ms + round(1000 * words[-1].end_s)
    times, last_ms, place = [], 0, 0
    for character in text:
        last_ms = max(last_ms, _in_voice(voiced, starts_ms[place] if place < len(starts_ms) else end_ms))
        times.append(last_ms)
        place += character.isalnum()
    return tuple(times)


def _in_voice(voiced: Voiced, ms: int) -> int:
    """The same time where there is voice, else where it goes on, or at last ends."""
    return next((max(start, ms) for start, end in voiced if ms < end), voiced[-1][1])


def _at(voiced: Voiced, spoken_ms: int) -> int:
    """The media time at which so much voice had been heard."""
    for start, end in voiced:
        if spoken_ms < end - start:
            return start + spoken_ms
        spoken_ms -= end - start
    return voiced[-1][1]
