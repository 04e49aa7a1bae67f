"""A written text as it was spoken: no punctuation, numbers as they are read, each sound with its place in the text."""

import re
import unicodedata
from dataclasses import dataclass

from asr.numerals import one_by_one, read

_NUMBER = re.compile(r"(?P<year>\d{4})(?=年)|(?P<percent>\d+(?:\.\d+)?)%|(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)")


@dataclass(frozen=True)
class SpokenForm:
    """sounds: the characters that are heard; places: for each its place in the text, -1 when it is part of a number
    that the text writes in digits."""

    sounds: str
    places: tuple[int, ...]

    def with_sounds(self, text: str, sounds: str) -> str:
        """`text`, whose form this is, with other characters in the places of its own; `sounds` is as long as ours."""
        out = list(text)
        for place, char in zip(self.places, sounds, strict=True):
            if place >= 0:
                out[place] = char
        return "".join(out)


def spoken_form(text: str) -> SpokenForm:
    """The spoken form; a text in full-width characters is read as the same in half-width ones."""
    sounds: list[str] = []
    places: list[int] = []
    narrow = "".join(map(_narrow, text))
    at = 0
    while at < len(narrow):
        number = _NUMBER.match(narrow, at)
        if number:
            reading = _reading(number)
            sounds += reading
            places += [-1] * len(reading)
            at = number.end()
            continue
        if narrow[at].isalnum():
            sounds.append(narrow[at])
            places.append(at)
        at += 1
    return SpokenForm("".join(sounds), tuple(places))


def _narrow(char: str) -> str:
    """One character's half-width form in small letters, where that is one character too."""
    form = unicodedata.normalize("NFKC", char).lower()
    return form if len(form) == 1 else char


def _reading(number: re.Match[str]) -> str:
    if number["year"]:
        return one_by_one(number["year"])
    if number["percent"]:
        return "百分之" + read(number["percent"])
    return read(number["number"].replace(",", ""))
