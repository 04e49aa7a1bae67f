"""A [trunk NAME] section of sip.conf, read strictly."""

import re

from telephony.conf_section import Section
from telephony.ports import Codec
from telephony.sip.addresses import bare, is_numeric
from telephony.trunks.numbering import NumberForm
from telephony.trunks.trunk import Account, CallerIdIn, Outward, Transport, Trunk

YES_OR_NO = {"yes": True, "no": False}
TRUNK_KEYS = (
    "allow", "numbers", "codecs", "max_calls_in", "max_calls_out", "privacy",
    "host", "transport", "register", "user", "password", "expires", "keepalive",
    "order", "dial", "dial_form", "caller_id", "caller_id_in", "failover_after",
)  # fmt: skip
_OUTWARD_KEYS = (
    "transport", "register", "user", "password", "expires", "keepalive",
    "order", "dial", "dial_form", "caller_id", "caller_id_in", "failover_after", "max_calls_out",
)  # fmt: skip
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_CODECS = {"pcma": Codec.PCMA, "pcmu": Codec.PCMU}


def read_trunk(section: Section, position: int) -> Trunk:
    """position: of the section among the trunks, which is their order where none is written."""
    outward = _outward(section, position)
    networks = section.networks("allow")
    if not networks and outward is None:
        section.refuse(
            f"trunk '{section.name}' says neither where its calls come from nor where its server is",
            "add allow = ADDRESS, or host = SERVER",
        )
    return Trunk(
        name=section.name,
        networks=networks,
        numbers=section.patterns("numbers"),
        codecs=_codecs(section),
        most_in=_most(section, "max_calls_in"),
        most_out=_most(section, "max_calls_out"),
        honours_privacy=section.choice("privacy", "honour", {"honour": True, "ignore": False}),
        outward=outward,
    )


def _most(section: Section, key: str) -> int | None:
    return section.number(key, 0) if key in section.values else None


def _codecs(section: Section) -> tuple[Codec, ...]:
    names = section.words("codecs", "pcma, pcmu")
    unknown = next((name for name in names if name.lower() not in _CODECS), None)
    if unknown is not None or not names:
        section.refuse(f"'{unknown or ''}' is no codec of a trunk", f"known: {', '.join(_CODECS)}", "codecs")
    return tuple(dict.fromkeys(_CODECS[name.lower()] for name in names))


def _outward(section: Section, position: int) -> Outward | None:
    if "host" not in section.values:
        stray = next((key for key in _OUTWARD_KEYS if key in section.values), None)
        if stray is not None:
            section.refuse(f"'{stray}' has no meaning without a server", "add host = SERVER", stray)
        return None
    host, port = _server(section)
    caller_id = section.text("caller_id")
    if not re.fullmatch(r"\+?[0-9]{0,20}", caller_id):
        section.refuse(
            f"'{caller_id}' is no number", "write the hotline's number as the provider knows it", "caller_id"
        )
    answer_within_s = section.number("failover_after", 5)
    if not 1 <= answer_within_s <= 30:
        section.refuse("'failover_after' is not between 1 and 30 seconds", "5 suits most trunks", "failover_after")
    caller_id_in = section.choice("caller_id_in", "from", {word.value: word for word in CallerIdIn})
    account = _account(section)
    if caller_id_in is CallerIdIn.PAI and (not caller_id or account is None):
        section.refuse("'caller_id_in = pai' needs caller_id, and user for the From", "add them", "caller_id_in")
    return Outward(
        host=host,
        port=port,
        transport=section.choice("transport", "udp", {word.value: word for word in Transport}),
        account=account,
        order=section.number("order", position),
        dials=section.patterns("dial"),
        form=section.choice("dial_form", "national", {word.value: word for word in NumberForm}),
        caller_id=caller_id,
        caller_id_in=caller_id_in,
        answer_within_s=float(answer_within_s),
        keepalive_s=float(section.number("keepalive", 30)),
    )


def _server(section: Section) -> tuple[str, int]:
    text = section.text("host")
    match = _HOST.fullmatch(text)
    host = bare(match[1]) if match else ""
    port = int(match[2] or 5060) if match else 0
    if not (is_numeric(host) or (_NAME.fullmatch(host) and not re.fullmatch(r"[0-9.]+", host))) or not 0 < port < 65536:
        section.refuse(f"'{text}' is no server", "write sip.example.cn, 192.0.2.10:5062 or [2001:db8::1]:5060", "host")
    return host, port


def _account(section: Section) -> Account | None:
    user, password = section.text("user"), section.text("password")
    registers = section.choice("register", "no", YES_OR_NO)
    if bool(user) != bool(password):
        missing, there = ("password", "user") if user else ("user", "password")
        section.refuse(f"trunk '{section.name}' has a {there} and no {missing}", f"add {missing} = …", there)
    if registers and not user:
        section.refuse("'register = yes' needs an account", "add user = … and password = …", "register")
    if user and not re.fullmatch(r"[!-~]{1,64}", user):
        section.refuse("'user' is not a plain word", "write it as the provider gave it", "user")
    expires_s = section.number("expires", 300)
    if not 60 <= expires_s <= 86_400:
        section.refuse("'expires' is not between 60 and 86400 seconds", "300 suits most trunks", "expires")
    return Account(user=user, password=password, registers=registers, expires_s=expires_s) if user else None
