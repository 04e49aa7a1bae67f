"""When each character was said: by the engine's words where it has such, else spread evenly over the voice."""

from collections.abc import Sequence

from asr.recogniser import Word


def char_times(text: str, voiced: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    """For each character the start of its sound (ms); punctuation takes no time and stands where the next one begins.

    voiced: spans (start_ms, end_ms) in order, at least one. The times never fall and lie within the spans.
    """
    sounding = sum(character.isalnum() for character in text)
    total_ms = sum(end - start for start, end in voiced)
    times: list[int] = []
    said = 0
    for character in text:
        times.append(_at(voiced, total_ms * said // sounding if sounding else 0))
        said += character.isalnum()
    return tuple(times)


def char_times_of_words(text: str, words: Sequence[Word], sound_from_ms: int) -> tuple[int, ...] | None:
    """As char_times, from the engine's words; sound_from_ms: where their clip begins on the media clock.

    Within a word its characters share its time. None when the words are not those of the text (rewritten since).
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
    times, last_ms, place = [], sound_from_ms, 0
    for character in text:
        last_ms = max(last_ms, starts_ms[place] if place < len(starts_ms) else end_ms)
        times.append(last_ms)
        place += character.isalnum()
    return tuple(times)


def _at(voiced: tuple[tuple[int, int], ...], spoken_ms: int) -> int:
    """The media time at which so much voice had been heard."""
    for start, end in voiced:
        if spoken_ms < end - start:
            return start + spoken_ms
        spoken_ms -= end - start
    return voiced[-1][1]
