"""Whom an agent can pass a call to without knowing the number: departments, other hotlines, the province, 110."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from domain.target import Target, TargetKind


class EntryKind(StrEnum):
    """紧急, 部门, 外市, 省级, 队列."""

    EMERGENCY = "emergency"
    DEPARTMENT = "department"
    CITY = "city"
    PROVINCE = "province"
    QUEUE = "queue"


class DirectoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """number: to be dialled, a sip: URI, or a queue's name. code: digits by which a telephone's keys name it.

    words: by which it is found besides its name.
    """

    kind: EntryKind
    name: str
    number: str
    code: str = ""
    words: tuple[str, ...] = ()

    @property
    def target(self) -> Target:
        kind = TargetKind.QUEUE if self.kind is EntryKind.QUEUE else TargetKind.NUMBER
        return Target(kind=kind, value=self.number, name=self.name)


EMERGENCIES = tuple(
    DirectoryEntry(kind=EntryKind.EMERGENCY, name=name, number=number, code=number)
    for name, number in (("公安 110", "110"), ("消防 119", "119"), ("急救 120", "120"))
)
"""Where no directory is configured these are dialled as they are."""


class Directory(msgspec.Struct, frozen=True):
    entries: tuple[DirectoryEntry, ...] = EMERGENCIES

    def emergency(self, code: str) -> DirectoryEntry | None:
        """110, 119 or 120, however that is reached here."""
        return next((each for each in self.entries if each.kind is EntryKind.EMERGENCY and each.code == code), None)

    def by_code(self, code: str) -> DirectoryEntry | None:
        return next((each for each in self.entries if code and each.code == code), None)

    def search(self, query: str, limit: int = 50) -> list[DirectoryEntry]:
        """Those that have every word of the query in name, number, code or words; in the file's order."""
        words = query.casefold().split()
        found = (each for each in self.entries if all(_has(each, word) for word in words))
        return [each for each, _ in zip(found, range(limit), strict=False)]


def _has(entry: DirectoryEntry, word: str) -> bool:
    texts: Iterable[str] = (entry.name, entry.number, entry.code, *entry.words)
    return any(word in text.casefold() for text in texts)
