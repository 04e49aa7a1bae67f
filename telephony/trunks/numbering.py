"""Chinese telephone numbers: the many ways in which networks write one, read into one, and written as a trunk wants.

Sources: the national numbering plan (电信网编号计划, 工信部, 2017 edition): trunk prefix 0, international prefix 00,
country code 86; mobile numbers of 11 digits that begin with 1; area codes 10 and 2x with 8-digit numbers, three digits
beginning with 3 to 9 with 7 or 8; service numbers without area code (1xx, 12xxx, 95xxx, 96xxx, 400, 800).
"""

import re
from enum import StrEnum

import msgspec

COUNTRY_CODE = "86"
INTERNATIONAL_PREFIX = "00"
TRUNK_PREFIX = "0"
LONGEST = 15
"""Digits of an international number (ITU-T E.164)."""

_SEPARATORS = re.compile(r"[\s().\-/]")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_THREE_DIGITS = r"(?![48]00)[3-9][0-9]{2}"
"""Of an area code without its 0: 400 and 800 stand before free numbers instead."""
_WITH_AREA = re.compile(rf"(?:(?:10|2[0-9])[2-9][0-9]{{7}}|{_THREE_DIGITS}[2-9][0-9]{{6,7}})")
"""An area code without its 0, and the subscriber."""
_SERVICE_ELSEWHERE = re.compile(rf"(?:10|2[0-9]|{_THREE_DIGITS})(?:1[0-9]{{2}}|12[0-9]{{3}}|9[56][0-9]{{3,6}})")
"""A service number of another city, behind that city's area code: 0571 12345."""
_SUBSCRIBER = re.compile(r"[2-8][0-9]{6,7}")
_SERVICE = re.compile(r"1[0-9]{2}|1[0-2][0-9]{3}|1010[0-9]{4}|9[56][0-9]{3,6}|[48]00[0-9]{7}")
_AREA_CODE = re.compile(rf"0(?:10|2[0-9]|{_THREE_DIGITS})")


class NumberKind(StrEnum):
    """What a number is. OTHER: nothing that the plan knows; it is left as it came."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    SERVICE = "service"
    FOREIGN = "foreign"
    OTHER = "other"


class NumberForm(StrEnum):
    """How a trunk wants numbers. For 022 2345 6789, in area 022:

    NATIONAL: 02223456789 (mobile: 13812345678). LOCAL: 23456789, own area without its code; else as NATIONAL.
    LONG_DISTANCE: as NATIONAL, and mobile numbers with a 0 before them. E164: +862223456789. INTERNATIONAL:
    00862223456789. PLAIN: 862223456789. Service numbers of one's own area are the same in each.
    """

    NATIONAL = "national"
    LOCAL = "local"
    LONG_DISTANCE = "long_distance"
    E164 = "e164"
    INTERNATIONAL = "international"
    PLAIN = "plain"


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """A number that was read. digits: as people here dial it: 02223456789, 13812345678, 12345, 0014155550100.

    OTHER keeps what came, since it may be an extension, a word or half a number.
    """

    kind: NumberKind
    digits: str


def is_area_code(text: str) -> bool:
    """Whether it is a Chinese area code with its 0, as 010, 022 or 0571."""
    return _AREA_CODE.fullmatch(text) is not None


def read_number(text: str, area_code: str = "") -> Number:
    """What this number is, whichever way it is written. area_code: the hotline's own, with its 0, for local numbers.

    Reads +86, 0086 and 86 before a number, a 0 before a mobile number, a landline number without its 0 or without its
    area code, and the separators that people write.
    """
    plain = _SEPARATORS.sub("", text)
    digits = plain.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return Number(kind=NumberKind.OTHER, digits=text)
    international = plain.startswith("+") or digits.startswith(INTERNATIONAL_PREFIX)
    digits = digits.removeprefix(INTERNATIONAL_PREFIX) if international else digits
    if international and not digits.startswith(COUNTRY_CODE):
        return _foreign(text, digits)
    if international:
        read = _with_country_code(digits.removeprefix(COUNTRY_CODE), area_code)
    else:
        read = _without_country_code(digits, area_code)
    return read or Number(kind=NumberKind.OTHER, digits=text)


def _foreign(text: str, digits: str) -> Number:
    if 7 <= len(digits) <= LONGEST and not digits.startswith("0"):
        return Number(kind=NumberKind.FOREIGN, digits=f"{INTERNATIONAL_PREFIX}{digits}")
    return Number(kind=NumberKind.OTHER, digits=text)


def _with_country_code(rest: str, area_code: str) -> Number | None:
    """After +86, where an area code is always there; some networks leave its 0 in."""
    digits = rest.removeprefix(TRUNK_PREFIX)
    if _MOBILE.fullmatch(digits):
        return Number(kind=NumberKind.MOBILE, digits=digits)
    if _SERVICE.fullmatch(rest):
        return Number(kind=NumberKind.SERVICE, digits=rest)
    return _behind_area_code(digits, area_code)


def _without_country_code(digits: str, area_code: str) -> Number | None:
    rest = digits.removeprefix(TRUNK_PREFIX)
    if _MOBILE.fullmatch(rest):
        return Number(kind=NumberKind.MOBILE, digits=rest)
    if digits.startswith(TRUNK_PREFIX):
        return _behind_area_code(rest, area_code)
    if _SERVICE.fullmatch(digits):
        return Number(kind=NumberKind.SERVICE, digits=digits)
    if _WITH_AREA.fullmatch(digits):
        return Number(kind=NumberKind.LANDLINE, digits=TRUNK_PREFIX + digits)
    if _SUBSCRIBER.fullmatch(digits) and area_code:
        return Number(kind=NumberKind.LANDLINE, digits=area_code + digits)
    if digits.startswith(COUNTRY_CODE):
        return _with_country_code(digits.removeprefix(COUNTRY_CODE), area_code)
    return None


def _behind_area_code(rest: str, area_code: str) -> Number | None:
    """rest: area code without its 0, and what is behind it. The own area's service numbers lose the code."""
    if _WITH_AREA.fullmatch(rest):
        return Number(kind=NumberKind.LANDLINE, digits=TRUNK_PREFIX + rest)
    if _SERVICE_ELSEWHERE.fullmatch(rest):
        full = TRUNK_PREFIX + rest
        own = bool(area_code) and full.startswith(area_code)
        return Number(kind=NumberKind.SERVICE, digits=full.removeprefix(area_code) if own else full)
    return None


def write_number(number: Number, form: NumberForm, area_code: str = "") -> str:
    """`number` as a trunk wants it."""
    digits = number.digits
    if number.kind is NumberKind.OTHER or (number.kind is NumberKind.SERVICE and not digits.startswith(TRUNK_PREFIX)):
        return digits
    if number.kind is NumberKind.FOREIGN:
        return _world_form(digits.removeprefix(INTERNATIONAL_PREFIX), form)
    if form is NumberForm.LONG_DISTANCE and number.kind is NumberKind.MOBILE:
        return TRUNK_PREFIX + digits
    if form is NumberForm.LOCAL and area_code and digits.startswith(area_code):
        return digits.removeprefix(area_code)
    if form in (NumberForm.NATIONAL, NumberForm.LOCAL, NumberForm.LONG_DISTANCE):
        return digits
    return _world_form(COUNTRY_CODE + digits.removeprefix(TRUNK_PREFIX), form)


def _world_form(digits: str, form: NumberForm) -> str:
    """digits: country code and number."""
    if form is NumberForm.E164:
        return f"+{digits}"
    return digits if form is NumberForm.PLAIN else f"{INTERNATIONAL_PREFIX}{digits}"
