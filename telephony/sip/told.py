"""What an INVITE says of who calls whom, read from sippy's message."""

from typing import Any

import structlog

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
        diverted=_first_user(request, "diversion"),
        privacy=tuple(word for field in request.getHFs("privacy") for word in str(field.body).split(";")),
    )


def user_of(url: Any) -> str:
    """The user of a URI without what could do harm further on: it is put into other messages, files and screens."""
    return "".join(character for character in (url.username or "") if character.isprintable())[:LONGEST_USER]


def _first_user(request: Any, name: str) -> str:
    """Of the newest entry, which stands first (RFC 5806 §6); "" without, or unreadable."""
    try:
        return next((user_of(body.getUrl()) for body in request.getHFBodys(name)), "")
    except (ValueError, IndexError) as error:
        logger.info("a header with an identity is unreadable", header=name, error=type(error).__name__)
        return ""
