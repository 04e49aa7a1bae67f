"""Who forwarded a call to us, out of History-Info (RFC 7044), by which IMS networks say what Diversion says. Pure."""

import re
from urllib.parse import unquote

import msgspec

_ENTRY = re.compile(r"<([^<>]{1,1000})>((?:\s*;[^,;<>]{0,200}){0,12})")
_USER = re.compile(r"(?:sips?:([^@;?]{1,200})[^@?]{0,400}@|tel:([^;?]{1,64}))", re.IGNORECASE)
_CAUSE = re.compile(r"cause(?:=|%3d)\s*[1-9]", re.IGNORECASE)
_WITHHELD = re.compile(r"privacy(?:=|%3d)[^&]*history", re.IGNORECASE)
_INDEX = re.compile(r";\s*index\s*=\s*([0-9.]{1,100})\s*(?:;|$)", re.IGNORECASE)
_FROM = re.compile(r";\s*(?:mp|rc)\s*=\s*([0-9.]{1,100})\s*(?:;|$)", re.IGNORECASE)
_MOST_ENTRIES = 50


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One whom the call went to. index, came_from: of this entry, and of the one that sent it here, "" where not said.

    forwarded: a cause stands with it (RFC 4458, or a Reason), so that whoever it came from has given it on.
    """

    user: str
    index: str
    came_from: str
    forwarded: bool
    withheld: bool


def entries_of(values: tuple[str, ...]) -> list[Entry]:
    """Of the header's values in order; what cannot be read is left out."""
    found = []
    for uri, parameters in _ENTRY.findall(", ".join(values))[:_MOST_ENTRIES]:
        user, index, came_from = _USER.match(uri), _INDEX.search(parameters), _FROM.search(parameters)
        found.append(
            Entry(
                user=unquote(user[1] or user[2]) if user else "",
                index=index[1] if index else "",
                came_from=came_from[1] if came_from else "",
                forwarded=bool(_CAUSE.search(uri) or _CAUSE.search(parameters)),
                withheld=bool(_WITHHELD.search(uri)),
            )
        )
    return found


def forwarded_by(values: tuple[str, ...]) -> str:
    """The user of whoever forwarded the call last; "" when nobody has, or when they withhold it."""
    entries = entries_of(values)
    last = next((place for place in reversed(range(len(entries))) if entries[place].forwarded), 0)
    if not last:
        return ""
    came_from = entries[last].came_from
    before = next((each for each in entries if came_from and each.index == came_from), entries[last - 1])
    return "" if before.withheld else before.user
