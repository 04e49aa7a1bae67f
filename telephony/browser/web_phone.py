"""One browser telephone, pure: what happens to it → what must be done.

    connection   AWAY ─connected→ UP ─lost→ LOST ─connected→ UP              LOST, SILENT for grace_ms → AWAY
                                  UP ─page says nothing→ SILENT ─page heard→ UP
    call         none ─placed→ RINGING ─taken→ TALKING ─lost→ HELD ─connected→ TALKING

A page that is loaded anew, or a network that stumbles, loses the connection for some seconds: the telephone stays
registered and keeps its call meanwhile. A caller who is talked with is held, one who rings goes on ringing; when the
connection is back, both go on by themselves. When it does not come back, the telephone is gone and its call is over.
A page that says nothing for alive_limit_ms counts as lost too, but not while it talks: its sound shows that it lives.
"""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from domain.web_phone import WebCallStage, WebPhoneCall, WebPhoneView

replace = msgspec.structs.replace
NOT_THERE = (480, "Temporarily Unavailable")
BUSY = (486, "Busy Here")
NO_ANSWER = (408, "Request Timeout")
DECLINED = (603, "Decline")


@dataclass(frozen=True)
class WebPhoneRules:
    """registration_ms: how long others believe in the telephone when its switch dies; refreshed at half of it."""

    grace_ms: int = 15_000
    alive_limit_ms: int = 20_000
    registration_ms: int = 300_000


class Link(StrEnum):
    """Of the connection."""

    AWAY = "away"
    UP = "up"
    LOST = "lost"
    SILENT = "silent"


class WebPhoneState(msgspec.Struct, frozen=True, kw_only=True):
    """heard_ms: when the page was heard last; lost_ms: since when it is lost or silent; ring_until_ms: of the call.

    calls: how many calls it has had. registered_until_ms: as others were told, 0 when it is not registered.
    """

    agent_id: str
    link: Link = Link.AWAY
    connection_id: str = ""
    heard_ms: int = 0
    lost_ms: int = 0
    call: WebPhoneCall | None = None
    ring_until_ms: int = 0
    calls: int = 0
    registered_until_ms: int = 0

    @property
    def view(self) -> WebPhoneView:
        return WebPhoneView(
            agent_id=self.agent_id, connection_id=self.connection_id, up=self.link is Link.UP, call=self.call
        )


class Connected(msgspec.Struct, frozen=True):
    connection_id: str


class ConnectionLost(msgspec.Struct, frozen=True):
    connection_id: str


class PageHeard(msgspec.Struct, frozen=True):
    """The page said something; its connection is the one that counts."""


class PageLeft(msgspec.Struct, frozen=True):
    """The agent gave the telephone up."""


class SoundStopped(msgspec.Struct, frozen=True):
    """Nothing comes from the browser though it talks."""


class SoundBack(msgspec.Struct, frozen=True):
    """It comes again."""


class CallPlaced(msgspec.Struct, frozen=True):
    """at_once: the page shall answer by itself."""

    ring_until_ms: int
    at_once: bool = False


class CallDropped(msgspec.Struct, frozen=True):
    """Whoever placed the call has ended it."""


class CallTaken(msgspec.Struct, frozen=True):
    number: int


class CallRefused(msgspec.Struct, frozen=True):
    number: int


class CallHungUp(msgspec.Struct, frozen=True):
    number: int


class TimePassed(msgspec.Struct, frozen=True):
    """Comes about once a second."""


WebPhoneEvent = (
    Connected
    | ConnectionLost
    | PageHeard
    | PageLeft
    | SoundStopped
    | SoundBack
    | CallPlaced
    | CallDropped
    | CallTaken
    | CallRefused
    | CallHungUp
    | TimePassed
)


class CloseConnection(msgspec.Struct, frozen=True):
    connection_id: str


class TellRegistration(msgspec.Struct, frozen=True):
    """expires_at_ms: 0 when the telephone is gone."""

    expires_at_ms: int


class ShowPage(msgspec.Struct, frozen=True):
    """The page must hear how it stands."""


class RingLeg(msgspec.Struct, frozen=True):
    pass


class AnswerLeg(msgspec.Struct, frozen=True):
    pass


class HoldLeg(msgspec.Struct, frozen=True):
    """The far end hears nobody for now."""


class ResumeLeg(msgspec.Struct, frozen=True):
    pass


class EndLeg(msgspec.Struct, frozen=True):
    by_remote: bool
    status: int
    reason: str


WebPhoneAction = CloseConnection | TellRegistration | ShowPage | RingLeg | AnswerLeg | HoldLeg | ResumeLeg | EndLeg
Step = tuple[WebPhoneState, list[WebPhoneAction]]


def step(state: WebPhoneState, event: WebPhoneEvent, now_ms: int, rules: WebPhoneRules) -> Step:
    """What the event makes of the telephone, and what must be done, in this order."""
    match event:
        case Connected(connection_id):
            return _connected(state, connection_id, now_ms, rules)
        case ConnectionLost(connection_id):
            return _lost(state, now_ms) if connection_id == state.connection_id else (state, [])
        case PageHeard():
            heard = replace(state, heard_ms=now_ms)
            return (replace(heard, link=Link.UP), [ShowPage()]) if state.link is Link.SILENT else (heard, [])
        case PageLeft():
            return _gone(state)
        case SoundStopped():
            return _hold(state)
        case SoundBack():
            return _resume(state)
        case TimePassed():
            return _time(state, now_ms, rules)
        case _:
            return _call(state, event, now_ms)


