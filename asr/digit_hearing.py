"""Which number the states of digits hear in a clip, and how much likelier than another one. Pure."""

from collections.abc import Mapping, Sequence

from asr.digit_path import DigitPath, gains_of, likeliest_path
from asr.digit_states import NAMES, Scores, names_of
from asr.spoken_number import fits
from domain.speech import NumberKind

_ANY = tuple(range(len(NAMES)))
_WORTH = 0.05
"""Of a gain beside the log probabilities of whisper's hearings: frames side by side tell nearly the same, and the
states take each for a new one. Fitted coarsely (docs/asr.md)."""
_LEAST_GAIN_PER_FRAME = 30.0
"""A third of what the median number has; the four of 154 other sentences that have more have numbers in them."""
_COST_OF_A_DIGIT = 60.0
"""Whoever may say more digits finds some more anywhere."""


def _places(*digits: str, length: int) -> list[tuple[int, ...]]:
    """The names that each place may have: of these digits, or any."""
    chosen = [tuple(name for digit in each for name in names_of(digit)) or _ANY for each in digits]
    return chosen + [_ANY] * (length - len(chosen))


_PLACES = {
    NumberKind.MOBILE: _places("1", "3456789", length=11),
    NumberKind.LOCAL: _places("2345678", length=8),
    NumberKind.IDENTITY: _places("12345678", "", "", "", "", "", "12", "09", "", "", "01", "", "0123", length=18),
    NumberKind.TICKET: _places("2", "0", "", "", "01", "", "0123", length=14),
}


class DigitHearing:
    """scores: of the frames of the clip's sound, without its padding."""

    def __init__(self, scores: Scores) -> None:
        self._scores = scores
        self._paths: dict[NumberKind, DigitPath | None] = {}

    def path(self, kind: NumberKind) -> DigitPath | None:
        """The likeliest number of this kind; None when the clip is too short for one."""
        if kind not in self._paths:
            self._paths[kind] = likeliest_path(self._scores, _PLACES[kind])
        return self._paths[kind]

    def kind(self) -> NumberKind | None:
        """What is read out; None when hardly any number is."""
        mobile = self.path(NumberKind.MOBILE) or self.path(NumberKind.LOCAL)
        if mobile is None or mobile.gain_per_frame < _LEAST_GAIN_PER_FRAME:
            return None
        paths = {kind: path for kind in _PLACES if (path := self.path(kind))}
        return max(paths, key=lambda kind: paths[kind].gain - _COST_OF_A_DIGIT * len(paths[kind].names))

    def beside(self, kind: NumberKind, hearings: Sequence[Mapping[str, float]]) -> dict[str, float]:
        """All numbers that the others found and the own one, with log probabilities as theirs; {} when none fits."""
        path = self.path(kind)
        known = {digits for hearing in hearings for digits in hearing} | ({path.digits} if path else set())
        numbers = sorted(digits for digits in known if fits(kind, digits) and digits.isdecimal())
        return {digits: _WORTH * gain for digits, gain in gains_of(self._scores, numbers).items()}
