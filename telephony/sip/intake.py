"""What comes on the SIP ports, looked at before sippy sees it: a flood of rubbish costs a regular expression each.

What can be SIP, and is not dealt with at the door, is posted to sippy's thread, at most BACKLOG messages ahead of it.
Strangers may fill only a part of that, so that trunks and phones come through.
"""

import re
from collections.abc import Callable
from typing import Any

from telephony.sip.doorman import Doorman
from telephony.sip.framing import LARGEST
from telephony.sip.metrics import DATAGRAMS_DROPPED
from telephony.sip.thread import fault_log

BACKLOG = 2000
STRANGERS_BACKLOG = 200
SMALLEST = 32

_FIRST_LINE = re.compile(rb"(?:SIP/2\.0 [1-6][0-9]{2}[ \r\n]|[A-Z]{2,16} [!-~]{3,400} SIP/2\.0\r?\n)")
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")

Post = Callable[..., None]
Handle = Callable[[bytes, Any, Any, Any], None]
"""sippy's handler: message, where from (Remote_address), the way back, when (MonoTime)."""


class Intake:
    """post: hands a call to sippy's thread, where `handle` is called."""

    def __init__(self, post: Post, handle: Handle, doorman: Doorman) -> None:
        self._post = post
        self._handle = handle
        self._doorman = doorman
        self._posted = 0
        self._handled = 0

    def offer(self, data: bytes, remote: Any, way: Any, arrived: Any) -> str:
        """From the sockets' threads: take a message, or say why not."""
        known = self._doorman.knows(remote.received)
        why = ("" if known else self._doorman.look(remote.received)) or why_not(data)
        if not why and self._doorman.challenge(data, remote, way):
            return ""
        if not why and self._posted - self._handled >= (BACKLOG if known else STRANGERS_BACKLOG):
            why = "backlog"
        if why:
            DATAGRAMS_DROPPED.labels(why).inc()
            return why
        self._posted += 1
        self._post(self._take, data, remote, way, arrived)
        return ""

    def _take(self, data: bytes, remote: Any, way: Any, arrived: Any) -> None:
        """On sippy's thread."""
        self._handled += 1
        try:
            self._handle(data, remote, way, arrived)
        except Exception:
            fault_log.report("a message could not be handled")


def why_not(data: bytes) -> str:
    """What keeps this from being a SIP message at a first look; "" when nothing does."""
    if not SMALLEST <= len(data) <= LARGEST:
        return "size"
    if not _FIRST_LINE.match(data):
        return "no SIP"
    if not _END_OF_HEADERS.search(data):
        # RFC 3261 §7: an INVITE cut in its headers would be taken for one without an offer, answered, and stay up
        # until its ACK is missed.
        return "cut headers"
    try:
        data.decode()
    except UnicodeDecodeError:
        return "no UTF-8"
    return ""
