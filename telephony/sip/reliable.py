"""Reliable provisional responses (RFC 3262), pure: what is sent when, and which PRACK is right. Times in seconds."""

import re

import msgspec

FIRST_REPEAT_S = 0.5
GIVE_UP_S = 32.0
"""T1 and 64 times T1 of RFC 3261."""
_RACK = re.compile(r"\s*([0-9]{1,10})\s+([0-9]{1,10})\s+([A-Z]{2,16})\s*", re.ASCII)


class Provisional(msgspec.Struct, frozen=True, kw_only=True):
    """body: our SDP, None without."""

    status: int
    reason: str
    body: str | None = None


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """The one that waits for its PRACK."""

    rseq: int
    provisional: Provisional
    since_s: float
    repeat_at_s: float
    interval_s: float


class ReliableSender(msgspec.Struct, frozen=True, kw_only=True):
    """next_rseq: the RSeq of the next one. waiting: may only leave after the PRACK of `sent` (RFC 3262, 3).

    concluded: a final response is out. Nothing is sent or repeated any more, but a late PRACK is still right.
    """

    next_rseq: int = 1
    sent: Sent | None = None
    waiting: tuple[Provisional, ...] = ()
    concluded: bool = False

    @property
    def owes_description(self) -> bool:
        """A description of ours is not acknowledged yet: a 200 has to wait for it (RFC 3262, 3)."""
        pending = (*((self.sent.provisional,) if self.sent else ()), *self.waiting)
        return any(provisional.body is not None for provisional in pending)


def send(state: ReliableSender, provisional: Provisional, now_s: float) -> tuple[ReliableSender, Sent | None]:
    """The response to send now, None when it has to wait."""
    if state.sent is not None:
        return msgspec.structs.replace(state, waiting=(*state.waiting, provisional)), None
    sent = Sent(
        rseq=state.next_rseq,
        provisional=provisional,
        since_s=now_s,
        repeat_at_s=now_s + FIRST_REPEAT_S,
        interval_s=FIRST_REPEAT_S,
    )
    return msgspec.structs.replace(state, sent=sent, next_rseq=state.next_rseq + 1), sent


def acknowledge(
    state: ReliableSender, rseq: int, now_s: float
) -> tuple[ReliableSender, Provisional | None, Sent | None]:
    """(state, what was acknowledged, what to send now); nothing is acknowledged by a PRACK of another number (481)."""
    if state.sent is None or state.sent.rseq != rseq:
        return state, None, None
    acknowledged = state.sent.provisional
    state = msgspec.structs.replace(state, sent=None)
    if not state.waiting:
        return state, acknowledged, None
    state, following = send(msgspec.structs.replace(state, waiting=state.waiting[1:]), state.waiting[0], now_s)
    return state, acknowledged, following


def conclude(state: ReliableSender) -> ReliableSender:
    """A final response leaves (RFC 3262, 3)."""
    return msgspec.structs.replace(state, waiting=(), concluded=True)


def repeat(state: ReliableSender, now_s: float) -> tuple[ReliableSender, Sent | None, bool]:
    """(state, what to send again now, whether to give up: the far end never acknowledged)."""
    sent = state.sent
    if sent is None or state.concluded:
        return state, None, False
    if now_s - sent.since_s >= GIVE_UP_S:
        return msgspec.structs.replace(state, sent=None, waiting=()), None, True
    if now_s < sent.repeat_at_s:
        return state, None, False
    interval_s = sent.interval_s * 2
    sent = msgspec.structs.replace(sent, repeat_at_s=now_s + interval_s, interval_s=interval_s)
    return msgspec.structs.replace(state, sent=sent), sent, False


class ReliableReceiver(msgspec.Struct, frozen=True, kw_only=True):
    """tag: of the dialog that they belong to. last: the RSeq of the newest one taken; 0 before the first."""

    tag: str = ""
    last: int = 0


def take(state: ReliableReceiver, tag: str, rseq: int) -> tuple[ReliableReceiver, bool]:
    """Whether this one is next, and so to be acknowledged and used; repeats and gaps are not (RFC 3262, 4)."""
    if tag != state.tag:
        state = ReliableReceiver(tag=tag)
    if rseq < 1 or (state.last and rseq != state.last + 1):
        return state, False
    return ReliableReceiver(tag=tag, last=rseq), True


def read_rack(text: str | None) -> tuple[int, int, str] | None:
    """(RSeq, CSeq number, method) of a RAck header, None when it is none."""
    match = _RACK.fullmatch(text or "")
    return (int(match[1]), int(match[2]), match[3]) if match else None
