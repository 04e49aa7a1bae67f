"""A text as it is written: numbers in digits where they surely are numbers, each with what was said in its place. Pure.

Inverse text normalisation by rules of our own (asr.number_rules): the grammars of wetext stand on OpenFst, which cannot
be loaded beside vosk and sherpa-onnx (docs/asr.md).
"""

from collections.abc import Collection

from asr.changed_text import Change, ChangedText
from asr.kept_words import KeptWords
from asr.number_rules import NUMERALS, number_at


def written_form(spoken: str, kept: KeptWords, untouched: Collection[int] = ()) -> ChangedText:
    """untouched: further characters that stay as they are."""
    stays = kept.places(spoken) | frozenset(untouched)
    changes: list[Change] = []
    place = 0
    while place < len(spoken):
        if not _begins_number(spoken, place, stays):
            place += 1
            continue
        found = number_at(spoken, place)
        if found is None or any(char in stays for one in found[1] for char in range(one.start, one.end)):
            place += 1
            while place < len(spoken) and spoken[place] in NUMERALS and place not in stays:
                place += 1
            continue
        place = found[0]
        changes += found[1]
    return ChangedText(spoken, tuple(changes))


def _begins_number(spoken: str, place: int, stays: frozenset[int]) -> bool:
    """Whether a run of numerals begins here, and not in the middle of a number that the engine wrote in digits."""
    if spoken[place] not in NUMERALS or place in stays:
        return False
    before = spoken[place - 1] if place else ""
    return not (before.isdecimal() or (before in NUMERALS and before and place - 1 not in stays))
