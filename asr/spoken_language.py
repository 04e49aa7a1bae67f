"""What language a caller speaks, from what the engine thinks of their first utterances. Pure.

An engine that knows many languages says of each utterance how likely each is. Single short ones mislead it; so one is
believed only when enough voice agrees. Speech that stays hard to understand is told too, as `UNDETERMINED`: it may be
a dialect, another Chinese language, or a bad line; nothing here tells these apart.
"""

from dataclasses import dataclass, replace

from asr.recogniser import Heard, LanguageGuess
from domain.ids import utterance_id
from domain.side import Side
from domain.speech import UNDETERMINED, LanguageHeard

CHINESE = ("zh", "yue")
_SHORTEST_S = 1.2
"""Less sound says nothing about its language (docs/asr.md)."""
_FOREIGN_AFTER_S = 3.0
_CHINESE_AFTER_S = 12.0
_FOREIGN_BELOW = 0.1
"""Mean probability of Chinese, weighted by the length of the sound."""
_NAMED_FROM = 0.4
"""Mean probability from which a foreign language is called by its name."""
_HARD_AFTER_S = 10.0
_HARD_AFTER_UTTERANCES = 4
_HARD_BELOW = 0.55
_MOST_S = 5.0
"""What a long utterance counts for at most."""


@dataclass(frozen=True)
class Conclusion:
    """language: ISO 639-1, or UNDETERMINED; probability: 0..1, of the language, or 1 − the mean confidence."""

    language: str
    probability: float


@dataclass(frozen=True)
class LanguageEvidence:
    """What was heard of one side so far. conclusion: None while it counts as Mandarin.

    guessed_s: sound whose language was guessed; chinese_s, others_s: the same times the probabilities. words_s,
    right_s: sound in which words were understood, and the same times their confidence.
    """

    guessed_s: float = 0.0
    chinese_s: float = 0.0
    others_s: tuple[tuple[str, float], ...] = ()
    words_s: float = 0.0
    right_s: float = 0.0
    utterances: int = 0
    conclusion: Conclusion | None = None

    @property
    def language(self) -> str:
        """As in UtteranceFinal."""
        return self.conclusion.language if self.conclusion else ""

    @property
    def asks(self) -> bool:
        """Whether the language of the next utterance is worth a guess."""
        return self.conclusion is None and self.guessed_s < _CHINESE_AFTER_S

    def after(self, heard: Heard, seconds: float) -> "LanguageEvidence":
        """With one more utterance of so much sound; a conclusion that is drawn stays."""
        if self.conclusion is not None or seconds < _SHORTEST_S:
            return self
        more = self._guessed(heard.language, min(seconds, _MOST_S)) if heard.language else self
        if heard.text:
            more = replace(
                more,
                words_s=more.words_s + seconds,
                right_s=more.right_s + seconds * heard.confidence,
                utterances=more.utterances + 1,
            )
        return replace(more, conclusion=more._foreign() or more._hard())

    def _guessed(self, guess: LanguageGuess, seconds: float) -> "LanguageEvidence":
        others = dict(self.others_s)
        for language, probability in guess.probabilities:
            if language not in CHINESE:
                others[language] = others.get(language, 0.0) + seconds * probability
        chinese = sum(probability for language, probability in guess.probabilities if language in CHINESE)
        return replace(
            self,
            guessed_s=self.guessed_s + seconds,
            chinese_s=self.chinese_s + seconds * chinese,
            others_s=tuple(others.items()),
        )

    def _foreign(self) -> Conclusion | None:
        if self.guessed_s < _FOREIGN_AFTER_S or self.chinese_s >= _FOREIGN_BELOW * self.guessed_s:
            return None
        language, seconds = max(self.others_s, key=lambda other: other[1], default=("", 0.0))
        if seconds < _NAMED_FROM * self.guessed_s:
            return Conclusion(UNDETERMINED, round(1 - self.chinese_s / self.guessed_s, 2))
        return Conclusion(language, round(seconds / self.guessed_s, 2))

    def _hard(self) -> Conclusion | None:
        if self.utterances < _HARD_AFTER_UTTERANCES or self.words_s < _HARD_AFTER_S:
            return None
        mean = self.right_s / self.words_s
        return Conclusion(UNDETERMINED, round(1 - mean, 2)) if mean < _HARD_BELOW else None


def language_heard(conclusion: Conclusion, call_id: str, number: int, at_ms: int) -> LanguageHeard:
    """What is told of a caller. number: of the utterance after which it was concluded."""
    return LanguageHeard(
        call_id=call_id,
        side=Side.CALLER,
        language=conclusion.language,
        probability=conclusion.probability,
        utterance_id=utterance_id(call_id, Side.CALLER, number),
        at_ms=at_ms,
    )
