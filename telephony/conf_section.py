"""The form of sip.conf: sections of key = value, read strictly. Whatever is wrong is a ConfigError with file:line."""

import difflib
import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import NoReturn, TypeVar

from domain.errors import ConfigError
from telephony.sip.addresses import Network

T = TypeVar("T")
_HEAD = re.compile(r"\[\s*([^\s\]]+)(?:\s+([^\]]*?))?\s*\]")
_COMMENT = re.compile(r"(?:^|\s)[;#].*$")


class Section:
    """A section while it is read: its values with the lines they stand on."""

    def __init__(self, file: str, line: int, kind: str, name: str) -> None:
        self.file = file
        self.line = line
        self.kind = kind
        self.name = name
        self.values: dict[str, str] = {}
        self.lines: dict[str, int] = {}

    def refuse(self, what: str, remedy: str, key: str = "") -> NoReturn:
        raise ConfigError(what, where=f"{self.file}:{self.lines.get(key, self.line)}", remedy=remedy)

    def text(self, key: str, default: str = "") -> str:
        return self.values.get(key, default)

    def words(self, key: str, default: str = "") -> list[str]:
        """The values of a list with commas."""
        return [word.strip() for word in self.values.get(key, default).split(",") if word.strip()]

    def number(self, key: str, default: int) -> int:
        text = self.values.get(key, str(default))
        if not re.fullmatch(r"[0-9]{1,6}", text):
            self.refuse(f"'{key}' is not a whole number: {text}", "write digits only", key)
        return int(text)

    def choice(self, key: str, default: str, known: Mapping[str, T]) -> T:
        """One of some words, whichever way its letters are written."""
        word = self.values.get(key, default)
        found = known.get(word.lower())
        if found is None:
            self.refuse(f"'{key}' cannot be '{word}'", nearest(word, tuple(known), "values"), key)
        return found

    def networks(self, key: str) -> tuple[Network, ...]:
        found = []
        for word in self.words(key):
            try:
                found.append(ip_network(word))
            except ValueError:
                self.refuse(f"'{word}' is no address or network", "write it as 192.0.2.10 or 192.0.2.0/24", key)
        return tuple(found)

    def patterns(self, key: str) -> tuple[str, ...]:
        """Numbers, each with a * at its end or not; without the key all."""
        found = tuple(self.words(key, "*"))
        for number in found:
            if not re.fullmatch(r"\+?[0-9]*\*?", number) or not number:
                self.refuse(f"'{number}' is no number", "write 12345, or 0221* for all that begin so", key)
        return found


def read_sections(text: str, file: str, keys: Mapping[str, tuple[str, ...]], whole: str) -> list[Section]:
    """The sections in their order. keys: for each kind the words that it may have; `whole` is the kind without name."""
    sections: dict[tuple[str, str], Section] = {}
    current: Section | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = _COMMENT.sub("", raw).strip()
        if not line:
            continue
        if line.startswith("["):
            current = _open(line, file, number, keys, whole)
            first = sections.setdefault((current.kind, current.name), current)
            if first is not current:
                current.refuse(f"{line} is there twice", f"join it with the one in line {first.line}")
        elif current is None:
            raise ConfigError(
                "a value before any section", where=f"{file}:{number}", remedy=f"write [{whole}] above it"
            )
        else:
            _read_value(current, line, number, keys[current.kind])
    return list(sections.values())


def _open(line: str, file: str, number: int, keys: Mapping[str, tuple[str, ...]], whole: str) -> Section:
    match = _HEAD.fullmatch(line)
    kind, name = (match[1].lower(), (match[2] or "").strip()) if match else ("", "")
    section = Section(file, number, kind, name)
    if kind not in keys:
        section.refuse(f"unknown section {line}", nearest(kind or line, tuple(keys), "sections"))
    if (kind == whole) != (not name):
        wanted = f"[{whole}]" if kind == whole else f"[{kind} NAME]"
        section.refuse(f"{line} is not complete or has too much", f"write {wanted}")
    return section


def _read_value(section: Section, line: str, number: int, known: tuple[str, ...]) -> None:
    key, separator, value = (part.strip() for part in line.partition("="))
    section.lines[key] = number
    if not separator:
        section.refuse(f"'{line}' is not of the form key = value", "add the = and the value", key)
    if key not in known:
        section.refuse(f"unknown key '{key}' in [{section.kind}]", nearest(key, known, "keys"), key)
    if key in section.values:
        section.refuse(f"'{key}' is there twice in one section", "keep one of them", key)
    section.values[key] = value.removeprefix(">").strip()


def nearest(word: str, known: tuple[str, ...], what: str) -> str:
    """What was probably meant, or all that is possible."""
    near = difflib.get_close_matches(word.lower(), known, 1)
    return f"did you mean '{near[0]}'?" if near else f"known {what} here: {', '.join(known)}"
