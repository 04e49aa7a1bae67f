"""Which of the words so far are believed: what two hypotheses in a row agree on (LocalAgreement-2).

The longest common beginning of the last two hypotheses is firm and stays as it was shown until the final; the rest is
the latest guess, of which the last characters are held back when the sound ends in the middle of a word, and so is what
the engine doubts, once something is shown: an older guess stays until another contradicts it without a doubt.

From: Macháček, Dabre, Bojar, "Turning Whisper into Real-Time Transcription System" (2023), after Liu et al.,
"Low-Latency Sequence-to-Sequence Speech Recognition and Translation by Partial Hypothesis Selection" (2020); held back
as in Arivazhagan et al., "Re-translation versus Streaming for Simultaneous Translation" (2020).
"""

from dataclasses import dataclass

HELD_BACK = 2
"""Characters; without the last two of a guess two fifths fewer shown characters change (docs/asr.md)."""


@dataclass(frozen=True)
class SoFarSaid:
    """text[:firm] is not taken back before the final; the rest may be."""

    text: str
    firm: int


class LocalAgreement:
    """What is shown of one utterance. Give it every hypothesis of the whole utterance so far, in order."""

    def __init__(self) -> None:
        self._firm = ""
        self._guess = ""
        self._shown = ""

    def hear(self, hypothesis: str, *, cut: bool, doubt: int | None = None) -> SoFarSaid:
        """The firm words and, behind them, what this hypothesis has beyond them.

        cut: the voice goes on behind it. doubt: place of the first character that the engine doubts; None: of none.
        """
        place = _place_behind(self._firm, hypothesis)
        agreed = _without_open_end(_common_beginning(self._guess, hypothesis[place:]))
        place += len(agreed)
        self._firm += agreed
        self._guess = hypothesis[place:]
        end = len(hypothesis) - HELD_BACK if cut else len(hypothesis)
        if self._shown and doubt is not None:
            end = min(end, doubt)
        self._shown = self._firm + self._kept(hypothesis[place : max(place, end)])
        return SoFarSaid(self._shown, len(self._firm))

    def _kept(self, guess: str) -> str:
        """The guess, or the older one that is shown, when that only says more and the rest of this one is doubted."""
        older = self._shown[_place_behind(self._firm, self._shown) :]
        return older if len(guess) < len(self._guess) and older.startswith(guess) else guess


def _common_beginning(one: str, other: str) -> str:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]


def _without_open_end(agreed: str) -> str:
    """Without punctuation at its end: what is heard next decides whether there is a comma, a stop or nothing."""
    end = len(agreed)
    while end > 0 and not agreed[end - 1].isalnum():
        end -= 1
    return agreed[:end]


def _place_behind(firm: str, hypothesis: str) -> int:
    """Where in the hypothesis that ends which was shown as `firm`: at the beginning that has the least edit distance.

    Of several such beginnings the one whose length is nearest; so a hypothesis that now spells a firm word otherwise
    goes on behind that word, neither twice nor with a gap.
    """
    if hypothesis.startswith(firm):
        return len(firm)
    distances = list(range(len(hypothesis) + 1))
    for row, shown in enumerate(firm, start=1):
        diagonal, distances[0] = distances[0], row
        for place, heard in enumerate(hypothesis, start=1):
            substituted = diagonal + (shown != heard)
            diagonal = distances[place]
            distances[place] = min(substituted, diagonal + 1, distances[place - 1] + 1)
    return min(range(len(distances)), key=lambda place: (distances[place], abs(place - len(firm))))
