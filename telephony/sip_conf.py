"""sip.conf: who may call us, and which telephones are ours.

INI-like, as in Asterisk: `[general]`, `[trunk NAME]`, `[extension NUMBER]`, `key = value`, comments after `;` or `#`.
It is strict: whatever it does not know is a ConfigError with file:line, the nearest right word and what to do.
"""

import difflib
import re
from collections.abc import Callable
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import NoReturn, TypeVar

import msgspec

from domain.errors import ConfigError
from telephony.digest import Algorithm
from telephony.registrar import RegisterLimits

Network = IPv4Network | IPv6Network
T = TypeVar("T")


class Guests(StrEnum):
    """Whose calls are taken that come neither from a trunk nor from an extension."""

    NOBODY = "no"
    LOOPBACK = "loopback"
    EVERYBODY = "yes"


class General(msgspec.Struct, frozen=True, kw_only=True):
    """algorithms: of digest authentication, in the order of the offer."""

    realm: str = "hotline12345"
    allow_guest: Guests = Guests.NOBODY
    algorithms: tuple[Algorithm, ...] = (Algorithm.MD5,)
    limits: RegisterLimits = RegisterLimits()


class Trunk(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's line. networks: where its calls come from; numbers: what it may call (`*` at the end: any rest)."""

    name: str
    networks: tuple[Network, ...]
    numbers: tuple[str, ...] = ("*",)

    def takes(self, called_number: str) -> bool:
        """Whether calls to this number are accepted."""
        return any(
            called_number.startswith(pattern[:-1]) if pattern.endswith("*") else called_number == pattern
            for pattern in self.numbers
        )


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """A telephone of ours. name: shown to the one it calls."""

    number: str
    password: str
    name: str = ""

    def __repr__(self) -> str:
        return f"Extension({self.number})"


class SipConf(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    general: General = General()
    trunks: tuple[Trunk, ...] = ()
    extensions: dict[str, Extension] = {}

    def trunk_at(self, host: str) -> Trunk | None:
        """The trunk whose networks hold this address, the first in the file."""
        address = ip_address(host)
        return next((t for t in self.trunks if any(address in network for network in t.networks)), None)

    def welcomes_guest(self, host: str) -> bool:
        """Whether a call from this address is taken without trunk or password."""
        guests = self.general.allow_guest
        return guests is Guests.EVERYBODY or (guests is Guests.LOOPBACK and ip_address(host).is_loopback)


def demo_sip_conf(passwords: dict[str, str]) -> SipConf:
    """The built-in set of the demo: these extensions (number → password), and guests from this machine."""
    return SipConf(
        general=General(allow_guest=Guests.LOOPBACK),
        extensions={
            number: Extension(number=number, password=password, name=f"坐席{number}")
            for number, password in sorted(passwords.items())
        },
    )


def load_sip_conf(file: Path) -> SipConf:
    """Read the file; ConfigError says where it is wrong and what to do."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"cannot read it ({error.strerror})",
            where=str(file),
            remedy="name an existing file, or copy sip.conf.example",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError("it is not UTF-8 text", where=str(file), remedy="save it as UTF-8") from error
    return parse_sip_conf(text, str(file))


class _Section:
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

    def words(self, key: str, default: str = "") -> list[str]:
        return [word.strip() for word in self.values.get(key, default).split(",") if word.strip()]

    def number(self, key: str, default: int) -> int:
        text = self.values.get(key, str(default))
        if not re.fullmatch(r"[0-9]{1,6}", text):
            self.refuse(f"'{key}' is not a number of seconds: {text}", "write a whole number", key)
        return int(text)


_KEYS: dict[str, tuple[str, ...]] = {
    "general": ("realm", "allow_guest", "digest", "min_expires", "max_expires", "default_expires"),
    "trunk": ("allow", "numbers"),
    "extension": ("password", "name"),
}
_HEAD = re.compile(r"\[\s*([^\s\]]+)(?:\s+([^\]]*?))?\s*\]")
_COMMENT = re.compile(r"(?:^|\s)[;#].*$")


def parse_sip_conf(text: str, file: str = "sip.conf") -> SipConf:
    """As load_sip_conf, of a text; `file` is what the messages name."""
    sections = _read(text, file)
    general = next((_general(section) for section in sections if section.kind == "general"), General())
    return SipConf(
        general=general,
        trunks=tuple(_trunk(section) for section in sections if section.kind == "trunk"),
        extensions={section.name: _extension(section) for section in sections if section.kind == "extension"},
    )


def _read(text: str, file: str) -> list[_Section]:
    sections: dict[tuple[str, str], _Section] = {}
    current: _Section | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = _COMMENT.sub("", raw).strip()
        if not line:
            continue
        if line.startswith("["):
            current = _open(line, file, number)
            first = sections.setdefault((current.kind, current.name), current)
            if first is not current:
                current.refuse(f"{line} is there twice", f"join it with the one in line {first.line}")
        else:
            _read_value(current, line, file, number)
    return list(sections.values())


def _open(line: str, file: str, number: int) -> _Section:
    match = _HEAD.fullmatch(line)
    kind, name = (match[1].lower(), (match[2] or "").strip()) if match else ("", "")
    section = _Section(file, number, kind, name)
    if kind not in _KEYS:
        section.refuse(f"unknown section {line}", _nearest(kind or line, tuple(_KEYS), "sections"))
    if (kind == "general") != (not name):
        wanted = "[general]" if kind == "general" else f"[{kind} NAME]"
        section.refuse(f"{line} is not complete or has too much", f"write {wanted}")
    if kind == "extension" and not re.fullmatch(r"[0-9]{2,12}", name):
        section.refuse(f"'{name}' is no extension", "an extension is a number of 2 to 12 digits")
    return section


def _read_value(section: _Section | None, line: str, file: str, number: int) -> None:
    key, separator, value = (part.strip() for part in line.partition("="))
    if section is None:
        raise ConfigError("a value before any section", where=f"{file}:{number}", remedy="write [general] above it")
    section.lines[key] = number
    if not separator:
        section.refuse(f"'{line}' is not of the form key = value", "add the = and the value", key)
    if key not in _KEYS[section.kind]:
        section.refuse(f"unknown key '{key}' in [{section.kind}]", _nearest(key, _KEYS[section.kind], "keys"), key)
    if key in section.values:
        section.refuse(f"'{key}' is there twice in one section", "keep one of them", key)
    section.values[key] = value.removeprefix(">").strip()


def _nearest(word: str, known: tuple[str, ...], what: str) -> str:
    near = difflib.get_close_matches(word, known, 1)
    return f"did you mean '{near[0]}'?" if near else f"known {what} here: {', '.join(known)}"


def _general(section: _Section) -> General:
    realm = section.values.get("realm", General().realm)
    if not re.fullmatch(r"[\w.@-]{1,64}", realm, re.ASCII):
        section.refuse(f"realm '{realm}' is not a plain word", "use letters, digits, dots and dashes", "realm")
    guests = _choice(section, "allow_guest", Guests.NOBODY.value, {guest.value: guest for guest in Guests}.get)
    algorithms = _choice(
        section,
        "digest",
        "md5",
        {
            "md5": (Algorithm.MD5,),
            "sha256": (Algorithm.SHA256,),
            "both": (Algorithm.SHA256, Algorithm.MD5),
        }.get,
    )
    plain = RegisterLimits()
    limits = RegisterLimits(
        min_s=section.number("min_expires", plain.min_s),
        max_s=section.number("max_expires", plain.max_s),
        default_s=section.number("default_expires", plain.default_s),
    )
    if not 0 < limits.min_s <= limits.default_s <= limits.max_s:
        section.refuse("the expiry times contradict each other", "0 < min_expires ≤ default_expires ≤ max_expires")
    return General(realm=realm, allow_guest=guests, algorithms=algorithms, limits=limits)


def _choice(section: _Section, key: str, default: str, value_of: Callable[[str], T | None]) -> T:
    word = section.values.get(key, default)
    value = value_of(word.lower())
    if value is None:
        section.refuse(f"'{key}' cannot be '{word}'", "see sip.conf.example for what it can be", key)
    return value


def _trunk(section: _Section) -> Trunk:
    networks = []
    for word in section.words("allow"):
        try:
            networks.append(ip_network(word))
        except ValueError:
            section.refuse(f"'{word}' is no address or network", "write it as 192.0.2.10 or 192.0.2.0/24", "allow")
    if not networks:
        section.refuse(f"trunk '{section.name}' does not say where its calls come from", "add allow = ADDRESS")
    numbers = tuple(section.words("numbers", "*"))
    for number in numbers:
        if not re.fullmatch(r"\+?[0-9]*\*?", number) or not number:
            section.refuse(f"'{number}' is no number", "write 12345, or 0221* for all that begin so", "numbers")
    return Trunk(name=section.name, networks=tuple(networks), numbers=numbers)


def _extension(section: _Section) -> Extension:
    password = section.values.get("password", "")
    if len(password) < 8:
        section.refuse(
            f"extension {section.name} has no password of at least 8 characters",
            "add password = …; toll fraud begins with guessed passwords",
            "password",
        )
    return Extension(number=section.name, password=password, name=section.values.get("name", ""))
