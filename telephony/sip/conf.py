"""sip.conf: who may call us, and which telephones are ours.

INI-like, as in Asterisk: `[general]`, `[trunk NAME]`, `[extension NUMBER]`, `key = value`, comments after `;` or `#`.
It is strict: whatever it does not know is a ConfigError with file:line, the nearest right word and what to do.
"""

import re
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path

import msgspec

from domain.errors import ConfigError
from telephony.conf_section import Section, read_sections
from telephony.sip.addresses import Network
from telephony.sip.digest import Algorithm
from telephony.sip.gate import GateRules
from telephony.sip.registrar import RegisterLimits
from telephony.trunks.numbering import is_area_code
from telephony.trunks.trunk import Trunk
from telephony.trunks.trunk_conf import TRUNK_KEYS, read_trunk


class Guests(StrEnum):
    """Whose calls are taken that come neither from a trunk nor from an extension."""

    NOBODY = "no"
    LOOPBACK = "loopback"
    EVERYBODY = "yes"


class General(msgspec.Struct, frozen=True, kw_only=True):
    """algorithms: of digest authentication, in the order of the offer. area_code: the hotline's own, with its 0.

    gate: how much strangers may ask, and when they are shut out; never_ban: networks that it does not count.
    """

    realm: str = "hotline12345"
    allow_guest: Guests = Guests.NOBODY
    algorithms: tuple[Algorithm, ...] = (Algorithm.MD5,)
    area_code: str = ""
    limits: RegisterLimits = RegisterLimits()
    gate: GateRules = GateRules()
    never_ban: tuple[Network, ...] = ()

    def never_bans(self, host: str) -> bool:
        """Whether a (bare) host lies in a network of never_ban."""
        address = ip_address(host)
        return any(address in network for network in self.never_ban)


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


_KEYS: dict[str, tuple[str, ...]] = {
    "general": (
        "realm",
        "allow_guest",
        "digest",
        "area_code",
        "min_expires",
        "max_expires",
        "default_expires",
        "requests_per_second",
        "ban_after",
        "ban_for",
        "never_ban",
    ),
    "trunk": TRUNK_KEYS,
    "extension": ("password", "name"),
}


_DIGESTS = {
    "md5": (Algorithm.MD5,),
    "sha256": (Algorithm.SHA256,),
    "both": (Algorithm.SHA256, Algorithm.MD5),
}


def parse_sip_conf(text: str, file: str = "sip.conf") -> SipConf:
    """As load_sip_conf, of a text; `file` is what the messages name."""
    sections = read_sections(text, file, _KEYS, "general")
    trunks = [section for section in sections if section.kind == "trunk"]
    general = next((_general(section) for section in sections if section.kind == "general"), General())
    return SipConf(
        general=general,
        trunks=tuple(read_trunk(section, position) for position, section in enumerate(trunks, 1)),
        extensions={section.name: _extension(section) for section in sections if section.kind == "extension"},
    )


def _general(section: Section) -> General:
    realm = section.values.get("realm", General().realm)
    if not re.fullmatch(r"[\w.@-]{1,64}", realm, re.ASCII):
        section.refuse(f"realm '{realm}' is not a plain word", "use letters, digits, dots and dashes", "realm")
    guests = section.choice("allow_guest", Guests.NOBODY.value, {guest.value: guest for guest in Guests})
    algorithms = section.choice("digest", "md5", _DIGESTS)
    area_code = section.text("area_code")
    if area_code and not is_area_code(area_code):
        section.refuse(f"'{area_code}' is no area code", "write it with its 0, as 010, 022 or 0571", "area_code")
    plain = RegisterLimits()
    limits = RegisterLimits(
        min_s=section.number("min_expires", plain.min_s),
        max_s=section.number("max_expires", plain.max_s),
        default_s=section.number("default_expires", plain.default_s),
    )
    if not 0 < limits.min_s <= limits.default_s <= limits.max_s:
        section.refuse("the expiry times contradict each other", "0 < min_expires ≤ default_expires ≤ max_expires")
    return General(
        realm=realm,
        allow_guest=guests,
        algorithms=algorithms,
        area_code=area_code,
        limits=limits,
        gate=_gate(section),
        never_ban=section.networks("never_ban"),
    )


def _gate(section: Section) -> GateRules:
    plain = GateRules()
    per_s = section.number("requests_per_second", round(plain.per_s))
    ban_after = section.number("ban_after", round(plain.ban_after))
    for key, value in (("requests_per_second", per_s), ("ban_after", ban_after)):
        if not value:
            section.refuse(f"'{key}' is 0", "write 1 or more; ban_for = 0 switches bans off", key)
    ban_s = section.number("ban_for", round(plain.ban_s))
    return GateRules(per_s=float(per_s), burst=per_s * 5.0, ban_after=float(ban_after), ban_s=float(ban_s))


def _extension(section: Section) -> Extension:
    password = section.values.get("password", "")
    if not re.fullmatch(r"[0-9]{2,12}", section.name):
        section.refuse(f"'{section.name}' is no extension", "an extension is a number of 2 to 12 digits")
    if len(password) < 8:
        section.refuse(
            f"extension {section.name} has no password of at least 8 characters",
            "add password = …; toll fraud begins with guessed passwords",
            "password",
        )
    return Extension(number=section.name, password=password, name=section.values.get("name", ""))
