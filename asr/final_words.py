"""From what an engine heard to the words of a final: punctuation, numbers in digits, what belongs to each character.

The last step of every engine's finals, live and after the call; partials stay as they are heard.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asr.changed_text import ChangedText
from asr.char_times import char_times, char_times_of_words
from asr.kept_words import KeptWords
from asr.punctuation import commas
from asr.recogniser import Heard
from asr.written_form import written_form
from domain.speech import Correction, HotWord, SpokenNumber, SpokenWords


@dataclass(frozen=True, kw_only=True)
class FinalWords:
    """All as in UtteranceFinal."""

    text: str
    char_ms: tuple[int, ...]
    times_approximate: bool = True
    char_confidence: tuple[float, ...] = ()
    corrections: tuple[Correction, ...] = ()
    numbers: tuple[SpokenNumber, ...] = ()
    spoken: tuple[SpokenWords, ...] = ()


class Writer:
    """Writes finals down. The city's words, which may change from any thread, keep their numerals."""

    def __init__(self) -> None:
        self._kept = KeptWords()

    def put(self, words: Iterable[HotWord]) -> None:
        """From now on these stay as they are."""
        self._kept = KeptWords(word.word for word in words if word.weight > 0)

    def final_words(self, heard: Heard, voiced: tuple[tuple[int, int], ...], sound_from_ms: int) -> FinalWords:
        """voiced: spans (start_ms, end_ms) of the utterance's voice; sound_from_ms: where its clip begins, both on the
        media clock."""
        by_words = char_times_of_words(heard.text, heard.words, sound_from_ms, voiced)
        times = by_words or char_times(heard.text, voiced)
        numbers = [place for one in heard.numbers for place in range(one.start, one.end)]
        written = written_form(heard.text, self._kept, numbers).changes
        changes = sorted((*written, *commas(heard.text, heard.words)), key=lambda change: (change.start, change.end))
        changed = ChangedText(heard.text, tuple(changes))
        return FinalWords(
            text=changed.text,
            char_ms=changed.of_places(times, times[-1]),
            times_approximate=by_words is None,
            char_confidence=changed.least(heard.char_confidence),
            corrections=changed.corrections(heard.corrections),
            numbers=changed.numbers(heard.numbers),
            spoken=changed.spoken,
        )
