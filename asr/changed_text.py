"""A text of which some places are written otherwise, and where what belongs to the old one stands in the new. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import msgspec

from domain.speech import Correction, SpokenNumber, SpokenWords

_One = TypeVar("_One")


@dataclass(frozen=True)
class Change:
    """text[start:end] is written as `written`; start = end: it is put in."""

    start: int
    end: int
    written: str


@dataclass(frozen=True)
class ChangedText:
    """original with `changes`, which are in order and do not overlap."""

    original: str
    changes: tuple[Change, ...]

    @cached_property
    def text(self) -> str:
        out, place = "", 0
        for change in self.changes:
            out += self.original[place : change.start] + change.written
            place = change.end
        return out + self.original[place:]

    @cached_property
    def sources(self) -> tuple[int, ...]:
        """For each character of the text the one of the original whose place it has; they never fall.

        What is put in has that of the one behind it, which is the original's length at its end.
        """
        out: list[int] = []
        place = 0
        for change in self.changes:
            count = len(change.written)
            out += range(place, change.start)
            out += [change.start + at * (change.end - change.start) // count for at in range(count)]
            place = change.end
        return (*out, *range(place, len(self.original)))

    @property
    def spoken(self) -> tuple[SpokenWords, ...]:
        """What was said in the places that are written otherwise."""
        return tuple(
            SpokenWords(self._start(change.start), self._end(change.end), self.original[change.start : change.end])
            for change in self.changes
            if change.end > change.start
        )

    def of_places(self, values: Sequence[_One], last: _One) -> tuple[_One, ...]:
        """A value for each character of the text, from one for each of the original; last: behind its end."""
        return tuple(values[source] if source < len(values) else last for source in self.sources)

    def least(self, values: Sequence[float]) -> tuple[float, ...]:
        """As of_places, with the least of all that a character stands for; () stays so."""
        if not values:
            return ()
        out = list(self.of_places(values, values[-1]))
        for change in self.changes:
            stands_for = values[change.start : change.end] or values[max(0, change.start - 1) :][:1]
            start = self._start(change.start) - len(change.written) * (change.start == change.end)
            out[start : start + len(change.written)] = [min(stands_for)] * len(change.written)
        return tuple(out)

    def corrections(self, of_original: Sequence[Correction]) -> tuple[Correction, ...]:
        """The original's corrections; one that touches a change has all of it."""
        out: list[Correction] = []
        groups: list[tuple[int, int, list[Correction]]] = []
        for one in of_original:
            start, end = self._widened(one.start, one.end)
            if groups and start < groups[-1][1]:
                first, until, those = groups.pop()
                groups.append((first, max(until, end), [*those, one]))
            else:
                groups.append((start, end, [one]))
        for start, end, those in groups:
            out.append(Correction(self._start(start), self._end(end), _undone(self.original, start, end, those)))
        return tuple(out)

    def numbers(self, of_original: Sequence[SpokenNumber]) -> tuple[SpokenNumber, ...]:
        """The original's numbers, which no change touches."""
        return tuple(
            msgspec.structs.replace(one, start=self._start(one.start), end=self._end(one.end)) for one in of_original
        )

    def _start(self, place: int) -> int:
        """Where the original's `place`, which is not inside a change, is now."""
        return place + sum(_growth(change) for change in self.changes if change.end <= place)

    def _end(self, place: int) -> int:
        """As _start, before what is put in there."""
        return place + sum(_growth(one) for one in self.changes if one.end <= place and one.start < place)

    def _widened(self, start: int, end: int) -> tuple[int, int]:
        """The span with the whole of each change that it touches."""
        for change in self.changes:
            if change.start < end and start < change.end:
                start, end = min(start, change.start), max(end, change.end)
        return start, end


def _growth(change: Change) -> int:
    return len(change.written) - (change.end - change.start)


def _undone(original: str, start: int, end: int, corrections: Sequence[Correction]) -> str:
    """original[start:end] without the corrections in it."""
    out, place = "", start
    for one in corrections:
        out += original[place : one.start] + one.original
        place = one.end
    return out + original[place:end]
