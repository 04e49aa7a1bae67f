"""How a number written in digits is read in Chinese."""

DIGITS = "零一二三四五六七八九"


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
