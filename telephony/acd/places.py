"""Places in the queue: who is told their place when, and how long they will wait at the present pace."""

from collections import Counter

from domain.acd import Pace, QueuedCall
from telephony.acd.actions import SayPosition
from telephony.acd.draft import AcdDraft, replace

FEWEST_GAPS = 5
"""Below so many observed departures nobody can honestly say how long a wait will be."""
MOST_GAPS = 20
PACE_OF_MS = 1_800_000
"""What is longer ago says nothing about the pace of now."""


def settle(draft: AcdDraft) -> None:
    """Note how fast the queues move, and tell each waiting caller how many are before them.

    That is on entering and when it changes, at most every 20 s. A caller whose phone call rings at an agent is told
    nothing; one whose switch is silent is asked for instead.
    """
    if not draft.places_changed:
        return
    before: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    news: list[tuple[QueuedCall, int]] = []
    for rank in draft.order:
        call = draft.calls[rank[-1]]
        if call.away_because or (call.hung_up and call.retry_at_ms):
            continue  # nobody waits behind one who is leaving, or is to be called back later
        place = before[call.queue]
        before[call.queue] += 1
        waiting[call.queue] += not call.offer_id
        told = call.silent_since_ms or not call.callback_number
        if told and not (call.offer_id or call.hung_up) and _has_news(draft, call, place):
            news.append((call, place))
    _note_pace(draft, waiting)
    for call, place in news:
        _tell(draft, call, place)


def wait_ms(pace: Pace | None, before: int, now_ms: int) -> int | None:
    """How long one who has so many before them will wait; None when the queue has not moved often enough to tell.

    The mean time between two who left, of the time in which somebody waited; what has passed since the last one counts
    as well, so that a queue that stands still promises nothing.
    """
    if pace is None or not pace.from_ms:
        return None
    gaps = [gap for at_ms, gap in pace.gaps if now_ms - at_ms <= PACE_OF_MS]
    if len(gaps) < FEWEST_GAPS:
        return None
    return (before + 1) * (sum(gaps) + now_ms - pace.from_ms) // len(gaps)


def _has_news(draft: AcdDraft, call: QueuedCall, place: int) -> bool:
    if call.silent_since_ms:
        return bool(call.probe_at_ms) and call.probe_at_ms <= draft.now_ms
    return call.announced != place or bool(call.say_at_ms)


def _tell(draft: AcdDraft, call: QueuedCall, place: int) -> None:
    now_ms, rules = draft.now_ms, draft.rules
    if call.silent_since_ms:
        draft.set_call(replace(call, probe_at_ms=now_ms + rules.probe_every_ms))
        probe = SayPosition(call_id=call.call_id, before=place, reason="does its switch answer?", probe=True)
        draft.actions.append(probe)
        return
    offered_at_ms = _callback_at_ms(draft, call)
    offers_callback = bool(offered_at_ms) and call.announced_at_ms < offered_at_ms <= now_ms
    first = call.announced < 0
    told_at_ms = 0 if first else call.announced_at_ms + rules.announce_every_ms
    if not first and call.announced == place and not offers_callback:
        _say_later(draft, call, _later(offered_at_ms, now_ms))
    elif told_at_ms > now_ms and not offers_callback:
        _say_later(draft, call, told_at_ms)
    else:
        draft.set_call(replace(call, announced=place, announced_at_ms=now_ms, say_at_ms=_later(offered_at_ms, now_ms)))
        estimate_ms = wait_ms(draft.paces.get(call.queue), place, now_ms)
        why = "entered" if first else "may be called back" if offers_callback else "the place changed"
        draft.actions.append(
            SayPosition(
                call_id=call.call_id,
                before=place,
                reason=why,
                wait_s=None if estimate_ms is None else -(-estimate_ms // 1000),
                callback=bool(offered_at_ms) and offered_at_ms <= now_ms,
            )
        )


def _say_later(draft: AcdDraft, call: QueuedCall, at_ms: int) -> None:
    if call.say_at_ms != at_ms:
        draft.set_call(replace(call, say_at_ms=at_ms))


def _callback_at_ms(draft: AcdDraft, call: QueuedCall) -> int:
    """When this caller is offered to be called back, 0 for never."""
    rules = draft.rules
    offered = rules.callback_after_ms is not None and rules.of(call.queue).callback and not call.callback_number
    if not offered or not call.caller_number:
        return 0
    return max(1, call.entered_at_ms + (rules.callback_after_ms or 0))


def _later(at_ms: int, now_ms: int) -> int:
    return at_ms if at_ms > now_ms else 0


def _note_pace(draft: AcdDraft, waiting: Counter[str]) -> None:
    """A departure counts when somebody had waited since the one before it."""
    now_ms = draft.now_ms
    for queue in sorted({*draft.left, *waiting}):
        pace = draft.paces.get(queue) or Pace()
        left = draft.left.get(queue, 0)
        noted = pace
        if left and pace.from_ms:
            share_ms = (now_ms - pace.from_ms) // left
            gaps = (*pace.gaps, *((now_ms, share_ms) for _ in range(left)))[-MOST_GAPS:]
            noted = replace(pace, gaps=gaps, from_ms=now_ms)
        if not waiting[queue]:
            noted = replace(noted, from_ms=0)
        elif not noted.from_ms:
            noted = replace(noted, from_ms=now_ms)
        if noted is not pace and noted != pace:
            draft.set_pace(queue, noted)
