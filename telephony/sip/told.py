"""What an INVITE says of who calls whom, read from sippy's message."""

from typing import Any

import structlog

from telephony.trunks.call_history import forwarded_by
from telephony.trunks.trunk_identity import ANONYMOUS, Told

LONGEST_USER = 64

logger = structlog.get_logger()


def told_of(request: Any) -> Told:
    """Headers that cannot be read count as absent."""
    return Told(
        sender=user_of(request.getHFBody("from").getUrl()) or ANONYMOUS,
        called=user_of(request.getRURI()),
        to=user_of(request.getHFBody("to").getUrl()),
        asserted=_first_user(request, "p-asserted-identity"),
        diverted=_first_user(request, "diversion") or _plain(forwarded_by(_texts(request, "history-info"))),
        privacy=tuple(word for field in request.getHFs("privacy") for word in str(field.body).split(";")),
    )


def user_of(url: Any) -> str:
    """The user of a URI without what could do harm further on: it is put into other messages, files and screens."""
    return _plain(url.username or "")


def _plain(user: str) -> str:
    return "".join(character for character in user if character.isprintable())[:LONGEST_USER]


def _texts(request: Any, name: str) -> tuple[str, ...]:
    return tuple(str(field.body) for field in request.getHFs(name))


def _first_user(request: Any, name: str) -> str:
    """Of the newest entry with one, which stands first (RFC 5806 §6); "" without, or unreadable."""
    for field in request.getHFs(name):
        body = field.body
        try:
            if not body.parsed:
                body.parse()
            user = user_of(body.getUrl())
        except (ValueError, IndexError) as error:
            logger.info("a header with an identity is unreadable", header=name, error=type(error).__name__)
            continue
        if user:
            return user
    return ""