def refusal(state: WebPhoneState) -> tuple[int, str] | None:
    """Why it cannot be called now, as a SIP status; None when it can."""
    if state.link is Link.AWAY:
        return NOT_THERE
    return None if state.call is None else BUSY


def _connected(state: WebPhoneState, connection_id: str, now_ms: int, rules: WebPhoneRules) -> Step:
    older = state.connection_id
    closing: list[WebPhoneAction] = [CloseConnection(older)] if older and older != connection_id else []
    up = replace(state, link=Link.UP, connection_id=connection_id, heard_ms=now_ms, lost_ms=0)
    up, resumed = _resume(up)
    up, told = _register(up, now_ms, rules)
    return up, [*closing, *told, *resumed, *([] if resumed else [ShowPage()])]


def _lost(state: WebPhoneState, now_ms: int) -> Step:
    if state.link is Link.LOST:
        return state, []
    lost = replace(state, link=Link.LOST, lost_ms=now_ms)
    held, actions = _hold(lost)
    return held, actions or [ShowPage()]


def _hold(state: WebPhoneState) -> Step:
    if state.call is None or state.call.stage is not WebCallStage.TALKING:
        return state, []
    return replace(state, call=replace(state.call, stage=WebCallStage.HELD)), [HoldLeg(), ShowPage()]


def _resume(state: WebPhoneState) -> Step:
    if state.call is None or state.call.stage is not WebCallStage.HELD or state.link is Link.LOST:
        return state, []
    return replace(state, call=replace(state.call, stage=WebCallStage.TALKING)), [ResumeLeg(), ShowPage()]


def _gone(state: WebPhoneState) -> Step:
    """Nobody is at the telephone any more."""
    actions: list[WebPhoneAction] = []
    ended, over = _end(state, by_remote=True, why=NOT_THERE)
    if state.connection_id:
        actions.append(CloseConnection(state.connection_id))
    if state.registered_until_ms:
        actions.append(TellRegistration(0))
    away = replace(ended, link=Link.AWAY, connection_id="", lost_ms=0, registered_until_ms=0)
    return away, [*actions, *(over or [ShowPage()])]


def _time(state: WebPhoneState, now_ms: int, rules: WebPhoneRules) -> Step:
    if state.link is Link.AWAY:
        return state, []
    if state.link is not Link.UP and now_ms - state.lost_ms >= rules.grace_ms:
        return _gone(state)
    talks = state.call is not None and state.call.stage is WebCallStage.TALKING
    if state.link is Link.UP and not talks and now_ms - state.heard_ms >= rules.alive_limit_ms:
        return replace(state, link=Link.SILENT, lost_ms=now_ms), [ShowPage()]
    if state.call is not None and state.call.stage is WebCallStage.RINGING and now_ms >= state.ring_until_ms:
        return _end(state, by_remote=True, why=NO_ANSWER)
    return _register(state, now_ms, rules)


def _register(state: WebPhoneState, now_ms: int, rules: WebPhoneRules) -> Step:
    """Tell others that the telephone is there, when they do not know, or would soon no longer believe it."""
    if state.registered_until_ms - now_ms > rules.registration_ms // 2:
        return state, []
    until_ms = now_ms + rules.registration_ms
    return replace(state, registered_until_ms=until_ms), [TellRegistration(until_ms)]


def _call(state: WebPhoneState, event: WebPhoneEvent, now_ms: int) -> Step:
    call = state.call
    match event:
        case CallPlaced(ring_until_ms, at_once) if refusal(state) is None:
            number = state.calls + 1
            rings = WebPhoneCall(number=number, stage=WebCallStage.RINGING, at_once=at_once)
            placed = replace(state, call=rings, calls=number, ring_until_ms=ring_until_ms)
            return placed, [RingLeg(), ShowPage()]
        case CallDropped():
            return _end(state, by_remote=False, why=(200, "OK"))
        case CallTaken(number) if call is not None and _rings(call, number):
            talks = replace(call, stage=WebCallStage.TALKING)
            return replace(state, call=talks, heard_ms=now_ms), [AnswerLeg(), ShowPage()]
        case CallRefused(number) if call is not None and _rings(call, number):
            return _end(state, by_remote=True, why=DECLINED)
        case CallHungUp(number) if call is not None and call.number == number:
            return _end(state, by_remote=True, why=(200, "OK"))
    return state, []


def _rings(call: WebPhoneCall, number: int) -> bool:
    return call.number == number and call.stage is WebCallStage.RINGING


def _end(state: WebPhoneState, *, by_remote: bool, why: tuple[int, str]) -> Step:
    """The call is over, the connection stays."""
    if state.call is None:
        return state, []
    status, reason = why
    return replace(state, call=None, ring_until_ms=0), [EndLeg(by_remote, status, reason), ShowPage()]
