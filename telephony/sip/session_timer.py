"""Session timers (RFC 4028), pure: who refreshes a call, how often, and when it is given up. Times in seconds."""

import re
from enum import StrEnum

import msgspec

LONGEST_S = 86_400
PARTING_S = 32.0
"""A call that is not refreshed ends so long before its session does, or a third of it, whichever is less (10)."""
_EXPIRES = re.compile(r"\s*([0-9]{1,9})\s*((?:;[^;]*)*)", re.ASCII)


class Refresher(StrEnum):
    """Of the request that set the session up: its sender (uac) or its receiver (uas)."""

    UAC = "uac"
    UAS = "uas"


class SessionLimits(msgspec.Struct, frozen=True, kw_only=True):
    """wished_s: the interval that we ask for. min_s: the least that we accept (the RFC says 90 at least)."""

    wished_s: int = 1800
    min_s: int = 90


class SessionWords(msgspec.Struct, frozen=True, kw_only=True):
    """What a request or response says of it. expires_s: None when it says nothing."""

    expires_s: int | None = None
    refresher: Refresher | None = None
    min_s: int = 0
    supported: bool = False


class TooBrief(msgspec.Struct, frozen=True, kw_only=True):
    """The interval is refused (422)."""

    min_s: int


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What we answer a request with. required: the answer has Require: timer."""

    expires_s: int
    refresher: Refresher
    required: bool

    @property
    def value(self) -> str:
        """Of the Session-Expires header."""
        return f"{self.expires_s};refresher={self.refresher}"


class SessionTimer(msgspec.Struct, frozen=True, kw_only=True):
    """A session that runs. ours: we refresh it; otherwise the far end must. from_s: when it was set up or refreshed."""

    expires_s: int
    ours: bool
    from_s: float

    @property
    def refresh_at_s(self) -> float:
        """When we refresh: half-way, so that there is time to try again (RFC 4028, 7.4)."""
        return self.from_s + self.expires_s / 2

    @property
    def ends_at_s(self) -> float:
        """When the call is ended with BYE unless it was refreshed (RFC 4028, 10)."""
        return self.from_s + self.expires_s - min(PARTING_S, self.expires_s / 3)


def read_words(expires: str | None, min_se: str | None, *, supported: bool) -> SessionWords:
    """Out of the values of Session-Expires and Min-SE; what cannot be read counts as not said."""
    least = re.match(r"\s*([0-9]{1,9})", min_se or "", re.ASCII)
    min_s = min(int(least[1]), LONGEST_S) if least else 0
    match = _EXPIRES.fullmatch(expires or "")
    if match is None:
        return SessionWords(min_s=min_s, supported=supported)
    found = re.search(r";\s*refresher\s*=\s*(uac|uas)\b", match[2].lower())
    return SessionWords(
        expires_s=min(int(match[1]), LONGEST_S),
        refresher=Refresher(found[1]) if found else None,
        min_s=min_s,
        supported=supported,
    )


def grant(words: SessionWords, limits: SessionLimits, *, present_ours: bool | None = None) -> Grant | TooBrief | None:
    """What a request that sets up or refreshes a session is answered (RFC 4028, 9); None: without a session timer.

    present_ours: whether we are the refresher now, which stays so unless the request says otherwise.
    """
    asked_s = words.expires_s
    if asked_s is None:
        if not words.supported:
            return None
        asked_s = max(limits.wished_s, words.min_s)
    if asked_s < limits.min_s:
        # Who does not know 422 put no Session-Expires in by itself: a proxy did, and gets no timer from us.
        return TooBrief(min_s=limits.min_s) if words.supported else None
    expires_s = min(asked_s, max(limits.wished_s, limits.min_s, words.min_s))
    refresher = words.refresher if words.supported else Refresher.UAS
    if refresher is None:
        refresher = Refresher.UAC if present_ours is False else Refresher.UAS
    return Grant(expires_s=expires_s, refresher=refresher, required=refresher is Refresher.UAC)


def granted(value: Grant, now_s: float) -> SessionTimer:
    """The timer that runs after we answered so."""
    return SessionTimer(expires_s=value.expires_s, ours=value.refresher is Refresher.UAS, from_s=now_s)


def agreed(words: SessionWords, now_s: float) -> SessionTimer | None:
    """The timer that runs after our request was answered with these words (RFC 4028, 7.2); None without one."""
    if not words.expires_s:
        return None
    return SessionTimer(expires_s=words.expires_s, ours=words.refresher is not Refresher.UAS, from_s=now_s)
