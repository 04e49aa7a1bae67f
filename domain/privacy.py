"""Masking of personal data for logs, metrics and `repr`."""

import re

_DIGIT_RUN = re.compile(r"\d{5,}")


def mask_number(number: str) -> str:
    """13812345678 → 138****5678; a short number keeps its last two digits."""
    if len(number) >= 9:
        return number[:3] + "*" * (len(number) - 7) + number[-4:]
    return "*" * max(0, len(number) - 2) + number[-2:]


def mask_name(name: str) -> str:
    """王小明 → 王**."""
    return name[:1] + "*" * max(0, len(name) - 1)


def mask_text(text: str) -> str:
    """Free text with every run of five or more digits masked."""
    return _DIGIT_RUN.sub(lambda match: mask_number(match.group()), text)
