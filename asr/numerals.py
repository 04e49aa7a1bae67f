"""How a number written in digits is read in Chinese, and which number a reading means."""

import re

DIGITS = "零一二三四五六七八九"
_VALUES = {digit: value for value, digit in enumerate(DIGITS)} | {"〇": 0, "幺": 1}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_SHORTENED = re.compile(r"(?<=[百千万亿])[一二三四五六七八九]$")
_LEFT_OUT = {"百": "十", "千": "百", "万": "千", "亿": "千万"}


def one_by_one(digits: str) -> str:
    """Digit by digit: '120' is 一二零."""
    return "".join(DIGITS[int(digit)] for digit in digits)


def read(number: str) -> str:
    """A number (digits with at most one '.') as it is read: long ones and those with a leading zero digit by digit,
    others by value."""
    whole, _, fraction = number.partition(".")
    if fraction:
        return f"{by_value(int(whole))}点{one_by_one(fraction)}"
    is_code = (len(whole) >= 5 and not whole.endswith("000")) or whole.startswith("0") or len(whole) > 8
    return one_by_one(whole) if is_code else by_value(int(whole))


def by_value(value: int) -> str:
    """A whole number from 0 by its value: 120 is 一百二十; from 10¹² on digit by digit."""
    if value == 0:
        return "零"
    if value >= 10**12:
        return one_by_one(str(value))
    out, gap = "", False
    for unit, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part = value // unit % 10**4
        if part:
            out += ("零" if out and (part < 1000 or gap) else "") + _below_ten_thousand(part) + name
        gap = bool(out) and not part
    return out[1:] if out.startswith("一十") else out


def _below_ten_thousand(value: int) -> str:
    out, skipped = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            out += ("零" if skipped and out else "") + DIGITS[digit] + name
        skipped = not digit
    return out


def value_of(spoken: str) -> int | None:
    """The whole number that is said by its value: 一百二十 and 一百二 are 120, 两千零八 is 2008.

    None for whatever else: an approximate one (三四百, 十七八), digits one by one (一零二), a unit alone (千万).
    """
    said = spoken.replace("两", "二").replace("〇", "零").replace("百十", "百一十").replace("千十", "千一十")
    short = _SHORTENED.search(said)
    if short:
        said += _LEFT_OUT[said[short.start() - 1]]
    value = _summed(said)
    return value if value is not None and by_value(value) == said else None


def in_digits_each(spoken: str) -> str:
    """Digits said one by one: 幺零二 is 102; "" when a character is none."""
    return "".join(str(_VALUES[char]) for char in spoken) if _VALUES.keys() >= set(spoken) else ""


def _summed(said: str) -> int | None:
    """A number's parts together, whether or not anybody would say them so; None for other characters."""
    total, section, digit = 0, 0, 0
    for char in said:
        if char in _UNITS:
            section, digit = section + (digit or 1) * _UNITS[char], 0
        elif char == "亿":
            total, section, digit = (total + section + digit) * 10**8, 0, 0
        elif char == "万":
            total, section, digit = total + (section + digit) * 10**4, 0, 0
        elif char in _VALUES:
            digit = _VALUES[char]
        else:
            return None
    return total + section + digit


def in_digits(spoken: str) -> str:
    """A number that is said by its value as it is written, with 万 and 亿 where it ends so: 三千五 is 3500, 三十万 is
    30万; "" when it is none."""
    value = value_of(spoken)
    if value is None:
        return ""
    if spoken[-1] not in "万亿":
        return str(value)
    high, _, low = spoken.rpartition("亿")
    millions = f"{value_of(high)}亿" if high else ""
    return millions + (f"{value_of(low.removesuffix('万').lstrip('零〇'))}万" if low else "")
