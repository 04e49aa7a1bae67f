"""The session of a dialog kept alive on sippy's thread: its refreshes, their glare, its end (RFC 4028, RFC 3261)."""

import random
import time
from collections.abc import Callable
from typing import Any

import msgspec
from sippy.Time.Timeout import Timeout

from domain.errors import SipError
from telephony.ports import MediaDescription
from telephony.sip import session_timer
from telephony.sip.message import ALLOWED, EXTENSIONS, header, option_tags, read_body, text_of
from telephony.sip.negotiation import Negotiation, Turn
from telephony.sip.request import OurRequest, body_of
from telephony.sip.session_timer import Grant, SessionLimits, SessionTimer, SessionWords, TooBrief
from telephony.sip.ua import DialogUA

SHORTEST_WAIT_S = 0.05
FAILED_WAIT_S = 10.0
LONGEST_RETRY_AFTER_S = 60
GONE = frozenset({408, 481})
"""Answers to a refresh that say that the far end knows nothing of the dialog any more (RFC 4028, 10)."""


def words_of(message: Any) -> SessionWords:
    """What a message says of the session's length."""
    return session_timer.read_words(
        text_of(message, "session-expires"),
        text_of(message, "min-se"),
        supported="timer" in option_tags(message, "supported") | option_tags(message, "require"),
    )


def wish_headers(limits: SessionLimits, refresher: str = "") -> tuple[Any, ...]:
    """What a request of ours says of it."""
    return (
        header("session-expires", f"{limits.wished_s}{refresher}"),
        header("min-se", str(limits.min_s)),
        header("allow", ALLOWED),
        header("supported", ", ".join(EXTENSIONS)),
    )


def grant_headers(grant: Grant | None) -> tuple[Any, ...]:
    """What our answer says of it."""
    if grant is None:
        return ()
    required = (header("require", "timer"),) if grant.required else ()
    return header("session-expires", grant.value), *required


def longer(limits: SessionLimits, words: SessionWords) -> SessionLimits:
    """Our wish after a 422 that names a greater least (RFC 4028, 7.3)."""
    least_s = max(limits.min_s, words.min_s)
    return msgspec.structs.replace(limits, min_s=least_s, wished_s=max(limits.wished_s, least_s))


class SessionKeeper:
    """on_changed: a refresh moved the far end's sound. on_gone: the far end is not there any more, with the reason.

    calls: whether we placed the call, and so own its Call-ID: that decides who waits longer after a glare.
    """

    def __init__(
        self,
        ua: DialogUA,
        negotiation: Negotiation,
        limits: SessionLimits,
        *,
        calls: bool,
        on_changed: Callable[[MediaDescription], None],
        on_gone: Callable[[int, str], None],
    ) -> None:
        self._ua = ua
        self._negotiation = negotiation
        self._limits = limits
        self._calls = calls
        self._on_changed = on_changed
        self._on_gone = on_gone
        self._timer: SessionTimer | None = None
        self._wake: Any = None
        self._refreshes = False
        self._peer_updates = False

    def learn(self, message: Any) -> None:
        """Whether the far end can UPDATE, out of its Allow."""
        methods = option_tags(message, "allow")
        if methods:
            self._peer_updates = "update" in methods

    def admit(self, request: Any) -> Grant | TooBrief | None:
        """What a refresh by the far end is answered."""
        present = self._timer.ours if self._timer else None
        return session_timer.grant(words_of(request), self._limits, present_ours=present)

    def answered(self, grant: Grant | None) -> None:
        """We accepted a request with this grant."""
        self._run(session_timer.granted(grant, time.monotonic()) if grant else None)

    def agreed(self, words: SessionWords) -> None:
        """The far end accepted our INVITE with these words."""
        self._run(session_timer.agreed(words, time.monotonic()))

    def stop(self) -> None:
        self._timer = None
        self._schedule(None)

    def _run(self, timer: SessionTimer | None) -> None:
        self._timer = timer
        if timer is None:
            self._schedule(None)
        else:
            self._schedule((timer.refresh_at_s if timer.ours else timer.ends_at_s) - time.monotonic())

    def _schedule(self, delay_s: float | None) -> None:
        if self._wake is not None:
            self._wake.cancel()
        self._wake = None if delay_s is None else Timeout(self._on_time, max(delay_s, SHORTEST_WAIT_S))

    def _on_time(self) -> None:
        self._wake = None
        timer = self._timer
        if timer is None:
            return
        if time.monotonic() >= timer.ends_at_s:
            self._on_gone(408, "session expired")
        elif timer.ours:
            # Whatever becomes of the refresh, the end of the session comes unless it was good.
            self._schedule(timer.ends_at_s - time.monotonic())
            self._refresh()

    def _refresh(self) -> None:
        if self._refreshes:
            return
        if self._negotiation.turn is not Turn.NOBODY:
            self._again(self._glare_wait_s())
            return
        self._refreshes = True
        headers = wish_headers(self._limits, ";refresher=uac")
        if self._peer_updates:
            OurRequest(self._ua, "UPDATE", self._on_update_answer, headers=headers).send()
        else:
            body = body_of(self._negotiation.offer_again())
            OurRequest(self._ua, "INVITE", self._on_reinvite_answer, body=body, headers=headers).send()

    def _on_reinvite_answer(self, response: Any) -> None:
        body = response.getBody()
        self._negotiation.withdraw()
        if 200 <= response.getSCode()[0] < 300 and body is not None:
            try:
                changed = self._negotiation.take_answer(read_body(body, self._negotiation.codecs))
            except SipError:
                # Our offer changed nothing, so the sound stays as it was.
                changed = None
            if changed is not None:
                self._on_changed(changed)
        self._on_update_answer(response)

    def _on_update_answer(self, response: Any) -> None:
        self._refreshes = False
        timer, (status, reason) = self._timer, response.getSCode()
        if timer is None:
            return
        if status < 300:
            if response.countHFs("contact") > 0:
                self._ua.retarget(response.getHFBody("contact").getUrl().getCopy())
            words = words_of(response)
            renewed = msgspec.structs.replace(timer, from_s=time.monotonic())
            self._run(session_timer.agreed(words, time.monotonic()) or renewed)
        elif status in GONE:
            self._on_gone(status, reason)
        elif status == 491:
            self._again(self._glare_wait_s())
        elif status == 422:
            self._limits = longer(self._limits, words_of(response))
            self._again(0.0)
        elif status in (405, 501) and self._peer_updates:
            self._peer_updates = False
            self._again(0.0)
        else:
            self._again(_retry_after_s(response))

    def _again(self, wait_s: float) -> None:
        """Refresh once more after wait_s, or sooner where the session would be over by then."""
        if self._timer is not None:
            self._schedule(min(wait_s, (self._timer.ends_at_s - time.monotonic()) / 2))

    def _glare_wait_s(self) -> float:
        # RFC 3261, 14.1, in steps of 10 ms.
        return random.randint(210, 400) / 100 if self._calls else random.randint(0, 200) / 100


def _retry_after_s(response: Any) -> float:
    digits = (text_of(response, "retry-after") or "").partition(" ")[0].partition(";")[0]
    return float(min(int(digits), LONGEST_RETRY_AFTER_S)) if digits.isascii() and digits.isdigit() else FAILED_WAIT_S
