"""Keys by SIP INFO, as phones send them: application/dtmf-relay (Signal=5) and application/dtmf (5)."""

import re

_RELAY = re.compile(r"^\s*Signal\s*=\s*([0-9A-Da-d*#]|1[01])\s*$", re.MULTILINE)
_PLAIN = re.compile(r"\s*([0-9A-Da-d*#]|1[01])\s*")
_NAMED = {"10": "*", "11": "#"}

DIGIT_TYPES = frozenset({"application/dtmf-relay", "application/dtmf"})


def info_digit(content_type: str, body: str) -> str | None:
    """The key (0-9, *, #, A-D) that the body tells, None when it tells none."""
    match = _RELAY.search(body) if content_type == "application/dtmf-relay" else _PLAIN.fullmatch(body)
    return _NAMED.get(match[1], match[1].upper()) if match else None
